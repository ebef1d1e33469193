"""G.711, the codec of the telephone network: one byte a sample at 8 kHz, as µ-law (PCMU) or A-law (PCMA).

Source: ITU-T G.711; the static RTP payload types are those of RFC 3551, table 4.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

SAMPLE_RATE = 8000


@dataclass(frozen=True, eq=False)
class Codec:
    """One law of G.711 with its tables."""

    name: str
    payload_type: int
    silence: int
    decoding: Samples
    encoding: NDArray[np.uint8]

    def decode(self, payload: bytes) -> Samples:
        """Return the samples of a payload, one for each byte."""
        return self.decoding[np.frombuffer(payload, dtype=np.uint8)]

    def encode(self, samples: Samples) -> bytes:
        """Return the payload that carries these samples, one byte for each."""
        return self.encoding[samples.view(np.uint16)].tobytes()


@cache
def codec(name: str) -> Codec:
    """Return the codec called `PCMU` or `PCMA`; raises KeyError for any other name."""
    return {"PCMU": _mu_law, "PCMA": _a_law}[name]()


def codec_of_payload_type(payload_type: int) -> Codec | None:
    """Return the codec of a static RTP payload type, None if it is not G.711."""
    name = {0: "PCMU", 8: "PCMA"}.get(payload_type)
    return codec(name) if name else None


def _mu_law() -> Codec:
    codes = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitudes = ((((codes & 0x0F) << 3) + 0x84) << ((codes & 0x70) >> 4)) - 0x84
    decoding = np.where(codes & 0x80, -magnitudes, magnitudes).astype(np.int16)

    every = _every_sample()
    biased = np.minimum(np.abs(every), 32635) + 0x84
    segment = np.floor(np.log2(biased)).astype(np.int32) - 7
    mantissa = (biased >> (segment + 3)) & 0x0F
    sign = np.where(every < 0, 0x80, 0)
    encoding = (~(sign | (segment << 4) | mantissa) & 0xFF).astype(np.uint8)
    return Codec("PCMU", 0, 0xFF, decoding, encoding)


def _a_law() -> Codec:
    codes = np.arange(256, dtype=np.int32) ^ 0x55
    segment = (codes & 0x70) >> 4
    mantissa = (codes & 0x0F) << 4
    magnitudes = np.where(segment == 0, mantissa + 8, (mantissa + 0x108) << np.maximum(segment - 1, 0))
    decoding = np.where(codes & 0x80, magnitudes, -magnitudes).astype(np.int16)

    every = _every_sample() >> 3
    mask = np.where(every >= 0, 0xD5, 0x55)
    magnitude = np.where(every >= 0, every, -every - 1)
    segment = np.searchsorted([0x1F, 0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF], magnitude).astype(np.int32)
    mantissa = (magnitude >> np.maximum(segment, 1)) & 0x0F
    encoding = (((segment << 4) | mantissa) ^ mask).astype(np.uint8)
    return Codec("PCMA", 8, 0xD5, decoding, encoding)


def _every_sample() -> NDArray[np.int32]:
    """All 65,536 samples in the order of their unsigned bit patterns."""
    return np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
