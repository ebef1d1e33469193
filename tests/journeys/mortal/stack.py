"""A stack whose parts the tests let die, and how they look at it meanwhile."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from callcenter.inroom.agent.hung import HUNG_TICKS, TICK_SECONDS
from tests.campaign.verdict import SEAT_HELD
from tests.journeys.caller import Caller, Callers
from tests.stack import Stack


@dataclass(frozen=True)
class Mortal:
    """`callers` ring the stack; a file in `points` is a place to die (plumbing/failpoints.py)."""

    stack: Stack
    callers: Callers
    points: Path

    async def pid(self, part: str) -> int:
        return int((await asyncio.to_thread(self.stack.part, part))["pid"])

    async def until(self, caller: Caller, true: Callable[[dict[str, Any]], bool], timeout: float) -> dict[str, Any]:
        """Look at the caller's record until this is true of it, whatever the API answers meanwhile."""
        return await patiently(caller.record, true, timeout)

    async def no_promise_is_broken(self) -> None:
        """Every rule of the invariants page counts nothing. A seat whose job has nobody to say goodbye to, because the
        only desk is being started again, is held for that long: `all_seats_are_free` looks after those."""

        async def look() -> dict[str, Any]:
            return (await self.callers.api.get("/api/health/invariants")).raise_for_status().json()  # type: ignore[no-any-return]

        found = await patiently(look, lambda page: "items" in page, 10)
        broken = [rule for rule in found["items"] if rule["violations"]]
        assert [rule for rule in broken if not all(SEAT_HELD in str(one) for one in rule["examples"])] == []

    async def all_parts_are_healthy(self, timeout: float) -> None:
        async def look() -> dict[str, Any]:
            return await asyncio.to_thread(self.stack.status)

        await patiently(look, lambda found: all(part["healthy"] for part in found["parts"]), timeout)

    async def all_seats_are_free(self, timeout: float) -> None:
        async def look() -> dict[str, Any]:
            parts = (await asyncio.to_thread(self.stack.status))["parts"]
            jobs = [{"part": part["name"], **job} for part in parts for job in part["jobs"]]
            calls = [(await self.callers.api.get(f"/api/calls/{job['call_id']}")).json() for job in jobs]
            return {"jobs": jobs, "calls": calls}

        try:
            await patiently(look, lambda found: not found["jobs"], timeout)
        except AssertionError:
            await asyncio.sleep(HUNG_TICKS * TICK_SECONDS)  # by then a job that hangs has told where
            print(self.stack.log_tails(60, "a[gt]*"))
            raise


async def patiently(
    look: Callable[[], Awaitable[dict[str, Any]]], true: Callable[[dict[str, Any]], bool], timeout: float
) -> dict[str, Any]:
    """Look until this is true of what is seen; an API that is away or knows nothing yet is looked at again."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            seen: object = await look()
            if isinstance(seen, dict) and true(seen):
                return seen
        except (AssertionError, httpx.HTTPError) as error:
            seen = error
        assert time.monotonic() < deadline, f"still not true after {timeout} s of: {seen!r}"
        await asyncio.sleep(0.1)


def kill(pid: int, number: signal.Signals) -> float:
    """Send the signal; returns the instant, on the clock of `time.monotonic`."""
    os.kill(pid, number)
    return time.monotonic()
