"""The line of sign-ins that wait for their password to be checked."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import anyio
from anyio import CapacityLimiter

from callcenter.setup.users import rules
from callcenter.setup.users.rules import SignInBusy, Verdict

HASHES_AT_ONCE = 2  # each takes 64 MiB and a core for tens of milliseconds
MOST_WAITING = 8


class Hashing:
    """Checks passwords, two at a time, for this process; lets eight more sign-ins wait and sends the others away."""

    def __init__(self) -> None:
        self._limit = CapacityLimiter(HASHES_AT_ONCE)
        self._under_way = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place in line for one sign-in, to be taken before anything is done for it. Raises SignInBusy."""
        if self._under_way >= HASHES_AT_ONCE + MOST_WAITING:
            raise SignInBusy()
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def check(self, stored: str | None, password: str) -> Verdict:
        """`rules.check_password` beside the event loop."""
        return await anyio.to_thread.run_sync(partial(rules.check_password, stored, password), limiter=self._limit)

    async def make(self, password: str) -> str:
        """`rules.hash_password` beside the event loop."""
        return await anyio.to_thread.run_sync(partial(rules.hash_password, password), limiter=self._limit)
