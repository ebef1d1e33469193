"""What the caller hears and presses, by real SIP: the menu of +15550103, and the announcements of the back office."""

import asyncio
import os
import signal

import pytest

from tests.journeys.caller import Caller, Callers

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(120)]

MENU = "+15550103"
PROMPT = "For your orders, press 1. For invoices, press 2. To speak to a person, press 0."


async def agent_comes(caller: Caller) -> list[str]:
    """The trace of a call that an agent has taken after its menu."""
    record = await caller.until(lambda r: r["lead"] == "agent", timeout=15)
    assert (record["queue"], record["profile"]) == ("support", "shop")
    trace: list[str] = record["routing"]["trace"]
    return trace


async def test_a_key_pressed_in_the_middle_of_the_prompt_leads_to_an_agent_at_once(callers: Callers) -> None:
    async with callers.ring(to=MENU) as caller:
        await caller.call.answered(timeout=10)
        await caller.call.hears_sound(10)
        await asyncio.sleep(1.5)
        await caller.call.send_digit("1")
        trace = await agent_comes(caller)
        assert "key 1 is 'Orders'" in trace[-1]
        assert "key_pressed" in [event["type"] for event in await caller.timeline()]
        prompt = next(s for s in await caller.transcript() if s["speaker"] == "attendant")
        assert prompt["interrupted"]
        assert PROMPT.startswith(prompt["text"])


async def test_a_spoken_word_leads_there_as_well(callers: Callers) -> None:
    async with callers.ring(to=MENU) as caller:
        await caller.call.answered(timeout=10)
        await caller.hears_a_turn()
        await caller.says("invoices please")
        assert "key 2 is 'Invoices'" in (await agent_comes(caller))[-1]
        said = [s["text"].lower() for s in await caller.transcript() if s["speaker"] == "caller"]
        assert any("invoices" in text for text in said)


async def test_the_attendant_dies_in_the_menu_and_its_successor_asks_again(callers: Callers) -> None:
    async with callers.ring(to=MENU) as caller:
        answered = await caller.call.answered(timeout=10)
        record = await caller.until(lambda r: r["lead"] == "attendant")
        await caller.call.hears_sound(10)
        await asyncio.sleep(1)
        asking = next(o["worker"] for o in record["offers"] if o["state"] == "accepted")
        part = next(p for p in callers.stack.status()["parts"] if p.get("worker") == asking)
        os.kill(part["pid"], signal.SIGKILL)
        again = await caller.until(
            lambda r: any(o["worker"] != asking and o["state"] == "accepted" for o in r["offers"]), timeout=15
        )
        assert again["state"] == "waiting"
        await caller.call.hears_sound(10)
        await asyncio.sleep(1)
        await caller.call.send_digit("2")
        assert "key 2 is 'Invoices'" in (await agent_comes(caller))[-1]
        assert caller.call.heard.silences(6.0, since=answered) == []


async def test_no_choice_leads_otherwise_and_the_prompt_was_said_three_times(callers: Callers) -> None:
    async with callers.ring(to=MENU) as caller:
        await caller.call.answered(timeout=10)
        record = await caller.until(lambda r: r["lead"] == "agent", timeout=60)
        assert "otherwise, after 3 tries" in record["routing"]["trace"][-1]
        prompts = [s["text"] for s in await caller.transcript() if s["speaker"] == "attendant"]
        assert prompts[:3] == [PROMPT] * 3


async def test_two_who_wait_hear_where_they_stand_and_may_change_the_queue(callers: Callers) -> None:
    async with callers.ring(to="+15550102", from_="+15551230001") as first:
        await first.until(lambda r: r["lead"] == "attendant")
        async with callers.ring(to="+15550102", from_="+15551230002") as second:
            await second.until(lambda r: r["lead"] == "attendant")
            async with asyncio.timeout(60):
                while len([s for s in await second.transcript() if s["speaker"] == "attendant"]) < 3:
                    await asyncio.sleep(0.5)
            told = [s["text"] for s in await second.transcript()]
            assert told[1] == "You are second in line."
            assert "press 1" in told[2]
            await second.call.send_digit("3")
            record = await second.until(lambda r: r["lead"] == "agent", timeout=15)
            assert record["queue"] == "support"
