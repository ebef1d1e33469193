"""A caller's sound as the desk carries it and the database keeps it: 8 kHz, mono, G.711 µ-law, a byte a sample. It came
over a telephone, so nothing is lost by that."""

import numpy as np
from numpy.typing import NDArray

RATE = 8000
FRAME_SECONDS = 0.02
# Root mean square of a frame, of 32768: -41 dBFS. Speech on a telephone is 10 to 20 dB above, a line's own noise below.
VOICE_LEVEL = 300.0
_BIAS = 0x84
_LOUDEST = 32_635

Samples = NDArray[np.int16]


def to_ulaw(samples: Samples) -> bytes:
    """G.711 µ-law of 16-bit samples (ITU-T G.711, 3.2)."""
    wide = samples.astype(np.int32)
    magnitude = np.minimum(np.abs(wide), _LOUDEST) + _BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    code = np.where(wide < 0, 0x80, 0) | (exponent << 4) | mantissa
    return bytes((~code & 0xFF).astype(np.uint8))


def from_ulaw(data: bytes) -> Samples:
    """16-bit samples of G.711 µ-law."""
    code = ~np.frombuffer(data, dtype=np.uint8).astype(np.int32) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + _BIAS) << ((code >> 4) & 0x07)) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def seconds_of(data: bytes) -> float:
    """How long this µ-law sound is."""
    return len(data) / RATE


def voiced_seconds(samples: Samples) -> float:
    """How much of this is louder than a quiet line; what does not fill a frame at the end is not judged."""
    size = int(FRAME_SECONDS * RATE)
    frames = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)
    levels = np.sqrt((frames**2).mean(axis=1))
    return float((levels >= VOICE_LEVEL).sum() * FRAME_SECONDS)
