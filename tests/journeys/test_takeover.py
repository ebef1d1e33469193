"""I4, I7: an agent dies or hangs in the middle of a call; another one goes on, and the first is never heard again."""

import asyncio
import os
import signal
import time

import pytest

from tests.journeys.caller import Caller, Callers

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(120)]

KILLED_SECONDS = 3.0
HUNG_SECONDS = 5.0
GONE_SECONDS = 2.0  # two seconds in which nobody has anything to say


async def job_of(callers: Callers, caller: Caller) -> int:
    """The process that leads the call."""
    call_id = (await caller.record())["id"]
    for _ in range(100):
        parts = (await asyncio.to_thread(callers.stack.status))["parts"]
        pids = [job["pid"] for part in parts for job in part.get("jobs", ()) if job["call_id"] == call_id]
        if pids and pids[0]:
            return int(pids[0])
        await asyncio.sleep(0.2)
    raise AssertionError("no job has this call")


async def taken_over(callers: Callers, caller: Caller, number: signal.Signals, limit: float) -> int:
    """Greeted, then the agent gets this signal, and another one speaks; returns the first one's process."""
    await caller.hears_a_turn()
    pid = await job_of(callers, caller)
    os.kill(pid, number)
    struck = time.monotonic()
    await caller.until(lambda r: sum(o["kind"] == "agent" and bool(o["accepted_at"]) for o in r["offers"]) == 2, 20)
    await caller.call.hears_sound(5, after=struck)
    assert caller.call.heard.silences(limit, since=struck, until=time.monotonic()) == [], "I7"
    return pid


async def asks_and_is_answered(caller: Caller) -> None:
    await caller.call.hears_silence(1.0, 15)
    asked = await caller.says("what are your opening hours")
    await caller.hears_a_turn(after=asked)
    assert "what are your opening hours" in [s["text"] for s in await caller.transcript() if s["speaker"] == "caller"]


async def test_i7_another_agent_goes_on_when_the_first_is_killed(callers: Callers) -> None:
    async with callers.ring() as caller:
        await caller.call.answered(10)
        await taken_over(callers, caller, signal.SIGKILL, KILLED_SECONDS)
        await asks_and_is_answered(caller)
        states = [o["state"] for o in (await caller.record())["offers"] if o["kind"] == "agent"]
        assert states == ["lost", "accepted"]


async def test_i4_an_agent_that_hung_and_wakes_up_after_its_replacement_spoke_is_not_heard(callers: Callers) -> None:
    async with callers.ring() as caller:
        await caller.call.answered(10)
        pid = await taken_over(callers, caller, signal.SIGSTOP, HUNG_SECONDS)
        try:
            await caller.call.hears_silence(1.5, 20)
        finally:
            os.kill(pid, signal.SIGCONT)
        awake = time.monotonic()
        await asyncio.sleep(GONE_SECONDS)
        assert caller.call.heard.silences(GONE_SECONDS - 0.3, since=awake, until=awake + GONE_SECONDS), "I4"
        await asks_and_is_answered(caller)
        await caller.until(lambda r: [o["state"] for o in r["offers"] if o["kind"] == "agent"] == ["lost", "accepted"])
