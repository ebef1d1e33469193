"""I7: the attendant that plays for a caller is killed or hangs."""

import asyncio
import os
import signal
from typing import Any

import pytest

from tests.journeys.caller import Callers

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(120)]

KILLED_SECONDS = 3.0
HUNG_SECONDS = 5.0


@pytest.mark.parametrize(("number", "limit"), [(signal.SIGKILL, KILLED_SECONDS), (signal.SIGSTOP, HUNG_SECONDS)])
async def test_another_attendant_plays_on_when_the_first_is_gone(
    callers: Callers, number: signal.Signals, limit: float
) -> None:
    async with callers.ring(to="+15550102") as caller:
        since = await caller.call.answered(timeout=10)
        record = await caller.until(lambda r: r["lead"] == "attendant")
        await asyncio.sleep(6)
        playing = next(o["worker"] for o in record["offers"] if o["state"] == "accepted")
        part = next(p for p in callers.stack.status()["parts"] if p.get("worker") == playing)
        os.kill(part["pid"], number)
        try:
            await caller.until(lambda r: any(o["worker"] != playing for o in accepted(r)), timeout=limit + 5)
            await asyncio.sleep(3)
            assert caller.call.heard.silences(limit, since=since) == [], "I7"
        finally:
            if number is signal.SIGSTOP:
                os.kill(part["pid"], signal.SIGCONT)
    ended = await caller.until(lambda r: r["state"] == "ended")
    assert ended["outcome"] == "abandoned"


def accepted(record: dict[str, Any]) -> list[dict[str, Any]]:
    return [offer for offer in record["offers"] if offer["kind"] == "attendant" and offer["state"] == "accepted"]
