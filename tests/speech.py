"""Synthesised callers: flite's voices at telephone rate."""

import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@lru_cache(maxsize=256)
def speak(text: str, voice: str = "slt", rate: int = 8000) -> NDArray[np.int16]:
    """The text as 16-bit mono samples at this rate, the same every time (sox would dither by chance)."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "said.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(wav)], check=True, capture_output=True)
        raw = subprocess.run(
            ["sox", "-D", str(wav), "-t", "raw", "-r", str(rate), "-e", "signed", "-b", "16", "-c", "1", "-"],
            check=True, capture_output=True,
        ).stdout  # fmt: skip
    return np.frombuffer(raw, dtype=np.int16)
