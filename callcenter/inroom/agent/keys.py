"""The key for a person: 0, pressed alone."""

import asyncio
import time
from collections.abc import Callable

from livekit import rtc

PERSON = "0"
ALONE_SECONDS = 1.5  # so long before and after it no other key: a number that is keyed in has zeros, too


class PersonKey:
    """Listens to the caller's keys, and tells `wanted` when they press 0 and nothing else."""

    def __init__(self, room: rtc.Room, caller_identity: str, wanted: Callable[[], None]) -> None:
        self._caller_identity = caller_identity
        self._wanted = wanted
        self._last = float("-inf")
        self._alone: asyncio.TimerHandle | None = None
        room.on("sip_dtmf_received", self._on_key)

    def _on_key(self, pressed: rtc.SipDTMF) -> None:
        if pressed.participant is None or pressed.participant.identity != self._caller_identity:
            return
        self.pressed(pressed.digit)

    def pressed(self, key: str) -> None:
        """The caller pressed this key now."""
        now = time.monotonic()
        lone, self._last = now - self._last >= ALONE_SECONDS, now
        if self._alone is not None:
            self._alone.cancel()
            self._alone = None
        if key == PERSON and lone:
            self._alone = asyncio.get_running_loop().call_later(ALONE_SECONDS, self._wanted)
