"""One reading for all who ask at the same time: many open boards cost the database as much as one."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

KEPT_SECONDS = 0.5
PAUSE_SECONDS = 0.2
FORGOTTEN_SECONDS = 60.0


@dataclass
class _Slot(Generic[Value]):
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    value: Value | None = None
    news: object = None
    began: float = float("-inf")


class Latest(Generic[Key, Value]):
    """Reads anew what is older than `kept` seconds, or older than the `news` that this process has heard, and begins no
    sooner than `pause` seconds after it began the last time. Who asks because of an event therefore never gets what was
    read before it, and waits for it no longer than one pause and two readings."""

    def __init__(
        self, read: Callable[[Key], Awaitable[Value]], news: Callable[[], object],
        kept: float = KEPT_SECONDS, pause: float = PAUSE_SECONDS,
    ) -> None:  # fmt: skip
        self._read, self._news, self._kept, self._pause = read, news, kept, pause
        self._slots: dict[Key, _Slot[Value]] = {}

    async def get(self, key: Key) -> Value:
        """Raises what reading raises; the next one who asks tries anew."""
        clock = asyncio.get_running_loop().time
        self._forget(clock() - FORGOTTEN_SECONDS)
        slot = self._slots.setdefault(key, _Slot())
        async with slot.lock:
            if slot.value is not None and slot.news == self._news() and clock() - slot.began < self._kept:
                return slot.value
            await asyncio.sleep(max(0.0, slot.began + self._pause - clock()))
            slot.began, slot.news, slot.value = clock(), self._news(), None
            slot.value = await self._read(key)
            return slot.value

    def _forget(self, before: float) -> None:
        for key, slot in list(self._slots.items()):
            if slot.began < before and not slot.lock.locked():
                del self._slots[key]
