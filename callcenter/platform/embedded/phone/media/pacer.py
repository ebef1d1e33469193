"""The 20 ms beat that all media of one phone is sent by."""

import asyncio
import time
from typing import Protocol

from callcenter.platform.embedded.phone.media.rtp import FRAME_SECONDS

_TOO_LATE_SECONDS = 0.2


class Paced(Protocol):
    """What the pacer drives."""

    def send_frame(self) -> None:
        """Send the next 20 ms."""

    def skip_frames(self, count: int) -> None:
        """Let so many frames go by unsent: their time is over."""


class Pacer:
    """Calls every stream once each 20 ms, on an absolute schedule: lateness never adds up.

    One timer serves all streams. A late beat is caught up at once; after a pause of more than 0.2 s (the machine
    slept, the process was stopped) the missed frames are skipped instead of sent in a burst.
    """

    def __init__(self) -> None:
        self._streams: list[Paced] = []
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def add(self, stream: Paced) -> None:
        """Drive `stream` from the next beat on."""
        if stream not in self._streams:
            self._streams.append(stream)
        if self._timer is None:
            self._due = time.monotonic()
            self._beat()

    def remove(self, stream: Paced) -> None:
        """Drive `stream` no longer."""
        if stream in self._streams:
            self._streams.remove(stream)
        if not self._streams and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self._due > _TOO_LATE_SECONDS:
            self._skip(int((now - self._due) / FRAME_SECONDS))
        while self._due <= now:
            for stream in tuple(self._streams):
                stream.send_frame()
            self._due += FRAME_SECONDS
        if self._streams:
            self._timer = asyncio.get_running_loop().call_later(self._due - time.monotonic(), self._beat)
        else:
            self._timer = None

    def _skip(self, frames: int) -> None:
        for stream in self._streams:
            stream.skip_frames(frames)
        self._due += frames * FRAME_SECONDS
