"""When a message is one, when its transcription is tried again, and what a WAV file of it looks like."""

import struct
from dataclasses import dataclass
from datetime import datetime, timedelta

from callcenter.platform.wire.telephone import RATE
from callcenter.platform.wire.voicemail import LEAST_VOICED_SECONDS

MOST_SECONDS = 3700  # a call's longest and some more: a sender that goes on is stopped
# Between two tries; after the last one it has failed. A model server that is away for an hour costs no transcript.
RETRY_SECONDS = (2.0, 10.0, 60.0, 300.0, 900.0, 3600.0)
# What is sent to a model at once: OpenAI takes 25 MB, and 1500 s with its newer models (platform.openai.com, speech to
# text). Ten minutes of 16-bit sound are 9.6 MB.
PIECE_SECONDS = 600

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
HEADER_BYTES = _HEADER.size
SAMPLE_BYTES = 2


def has_voice(voiced_seconds: float) -> bool:
    """Whether somebody said something."""
    return voiced_seconds >= LEAST_VOICED_SECONDS


def retry_after(attempts: int) -> float | None:
    """Seconds until the next try after so many; None when it was the last."""
    return RETRY_SECONDS[attempts - 1] if attempts <= len(RETRY_SECONDS) else None


def wav_header(samples: int) -> bytes:
    """The first 44 bytes of a WAV file: 16-bit linear, mono, 8 kHz, which every browser plays."""
    data = samples * SAMPLE_BYTES
    return _HEADER.pack(
        b"RIFF", 36 + data, b"WAVE", b"fmt ", 16, 1, 1, RATE, RATE * SAMPLE_BYTES, SAMPLE_BYTES, 16, b"data", data
    )


@dataclass(frozen=True)
class Span:
    """Bytes `first` up to and without `end` of a file of `size`."""

    first: int
    end: int
    size: int

    @property
    def whole(self) -> bool:
        return self.end - self.first == self.size


def span_of(header: str | None, size: int) -> Span | None:
    """What a Range header asks for (RFC 9110, 14.1.2); None when nothing of the file is in it. Several ranges, another
    unit or what cannot be read are not obeyed: the whole file is the answer then."""
    whole = Span(0, size, size)
    unit, equals, ranges = (header or "").partition("=")
    first, dash, last = ranges.strip().partition("-")
    numbers = all(part == "" or (part.isascii() and part.isdigit()) for part in (first, last))
    if unit.strip().lower() != "bytes" or not equals or not dash or not numbers or not (first or last):
        return whole
    if not first:
        return Span(max(0, size - int(last)), size, size) if int(last) else None
    if last and int(last) < int(first):
        return whole
    return Span(int(first), min(size, int(last) + 1 if last else size), size) if int(first) < size else None


def ended_at(started_at: datetime, samples: int) -> datetime:
    """When so much sound was over that began then."""
    return started_at + timedelta(seconds=samples / RATE)
