"""What was heard (or said) in a call: every packet with its instant, and questions that tests ask about them.

Two notions of time, both on the clock of `time.monotonic`, seconds. Instants (`first_sound_at`, `silences`, …) are
those at which packets came: what came late was heard late. Samples (`pcm`, `level`) follow the packets' own timestamps,
as a jitter buffer would play them, and follow the instants again whenever the two are apart by more than 200 ms.
"""

import time
import wave
from bisect import bisect_left
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from callcenter.platform.embedded.phone.media.g711 import SAMPLE_RATE, Samples, codec_of_payload_type
from callcenter.platform.embedded.phone.media.rtp import Packet

SOUND_THRESHOLD = 150.0
_JITTER_SAMPLES = SAMPLE_RATE // 5


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch without sound, from the end of one sound to the next."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class _Heard:
    """An audio packet's place on the clock and its loudness (RMS of its samples)."""

    at: float
    seconds: float
    level: float


class Recording:
    """The audio of one direction of a call.

    Levels and thresholds are root mean squares of 16-bit samples; the default threshold, 150, is about -47 dB full
    scale: above what Opus leaves of silence, far below speech.
    """

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.ended_at: float | None = None
        self._heard: list[_Heard] = []

    def add(self, packet: Packet) -> bool:
        """Keep a packet; return whether it carries audio."""
        self.packets.append(packet)
        level = _level_of(packet)
        if level is not None:
            self._heard.append(_Heard(packet.at, len(packet.payload) / SAMPLE_RATE, level))
        return level is not None

    @property
    def started_at(self) -> float | None:
        """The instant of sample 0: that of the first audio packet, None before it."""
        return self._heard[0].at if self._heard else None

    def first_sound_at(self, after: float | None = None, threshold: float = SOUND_THRESHOLD) -> float | None:
        """Return the instant of the first packet with sound that came at `after` or later."""
        start = 0 if after is None else bisect_left(self._heard, after, key=lambda heard: heard.at)
        return next((heard.at for heard in islice(self._heard, start, None) if heard.level >= threshold), None)

    def last_sound_at(self, before: float | None = None, threshold: float = SOUND_THRESHOLD) -> float | None:
        """Return the instant at which the last sound before `before` ended: its packet's instant plus its length."""
        for heard in reversed(self._heard):
            if heard.level >= threshold and (before is None or heard.at < before):
                return heard.at + heard.seconds
        return None

    def silences(
        self,
        min_seconds: float,
        since: float | None = None,
        until: float | None = None,
        threshold: float = SOUND_THRESHOLD,
    ) -> list[Silence]:
        """Return the silences of at least `min_seconds` between `since` and `until`; missing packets are silence too.

        Without `since` it looks from the first packet on, without `until` up to the call's end, or up to now while
        the call lasts.
        """
        start = since if since is not None else self.started_at
        if start is None:
            return []
        end = until if until is not None else self.ended_at or time.monotonic()
        found: list[Silence] = []
        for heard in self._heard:
            if heard.level < threshold or heard.at + heard.seconds <= start:
                continue
            if heard.at >= end:
                break
            found.append(Silence(start, max(start, heard.at)))
            start = max(start, heard.at + heard.seconds)
        found.append(Silence(start, max(start, end)))
        return [silence for silence in found if silence.seconds >= min_seconds and silence.seconds > 0]

    def pcm(self) -> Samples:
        """Return all audio at 8 kHz from `started_at` on, with silence where packets are missing."""
        placed = self._placed()
        length = max((start + len(packet.payload) for start, packet in placed), default=0)
        samples: Samples = np.zeros(length, dtype=np.int16)
        for start, packet in placed:
            codec = codec_of_payload_type(packet.payload_type)
            if codec is not None and start >= 0:
                samples[start : start + len(packet.payload)] = codec.decode(packet.payload)
        return samples

    def level(self, window_ms: int = 20) -> NDArray[np.float64]:
        """Return the loudness of each window from `started_at` on; a last window that is not full is left out."""
        width = SAMPLE_RATE * window_ms // 1000
        samples = self.pcm()
        windows = samples[: len(samples) // width * width].reshape(-1, width).astype(np.float64)
        loudness: NDArray[np.float64] = np.sqrt((windows**2).mean(axis=1))
        return loudness

    def write_wav(self, path: str | Path) -> None:
        """Write all audio as 8 kHz mono 16-bit PCM."""
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE)
            file.writeframes(self.pcm().astype("<i2").tobytes())

    def _placed(self) -> list[tuple[int, Packet]]:
        """Each audio packet with the position of its first sample."""
        placed: list[tuple[int, Packet]] = []
        anchor: tuple[int, int, int] | None = None
        for packet in self.packets:
            if codec_of_payload_type(packet.payload_type) is None or self.started_at is None:
                continue
            by_clock = round((packet.at - self.started_at) * SAMPLE_RATE)
            if anchor is not None and anchor[0] == packet.ssrc:
                position = anchor[1] + _signed(packet.timestamp - anchor[2])
            else:
                position = by_clock
                anchor = None
            if anchor is None or abs(position - by_clock) > _JITTER_SAMPLES:
                position = by_clock
                anchor = (packet.ssrc, position, packet.timestamp)
            placed.append((position, packet))
        return placed


@dataclass(frozen=True, slots=True)
class Utterance:
    """One speech that was said: the instants at which its first and its last frame were sent."""

    first_frame_at: float
    last_frame_at: float


class SaidRecording(Recording):
    """What the phone itself sent, with the instants of each speech."""

    def __init__(self) -> None:
        super().__init__()
        self.utterances: list[Utterance] = []


def _level_of(packet: Packet) -> float | None:
    codec = codec_of_payload_type(packet.payload_type)
    if codec is None or not packet.payload:
        return None
    if packet.payload.count(codec.silence) == len(packet.payload):
        return 0.0
    samples = codec.decode(packet.payload).astype(np.float32)
    return float(np.sqrt(np.dot(samples, samples) / len(samples)))


def _signed(difference: int) -> int:
    """A difference of two 32-bit timestamps that may have wrapped around."""
    return (difference + 2**31) % 2**32 - 2**31
