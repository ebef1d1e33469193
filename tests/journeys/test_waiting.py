"""More callers than seats."""

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.journeys.caller import Caller, Callers
from tests.stack import Stack

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(300)]


async def test_two_calls_and_one_seat_the_second_waits_with_music_until_the_first_has_gone(tmp_path: Path) -> None:
    small = Stack.planned(tmp_path / "data", CALLCENTER_AGENT_SEATS="1", CALLCENTER_ATTENDANT_SEATS="3")
    try:
        await asyncio.to_thread(small.up)
        headers = {"Authorization": f"Bearer {small.key('admin')}"}
        async with httpx.AsyncClient(base_url=small.url, headers=headers, timeout=10) as api:
            await two_calls(Callers(small, api, tmp_path))
    finally:
        await asyncio.to_thread(small.down)


async def two_calls(callers: Callers) -> None:
    async with callers.ring(from_="+15551230001") as first:
        await first.call.answered(timeout=10)
        await first.call.hears_sound(10)
        await second_waits(callers, first)


async def second_waits(callers: Callers, first: Caller) -> None:
    async with callers.ring(from_="+15551230002") as second:
        answered = await second.call.answered(timeout=10)
        await second.until(lambda r: (r["lead"], r["state"]) == ("attendant", "waiting"))
        await second.call.hears_sound(5)
        await asyncio.sleep(4)
        await first.call.hang_up()
        talking = await second.until(lambda r: r["lead"] == "agent", timeout=10)
        assert [o["kind"] for o in talking["offers"] if o["state"] == "accepted"]
        await second.until(lambda r: all(o["state"] != "accepted" for o in r["offers"] if o["kind"] == "attendant"))
        await second.hears_a_turn()
        asked = await second.says("what are your opening hours")
        await second.hears_a_turn(after=asked)
        assert second.call.heard.silences(2.0, since=answered, until=asked - 3) == [], "I7"
        said = [s["speaker"] for s in await second.transcript()]
        assert said[0] == "attendant"
        assert "agent" in said
