"""RTP packets (RFC 3550, section 5.1) and the telephone events that carry keypad digits (RFC 4733)."""

import struct
from dataclasses import dataclass

from callcenter.platform.embedded.phone.media.g711 import SAMPLE_RATE

FRAME_SECONDS = 0.02
FRAME_SAMPLES = int(SAMPLE_RATE * FRAME_SECONDS)
DIGITS = "0123456789*#ABCD"

_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
_VERSION_2 = 0x80
_EVENT_VOLUME = 10


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet and the instant (`time.monotonic`, seconds) at which it was received or sent."""

    at: float
    sequence: int
    timestamp: int
    ssrc: int
    payload_type: int
    marker: bool
    payload: bytes

    def encode(self) -> bytes:
        """Return the packet as it goes over the network."""
        second = self.payload_type | (0x80 if self.marker else 0)
        return _HEADER.pack(_VERSION_2, second, self.sequence, self.timestamp, self.ssrc) + self.payload


def decode(data: bytes, at: float) -> Packet | None:
    """Return the packet in a datagram that came at `at`; None if it is not RTP version 2."""
    if len(data) < _HEADER.size or data[0] & 0xC0 != _VERSION_2:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    start = _HEADER.size + 4 * (first & 0x0F)
    if first & 0x10 and len(data) >= start + 4:
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
    end = len(data) - (data[-1] if first & 0x20 else 0)
    return Packet(at, sequence, timestamp, ssrc, second & 0x7F, second >= 0x80, data[start:end])


@dataclass(frozen=True, slots=True)
class TelephoneEvent:
    """One report on a digit being pressed; `duration` counts in samples from the press."""

    digit: str
    duration: int
    end: bool

    def encode(self) -> bytes:
        """Return the payload of this report (RFC 4733, section 2.3)."""
        flags = (0x80 if self.end else 0) | _EVENT_VOLUME
        return _EVENT.pack(DIGITS.index(self.digit), flags, self.duration)


def decode_event(payload: bytes) -> TelephoneEvent | None:
    """Return the report in a telephone-event payload; None if it is none, or not about a keypad digit."""
    if len(payload) < _EVENT.size:
        return None
    code, flags, duration = _EVENT.unpack_from(payload)
    return TelephoneEvent(DIGITS[code], duration, flags >= 0x80) if code < len(DIGITS) else None
