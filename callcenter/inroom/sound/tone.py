"""The tone after which a caller speaks: 440 Hz for 0.4 s, as answering machines have it, without a click."""

from functools import cache

import numpy as np

from callcenter.inroom.sound.music import RATE, Samples

HERTZ = 440.0
SECONDS = 0.4
FADE_SECONDS = 0.02
PEAK = 9_000


@cache
def beep() -> Samples:
    """24 kHz mono."""
    time = np.arange(int(SECONDS * RATE)) / RATE
    edge = np.minimum(1.0, np.minimum(time, SECONDS - time) / FADE_SECONDS)
    return np.asarray(PEAK * edge * np.sin(2 * np.pi * HERTZ * time)).astype(np.int16)
