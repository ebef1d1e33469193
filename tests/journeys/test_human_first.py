"""A person first, while the agent listens: a SIP phone, the whole stack, and a supervisor who speaks LiveKit."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.ear import RATE, Ear
from tests.journeys.caller import Caller, Callers, until
from tests.journeys.supervisor import Supervisor

pytestmark = pytest.mark.livekit

HUMAN_FIRST = "+15550105"
GREETS = "this is sam from the support team"
SORRY = "I am sorry, my colleagues cannot take your call right now. I will help you as well as I can."
RECENT_SECONDS = 9  # the sentence, and not the music before it, which takes long to recognise
HOURS = "Our people are here from Monday to Friday, eight to eighteen o'clock, Berlin time."


@pytest.fixture
async def sam(callers: Callers) -> AsyncIterator[Supervisor]:
    """Available, and nobody else."""
    key = callers.stack.key("supervisor", "sam@demo.test")
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=callers.stack.url, headers=headers, timeout=10) as api:
        (await api.put("/api/presence", json={"status": "available", "for_seconds": 120})).raise_for_status()
        supervisor = Supervisor(api)
        yield supervisor
        await supervisor.leave()
        (await api.put("/api/presence", json={"status": "away", "for_seconds": 1})).raise_for_status()


async def rings(sam: Supervisor, caller: Caller) -> str:
    """The escalation of this caller's call, once it rings at Sam's and the attendant has the call."""
    call_id = (await caller.record())["id"]

    async def inbox() -> dict[str, Any]:
        found = await sam.api.get("/api/escalations", params={"call_id": call_id})
        return dict(found.json()["items"][0])

    await caller.until(lambda record: record["lead"] == "attendant")
    return str((await until(inbox, lambda asked: bool(asked["offered_to_me"])))["id"])


async def said(caller: Caller, speaker: str, text: str) -> dict[str, Any]:
    """The stored segment in which this speaker said this."""

    async def words() -> dict[str, Any]:
        return {"said": [(each["speaker"], each["text"]) for each in await caller.transcript()], "of": speaker}

    return await until(words, lambda all_: any(who == speaker and text in told for who, told in all_["said"]), 15)


async def test_who_takes_the_call_is_heard_at_once_and_the_agent_has_every_word(
    callers: Callers, sam: Supervisor
) -> None:
    async with callers.ring(HUMAN_FIRST) as caller:
        await caller.call.answered(timeout=10)
        escalation = await rings(sam, caller)
        connection = await sam.post(f"/api/escalations/{escalation}/accept", 200)
        await caller.until(lambda r: any(o["kind"] == "agent" and o["state"] == "accepted" for o in r["offers"]))
        assert (await caller.record())["lead"] == "attendant", "it listens already, and the music plays on"

        entered = time.monotonic()
        await sam.enter(connection)
        record = await caller.until(lambda r: r["lead"] == "supervisor")
        assert record["escalations"][0]["state"] == "leading"
        await caller.call.hears_silence(0.3, 10)
        spoke = time.monotonic()
        await asyncio.gather(caller.call.hears_sound(10, spoke), sam.says(GREETS))
        asked = time.monotonic()
        await caller.says("where is my order four seven one one")
        await sam.hears("sip_", asked)
        await said(caller, "supervisor", GREETS)
        await said(caller, "caller", "where is my order")
        await caller.says("what are your opening hours")

        async def notes() -> dict[str, Any]:
            return dict((await callers.api.get(f"/api/calls/{record['id']}/notes")).json())

        noted = await until(notes, lambda found: bool(found["suggestions"]) and bool(found["fields"]), 15)
        assert noted["fields"]["Order number"] == "4711", "filled while they talk"
        assert HOURS in noted["suggestions"]
        assert sam.heard_of("agent-", entered, time.monotonic()) == 0, "the agent is silent"
        assert {each["speaker"] for each in await caller.transcript()} <= {"attendant", "caller", "supervisor"}
    ended = await caller.until(lambda r: r["state"] == "ended")
    assert (ended["outcome"], len([o for o in ended["offers"] if o["kind"] == "agent"])) == ("completed", 1)


async def test_a_caller_whom_nobody_takes_hears_so_and_the_agent_helps(callers: Callers, sam: Supervisor) -> None:
    async with callers.ring(HUMAN_FIRST) as caller:
        await caller.call.answered(timeout=10)
        await sam.post(f"/api/escalations/{await rings(sam, caller)}/decline", 204)
        await said(caller, "agent", SORRY)
        assert Ear([SORRY]).listen(caller.call.heard.pcm()[-RECENT_SECONDS * RATE :]) == [SORRY]
        await said(caller, "agent", "How can I help you?")
        record = await caller.until(lambda r: r["lead"] == "agent")
        assert record["escalations"][0]["failure"] == "declined"
        await caller.call.hears_silence(0.9, 10)
        await caller.says("what are your opening hours")
        await said(caller, "agent", HOURS)
