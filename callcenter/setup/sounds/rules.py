"""What may be uploaded, and what becomes of it."""

import asyncio
import contextlib
import hashlib
import json
import os
import sys
from dataclasses import dataclass

RATE = 24_000
MOST_BYTES = 20 * 1024 * 1024
LONGEST_SECONDS = 300.0
DECODING_SECONDS = 45.0
PLAYABLE = "a WAV, MP3, Ogg or FLAC file that can be played"


class Unusable(ValueError):
    """The file cannot be played; the message says what would be right."""


@dataclass(frozen=True)
class Prepared:
    """A sound as it is kept: 16-bit mono PCM at 24 kHz, at one loudness; `loudness` is what it had, in LUFS."""

    audio: bytes
    loudness: float

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.audio).hexdigest()

    @property
    def seconds(self) -> float:
        return len(self.audio) / 2 / RATE


async def prepare(data: bytes) -> Prepared:
    """Decode an upload and bring it to one loudness, in a process that may die of it. Raises Unusable."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "callcenter.setup.sounds.decoder", f"{LONGEST_SECONDS:g}",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.defpath},  # what a hostile file takes over knows no secret
    )  # fmt: skip
    try:
        async with asyncio.timeout(DECODING_SECONDS):
            answer, _ = await process.communicate(data)
    except TimeoutError:
        raise Unusable(PLAYABLE) from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    head, _, audio = answer.partition(b"\n")
    if process.returncode != 0 or not head:
        raise Unusable(PLAYABLE)
    told = json.loads(head)
    if "expected" in told:
        raise Unusable(told["expected"])
    return Prepared(audio, told["loudness"])
