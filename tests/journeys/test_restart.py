"""Every process of ours is replaced while phones talk, wait and ring."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import pytest

from tests.journeys.caller import Caller, Callers
from tests.stack import CALLCENTER, Stack

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(420)]

# In seconds. Seven processes start while phones talk on two cores: usual answers, and none so late as after the loss of
# a hung agent (5 s).
USUAL_WAIT, LONGEST_WAIT = 2.0, 4.0
LONGEST_START = 60.0  # how soon calls are answered is asked elsewhere; here they must not fail
QUESTION = "what are your opening hours"
NOT_UNDERSTOOD = "did not understand"  # in the sentence of the order and in that of the model
DRAIN_SECONDS = 12


@dataclass
class Rolling:
    """`callcenter restart` with what it has said so far."""

    stack: Stack
    lines: list[str] = field(default_factory=list)
    said: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def run(self) -> int:
        process = await asyncio.create_subprocess_exec(
            *CALLCENTER, "restart", env=self.stack.environment, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        async for line in process.stdout:
            async with self.said:
                self.lines.append(line.decode().strip())
                self.said.notify_all()
        code = await process.wait()
        async with self.said:
            self.lines.append("over")
            self.said.notify_all()
        return code

    async def says(self, start: str) -> None:
        """Wait for a line that begins like this, or for the end."""
        async with self.said:
            await self.said.wait_for(lambda: any(line.startswith((start, "over")) for line in self.lines))


@dataclass
class Talk:
    """What one caller asked and how long the answers took."""

    asked: int = 0
    waits: list[float] = field(default_factory=list)


async def talk(caller: Caller, until: asyncio.Task[None]) -> Talk:
    """Ask and listen, again and again, and say goodbye when it is time."""
    talked = Talk()
    await caller.call.answered(timeout=LONGEST_START)
    await caller.hears_a_turn()
    while not until.done():
        asked = await caller.says(QUESTION)
        talked.asked += 1
        talked.waits.append(await caller.call.hears_sound(10, asked) - asked)
        await caller.call.hears_silence(0.9, 20)
    talked.waits.append(await says_goodbye(caller))
    return talked


async def says_goodbye(caller: Caller) -> float:
    """Until it is understood: a machine without time garbles words, as bad lines do. How long the first answer took."""
    waits = []
    for _ in range(3):
        thanked = await caller.says("thank you goodbye")
        waits.append(await caller.call.hears_sound(10, thanked) - thanked)
        with suppress(TimeoutError):
            await caller.call.ended(timeout=8)
            return waits[0]
        await caller.call.hears_silence(0.9, 20)
    raise AssertionError("no goodbye ended the call")


async def test_a_rolling_restart_under_load_fails_no_call_and_loses_no_word(tmp_path: Path) -> None:
    stack = Stack.planned(
        tmp_path / "data", CALLCENTER_AGENT_WORKERS="2", CALLCENTER_ATTENDANTS="2", CALLCENTER_ROUTERS="1",
        CALLCENTER_AGENT_SEATS="2", CALLCENTER_DRAIN_SECONDS=str(DRAIN_SECONDS),
    )  # fmt: skip
    try:
        await asyncio.to_thread(stack.up)
        headers = {"Authorization": f"Bearer {stack.key('admin')}"}
        async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=10) as api:
            await everything_is_restarted(Callers(stack, api, tmp_path))
    finally:
        await asyncio.to_thread(stack.down)


async def everything_is_restarted(callers: Callers) -> None:
    before = await asyncio.to_thread(callers.stack.status)
    rolling = Rolling(callers.stack)
    async with (
        callers.ring(from_="+15551230001") as ends,
        callers.ring(from_="+15551230002") as stays,
        callers.ring("+15550102", from_="+15551230003") as waits,
    ):
        answered = await waits.call.answered(timeout=LONGEST_START)
        agents = asyncio.create_task(rolling.says("agent: finishes"))
        over = asyncio.create_task(rolling.says("over"))
        talks = [asyncio.create_task(talk(ends, agents)), asyncio.create_task(talk(stays, over))]
        await asyncio.gather(*(c.until(lambda r: r["lead"] == "agent", LONGEST_START) for c in (ends, stays)))
        began = time.monotonic()
        restarting = asyncio.create_task(rolling.run())
        await rolling.says("api: stops")
        newcomer = await a_new_call(callers)
        assert await restarting == 0, rolling.lines
        took = time.monotonic() - began
        ended, stayed = await asyncio.gather(*talks)
        silences = waits.call.heard.silences(2.0, since=answered)
        await waits.call.hang_up()
        records = [await caller.until(over_and_done) for caller in (ends, stays, waits)]
        transcripts = [await caller.transcript() for caller in (ends, stays)]
        events = [event["type"] for event in await stays.timeline()]
    print(f"took {took:.1f} s", rolling.lines, ended, stayed, newcomer, silences, sep="\n")
    assert [(r["outcome"], r["ended_by"]) for r in records] == [
        ("completed", "agent"), ("completed", "agent"), ("abandoned", "caller"),
    ]  # fmt: skip
    for talked, segments in zip((ended, stayed), transcripts, strict=True):
        assert median(talked.waits) <= USUAL_WAIT, f"I7: {talked.waits}"
        assert max(talked.waits) <= LONGEST_WAIT, f"I7: {talked.waits}"
        heard = [s["text"].lower() for s in segments if s["speaker"] == "caller"]
        said = [s["text"] for s in segments if s["speaker"] == "agent"]
        unclear = sum(NOT_UNDERSTOOD in text for text in said)
        assert sum("opening hours" in text for text in heard) + unclear >= talked.asked - (talked is stayed), segments
        assert "goodbye" in heard[-1]
        assert_gapless(segments)
    assert silences == [], "I7"
    assert {"agent_lost", "attendant_lost"} & set(events) == set()
    await nothing_is_wrong(callers, before)


async def a_new_call(callers: Callers) -> float:
    """Rings while the API is away; returns how long until it was answered."""
    async with callers.ring(from_="+15551230004") as caller:
        rang = time.monotonic()
        answered = await caller.call.answered(timeout=LONGEST_START)
        await caller.hears_a_turn()
        await caller.says("thank you goodbye")
        await caller.call.ended(timeout=20)
        record = await caller.until(over_and_done)
        assert (record["outcome"], record["ended_by"]) == ("completed", "agent")
        return answered - rang


def over_and_done(record: dict[str, Any]) -> bool:
    return record["state"] == "ended" and not [o for o in record["offers"] if o["state"] in ("offered", "accepted")]


def assert_gapless(segments: list[dict[str, Any]]) -> None:
    numbers: dict[tuple[str, str], list[int]] = {}
    for segment in segments:
        numbers.setdefault((segment["offer_id"], segment["leg_id"]), []).append(segment["seq"])
    for found in numbers.values():
        assert sorted(found) == list(range(1, len(found) + 1)), "I5"


async def nothing_is_wrong(callers: Callers, before: dict[str, Any]) -> None:
    found = (await callers.api.get("/api/health/invariants")).raise_for_status().json()["items"]
    assert [(item["name"], item["violations"], item["examples"]) for item in found if item["violations"]] == []
    after = await asyncio.to_thread(callers.stack.status)
    ours = ("api", "router", "attendant", "agent")
    assert after["state"] == "up"
    old = {(p["name"], p["replica"]): p["pid"] for p in before["parts"] if p["name"] in ours}
    new = {(p["name"], p["replica"]): p["pid"] for p in after["parts"] if p["name"] in ours}
    assert len(new) == 6
    assert all(new[replica] != old[replica] for replica in old)
    for log in (callers.stack.data_dir / "logs").glob("router*.log"):
        assert "worker lost" not in log.read_text()
