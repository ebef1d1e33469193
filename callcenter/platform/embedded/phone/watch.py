# ruff: noqa: ASYNC109 - every wait of the phone takes its limit as `timeout`
"""Waiting for something to become true, woken by what happens instead of by polling."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Watch:
    """Wakes everybody who waits each time something has happened that they might be waiting for."""

    def __init__(self) -> None:
        self._sleepers: set[asyncio.Future[None]] = set()

    def notify(self) -> None:
        """Let every waiter look again."""
        for sleeper in self._sleepers:
            if not sleeper.done():
                sleeper.set_result(None)
        self._sleepers.clear()

    async def until(self, look: Callable[[], T | None], timeout: float | None, what: Callable[[], str]) -> T:
        """Return what `look` finds as soon as it finds something (anything but None).

        `timeout` is in seconds, None waits for ever. Whatever `look` raises ends the waiting. Raises TimeoutError with
        the sentence of `what`, made at that moment.
        """
        try:
            async with asyncio.timeout(timeout):
                while (found := look()) is None:
                    await self._next()
                return found
        except TimeoutError as error:
            raise TimeoutError(f"{what()} (waited {timeout} s)") from error

    async def _next(self) -> None:
        sleeper = asyncio.get_running_loop().create_future()
        self._sleepers.add(sleeper)
        try:
            await sleeper
        finally:
            self._sleepers.discard(sleeper)
