"""How long a supervisor's orders take, measured at the telephone and at the supervisor's ear, many times in one call.

Not part of a run: `SWITCH_TIMES=12 .venv/bin/pytest -s tests/journeys/test_switch_times.py` prints p50 and p95 in
milliseconds. `done` is until the order is confirmed, `heard` until the phone hears of it, the way of the sound (100 to
130 ms, experiments E5) included; `silent` is until the agent's last sound at the phone."""

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator

import numpy as np
import pytest

from tests.journeys.caller import Caller, Callers, until
from tests.journeys.supervisor import Supervisor, on_duty
from tests.journeys.test_escalation import greeted
from tests.journeys.tone import hears_no_tone, hears_tone
from tests.speech import speak

TIMES = int(os.environ.get("SWITCH_TIMES", "0"))
pytestmark = [
    pytest.mark.livekit, pytest.mark.timeout(570), pytest.mark.skipif(not TIMES, reason="SWITCH_TIMES says how often"),
]  # fmt: skip

Times = defaultdict[str, list[float]]
VISIBLE = (("whisper", "barge"), ("barge", "take_over"), ("take_over", "barge"), ("barge", "whisper"))
CALLERS_WORDS = "where is my order four seven one one and what are your opening hours and where is my order"


@pytest.fixture
async def sam(callers: Callers) -> AsyncIterator[Supervisor]:
    async with on_duty(callers.stack, "sam@demo.test") as supervisor:
        yield supervisor


async def test_the_times_of_accepting_switching_and_taking_over(callers: Callers, sam: Supervisor) -> None:
    times: Times = defaultdict(list)
    async with callers.ring() as caller:
        call_id = await greeted(caller)
        for _ in range(TIMES):
            await _accept(caller, sam, call_id, times)
    async with callers.ring() as caller:
        call_id = await greeted(caller)
        await sam.join(call_id, "whisper")
        sam.sounds = True
        for _ in range(TIMES):
            await _visible(caller, sam, times)
        for _ in range(TIMES):
            await _from_listen(caller, sam, times)
        sam.sounds = False
        await sam.switch("whisper")
        for _ in range(TIMES):
            await _silence(caller, sam, times)
    for name, values in sorted(times.items()):
        p50, p95 = np.percentile([1000 * value for value in values], [50, 95])
        print(f"took: {name}: p50 {p50:.0f}, p95 {p95:.0f}, most {1000 * max(values):.0f} ms ({len(values)})")


async def _accept(caller: Caller, sam: Supervisor, call_id: str, times: Times) -> None:
    """From the click to the moment in which the phone hears the supervisor, and the supervisor the phone."""
    await sam.stands("available")
    await sam.post(f"/api/calls/{call_id}/escalate", 201, reason="a rehearsal")
    asked = await until(sam.inbox, lambda e: bool(e["offered_to_me"]))
    await caller.call.hears_silence(0.9, 10)
    talking = asyncio.create_task(caller.call.say(speak(CALLERS_WORDS)))
    await asyncio.sleep(0.5)
    sam.sounds = True
    began = time.monotonic()
    await sam.accept(asked["id"])
    times["accept, done"].append(time.monotonic() - began)
    at_phone, at_supervisor = await asyncio.gather(hears_tone(caller.call.heard, began), sam.hears("sip_", began))
    times["accept, both hear each other"].append(max(at_phone, at_supervisor) - began)
    times["accept, the phone hears"].append(at_phone - began)
    await caller.until(lambda r: r["lead"] == "supervisor")
    await talking
    sam.sounds = False
    await sam.post(f"/api/calls/{call_id}/leave", 204)
    await sam.leave()
    await caller.hears_a_turn()


async def _visible(caller: Caller, sam: Supervisor, times: Times) -> None:
    for before, after in VISIBLE:
        assert sam.mode == before
        began = time.monotonic()
        times["visible, done"].append(await sam.switch(after))
        times[f"visible, done, {before} to {after}"].append(times["visible, done"][-1])
        if after == "whisper":
            times["visible, heard no more"].append(await hears_no_tone(caller.call.heard, began) - began)
        elif before == "whisper":
            times["visible, heard"].append(await hears_tone(caller.call.heard, began) - began)
        await asyncio.sleep(0.5)


async def _from_listen(caller: Caller, sam: Supervisor, times: Times) -> None:
    await sam.switch("monitor")
    await hears_no_tone(caller.call.heard, time.monotonic())
    began = time.monotonic()
    times["from Listen, done"].append(await sam.switch("take_over"))
    times["from Listen, heard"].append(await hears_tone(caller.call.heard, began) - began)
    await asyncio.sleep(0.5)


async def _silence(caller: Caller, sam: Supervisor, times: Times) -> None:
    """The agent speaks whenever a supervisor who led whispers; it is cut short in the middle of that."""
    began = time.monotonic()
    await sam.switch("take_over")
    await caller.call.hears_silence(0.6, 5)
    last = caller.call.heard.last_sound_at() or 0.0
    if last > began:  # in the first round it does not speak
        times["take-over, silent"].append(last - began)
    await sam.switch("whisper")
    await caller.call.hears_sound(10, time.monotonic())
    await asyncio.sleep(0.7)
