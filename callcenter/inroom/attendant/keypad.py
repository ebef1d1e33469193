"""The keys that one caller presses, as livekit-sip tells them."""

import asyncio
import contextlib
from collections.abc import Iterator

from callcenter.inroom.attendant.choice import Pressed

KEYS = frozenset("0123456789*#ABCD")
KEYS_AHEAD = 32


class Keypad:
    """Keeps the caller's keys in their order for whoever asks; nobody needs more than some at once."""

    def __init__(self, caller_identity: str) -> None:
        self._caller_identity = caller_identity
        self.pressed: asyncio.Queue[Pressed] = asyncio.Queue()
        self._waiting: dict[str, asyncio.Event] = {}

    def on_key(self, identity: str, digit: str) -> None:
        """livekit-sip writes A to D in small letters and a flash as a zero byte. Others in the room have no say."""
        digit = digit.upper()
        if identity != self._caller_identity or digit not in KEYS:
            return
        if digit in self._waiting:
            self._waiting[digit].set()
        if self.pressed.qsize() < KEYS_AHEAD:
            self.pressed.put_nowait(Pressed(digit))

    @contextlib.contextmanager
    def waiting_for(self, key: str) -> Iterator[asyncio.Event]:
        """Set once the caller has pressed this key within the block."""
        self._waiting[key] = asyncio.Event()
        try:
            yield self._waiting[key]
        finally:
            del self._waiting[key]
