"""The callers' voices: synthesised questions, a cough and a hum; and whether what is heard is the answer awaited."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from callcenter.platform.embedded.phone.media.g711 import SAMPLE_RATE, Samples
from tests.speech import speak

PEAK = 12_000
TRIM_LEVEL = 200


def sentence(text: str) -> Samples:
    """The text in the voice that the recogniser knows, without the silence around it."""
    samples = speak(text)
    loud = np.nonzero(np.abs(samples) > TRIM_LEVEL)[0]
    trimmed: Samples = samples[loud[0] : loud[-1] + 1]
    return trimmed


@lru_cache
def cough() -> Samples:
    """Synthetic: an explosive burst of noise and a weaker one, 0.35 s, most of it between 500 and 2500 Hz."""
    dice = np.random.default_rng(7)
    time = np.arange(int(0.35 * SAMPLE_RATE)) / SAMPLE_RATE
    envelope = np.exp(-time / 0.05) + 0.5 * np.exp(-np.maximum(0, time - 0.17) / 0.06) * (time > 0.17)
    noise = np.convolve(dice.standard_normal(len(time)), [0.3, 0.6, 0.3], mode="same")
    return _scaled(noise * envelope * np.minimum(1, time / 0.004))


@lru_cache
def hum() -> Samples:
    """ "Mm-hm": two hums with a breath between, the second higher, 0.5 s, harmonics that fall off as behind closed
    lips."""
    first, breath, second = _hum(0.2, 190, 175), np.zeros(int(0.06 * SAMPLE_RATE)), _hum(0.24, 190, 235)
    return _scaled(np.concatenate([first, breath, second]))


def _hum(seconds: float, low: float, high: float) -> NDArray[np.float64]:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    phase = 2 * np.pi * np.cumsum(np.linspace(low, high, len(time))) / SAMPLE_RATE
    tone = sum(np.sin(k * phase) / k**1.6 for k in range(1, 9))
    return np.asarray(tone * np.minimum(1, np.minimum(time, seconds - time) / 0.03))


def _scaled(sound: NDArray[np.float64]) -> Samples:
    return np.asarray(sound / np.abs(sound).max() * PEAK).astype(np.int16)


def alike(piece: Samples, reference: Samples) -> float:
    """How much a piece of what was heard is like some part of a reference, 0 to 1: the highest normalised correlation.

    Opus and G.711 keep the waveform: the same sentence scores highest, unless a jitter buffer has stretched it.
    """
    if len(piece) < SAMPLE_RATE // 10 or len(reference) < len(piece):
        return 0.0
    needle, hay = piece.astype(np.float64), reference.astype(np.float64)
    size = 1 << (len(hay) + len(needle)).bit_length()
    product = np.fft.irfft(np.fft.rfft(hay, size) * np.conj(np.fft.rfft(needle, size)), size)
    energy = np.concatenate([[0.0], np.cumsum(hay**2)])
    starts = np.arange(len(hay) - len(needle) + 1)
    norms = np.sqrt((energy[starts + len(needle)] - energy[starts]) * (needle**2).sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.where(norms > 0, np.abs(product[starts]) / norms, 0.0)
    return float(scores.max())
