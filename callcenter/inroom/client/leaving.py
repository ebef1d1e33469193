"""How a worker stops: it drains, and when it is told twice or its time is over, its calls are handed over."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

# The control plane hands the rest over when the time is over; a worker that has not noticed by then asks for it.
ASK_AFTER_SECONDS = 10.0
# A job that is told to leave stores its last words and leaves its room; its session is given six seconds.
HANDOVER_SECONDS = 10.0


class Leaving:
    """Whether this worker drains, and how urgently."""

    def __init__(
        self,
        drain_seconds: float,
        ask_after_seconds: float = ASK_AFTER_SECONDS,
        handover_seconds: float = HANDOVER_SECONDS,
    ) -> None:
        self._patience_seconds = drain_seconds + ask_after_seconds
        self._handover_seconds = handover_seconds
        self._begun = asyncio.Event()
        self._hurry = asyncio.Event()

    @property
    def draining(self) -> bool:
        return self._begun.is_set()

    @property
    def hurry(self) -> bool:
        return self._hurry.is_set()

    def asked(self) -> None:
        """A signal: the first one drains, another one means now."""
        (self._hurry if self.draining else self._begun).set()

    def drain(self) -> None:
        """However often the desk says so, it means drain."""
        self._begun.set()

    async def begun(self) -> None:
        await self._begun.wait()

    async def empty(self, drained: Coroutine[Any, Any, object], tell: Callable[[], None]) -> None:
        """Wait until the worker has `drained`. When that takes too long, or somebody is in a hurry, `tell` the desk,
        which hands the calls over, and wait a little for their jobs to leave."""
        done, hurried = asyncio.create_task(drained), asyncio.create_task(self._hurry.wait())
        try:
            await asyncio.wait((done, hurried), timeout=self._patience_seconds, return_when=asyncio.FIRST_COMPLETED)
            if not done.done():
                self._hurry.set()
                tell()
                await asyncio.wait((done,), timeout=self._handover_seconds)
        finally:
            for task in (done, hurried):
                task.cancel()
            await asyncio.gather(done, hurried, return_exceptions=True)
