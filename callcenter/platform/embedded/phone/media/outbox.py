"""What a stream has still to send: speeches and keypad digits, cut into frames of 20 ms."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from callcenter.platform.embedded.phone.media.g711 import Codec
from callcenter.platform.embedded.phone.media.recording import Utterance
from callcenter.platform.embedded.phone.media.rtp import FRAME_SAMPLES, TelephoneEvent

_DIGIT_FRAMES = 6
_END_PACKETS = 3
_PAUSE_FRAMES = 4


@dataclass(eq=False)
class Speech:
    """Audio on its way out; `done` resolves when its last frame has been sent."""

    payload: bytes
    done: asyncio.Future[Utterance]
    position: int = 0
    first_frame_at: float = 0.0

    def next_frame(self, codec: Codec) -> bytes:
        """Return the next 20 ms, the last ones filled up with silence."""
        frame = self.payload[self.position : self.position + FRAME_SAMPLES]
        self.position += FRAME_SAMPLES
        return frame.ljust(FRAME_SAMPLES, bytes([codec.silence]))

    def sent(self, at: float) -> Utterance | None:
        """Note that a frame went out at `at`; return the whole utterance if it was the last."""
        self.first_frame_at = self.first_frame_at or at
        if self.position < len(self.payload):
            return None
        utterance = Utterance(self.first_frame_at, at)
        if not self.done.done():
            self.done.set_result(utterance)
        return utterance


@dataclass(eq=False)
class Press:
    """A key being pressed: 120 ms of tone, reported every 20 ms, its end reported three times (RFC 4733, 2.5.1.4).

    80 ms of pause follow, so that two equal digits stay two.
    """

    digit: str
    done: asyncio.Future[None]
    frames: int = 0
    pause: int = _PAUSE_FRAMES
    started: int = field(default=0)

    def next_reports(self) -> list[TelephoneEvent] | None:
        """Return what to send in the next 20 ms; None while pausing."""
        if self.frames < _DIGIT_FRAMES:
            self.frames += 1
            end = self.frames == _DIGIT_FRAMES
            report = TelephoneEvent(self.digit, self.frames * FRAME_SAMPLES, end)
            return [report] * (_END_PACKETS if end else 1)
        self.pause -= 1
        if self.pause <= 0 and not self.done.done():
            self.done.set_result(None)
        return None


class Outbox:
    """Speeches and key presses in the order in which they were asked for, presses first."""

    def __init__(self) -> None:
        self.speeches: deque[Speech] = deque()
        self.presses: deque[Press] = deque()

    def next_speech(self) -> Speech | None:
        """Return the speech that is due; those that nobody waits for any more are dropped, even half said."""
        while self.speeches and self.speeches[0].done.cancelled():
            self.speeches.popleft()
        return self.speeches[0] if self.speeches else None

    def fail(self, error: Exception) -> None:
        """Give everything up that is not sent yet."""
        pending: list[asyncio.Future[Any]] = [item.done for item in self.speeches]
        for done in pending + [item.done for item in self.presses]:
            if not done.done():
                done.set_exception(error)
                done.exception()  # asked for here, so that nobody has to
        self.speeches.clear()
        self.presses.clear()
