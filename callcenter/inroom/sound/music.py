"""Music to wait by, made here so that it belongs to nobody: soft broken chords, 24 seconds, without a seam."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

RATE = 24_000
BEAT_SECONDS = 0.5
BEATS_PER_CHORD = 8
PEAK = 9_000

# C major 7, A minor 7, D minor 7, F major 7, E minor 7, G suspended: MIDI notes, bass first.
_CHORDS = (
    (48, 64, 67, 71, 74),
    (45, 64, 67, 72, 76),
    (50, 65, 69, 72, 77),
    (41, 64, 69, 72, 76),
    (52, 62, 67, 71, 74),
    (43, 62, 65, 72, 74),
)
_ORDER = (1, 2, 3, 4, 3, 2, 3, 2)

Samples = NDArray[np.int16]


def _note(midi: int, seconds: float, loudness: float) -> NDArray[np.float64]:
    """A plucked tone: the telephone keeps 300 to 3400 Hz, so the harmonics carry the low notes."""
    time = np.arange(int(seconds * RATE)) / RATE
    pitch = 440.0 * 2 ** ((midi - 69) / 12)
    tone = sum(np.sin(2 * np.pi * pitch * k * time) * 0.6 ** (k - 1) for k in (1, 2, 3, 4))
    attack = np.minimum(1.0, time / 0.02)
    return np.asarray(loudness * attack * np.exp(-time * 1.6) * tone)


@cache
def loop() -> Samples:
    """One round of the music, 24 kHz mono. Notes that ring over its end ring on at its beginning."""
    beat = int(BEAT_SECONDS * RATE)
    total = beat * BEATS_PER_CHORD * len(_CHORDS)
    mix = np.zeros(total)
    for number, chord in enumerate(_CHORDS):
        start = number * BEATS_PER_CHORD * beat
        _ring(mix, start, _note(chord[0], 4.5, 0.5))
        for step, voice in enumerate(_ORDER):
            _ring(mix, start + step * beat, _note(chord[voice], 2.5, 0.4))
    return np.asarray(mix / np.abs(mix).max() * PEAK).astype(np.int16)


def _ring(mix: NDArray[np.float64], start: int, note: NDArray[np.float64]) -> None:
    positions = np.arange(start, start + len(note)) % len(mix)
    mix[positions] += note
