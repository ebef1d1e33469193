"""A human steps in, and the agent stays: a SIP phone, the whole stack, and supervisors who speak LiveKit. Who leads and
who hears whom (I6, I8), whoever dies (I7); what a browser adds is in tests/browser/test_takeover.py."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest

from tests.ear import Ear
from tests.journeys.caller import Caller, Callers, until
from tests.journeys.supervisor import Supervisor, on_duty
from tests.journeys.test_takeover import job_of
from tests.journeys.tone import PHONE_RATE, hears_no_tone, hears_tone, tone_seconds

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(120)]

SPOKEN = "i am sending you a new parcel today"
LAST_SPOKEN = "you will get your money back"
AGREED = f"You have agreed with my colleague: {LAST_SPOKEN}. What else can I do for you?"
LEFT = "I am sorry, my colleague has left the line. I am here again, please go on."
BACK_SECONDS = 5.0  # from the death of whoever led to the agent's first sound (I7)
CLOSED_SECONDS = 4.0  # where the console was closed, which is noticed after two
REMOVED_SECONDS = 2.0
RINGS_ON_SECONDS = 1.0
LOOKED_FOR_SECONDS = 3.0  # by then the router has looked whether a supervisor is still in the room
ON_THE_WAY_SECONDS = 0.4  # what was in jitter buffers when the mode changed is still heard


@pytest.fixture
async def sam(callers: Callers) -> AsyncIterator[Supervisor]:
    async with on_duty(callers.stack, "sam@demo.test") as supervisor:
        yield supervisor


@pytest.fixture
async def kim(callers: Callers) -> AsyncIterator[Supervisor]:
    async with on_duty(callers.stack, "kim@demo.test") as supervisor:
        yield supervisor


@pytest.fixture
def all_at_once(callers: Callers) -> Iterator[None]:
    """It rings at everybody who is available, instead of one after the other."""
    change = "UPDATE queues SET body = jsonb_set(body, '{supervisors}', body -> 'supervisors' || %s::jsonb)"
    with psycopg.connect(callers.stack.database_url, autocommit=True) as connection:
        connection.execute("UPDATE queues SET body = '{\"supervisors\": {}}'::jsonb || body")
        connection.execute(change, ['{"strategy": "all_at_once"}'])
        yield
        connection.execute(change, ['{"strategy": "longest_idle"}'])


async def said(caller: Caller, speaker: str, text: str, timeout: float = 15) -> dict[str, object]:
    """The stored segment in which this speaker said this."""
    deadline = time.monotonic() + timeout
    while True:
        segments = await caller.transcript()
        for segment in segments:
            if segment["speaker"] == speaker and text in segment["text"]:
                return segment
        heard = [(each["speaker"], each["text"]) for each in segments]
        assert time.monotonic() < deadline, f"{speaker} did not say '{text}': {heard}"
        await asyncio.sleep(0.1)


async def greeted(caller: Caller) -> str:
    """The agent has greeted the caller; the call's id."""
    await caller.call.answered(timeout=10)
    await caller.hears_a_turn()
    return str((await caller.record())["id"])


async def leads(caller: Caller, supervisor: Supervisor) -> dict[str, Any]:
    """The record, once this supervisor leads."""
    return await caller.until(
        lambda r: r["lead"] == "supervisor" and r["escalations"][-1]["supervisor"] == supervisor.email
    )


async def test_i6_a_supervisor_takes_over_and_hands_back(callers: Callers, sam: Supervisor) -> None:
    await sam.stands("available")
    async with callers.ring() as caller:
        await greeted(caller)
        await caller.says("i want to talk to a person")
        await said(caller, "agent", "I am asking a colleague")
        asked = await until(sam.inbox, lambda e: bool(e["offered_to_me"]))
        assert asked["reason"] == "i want to talk to a person"
        assert "person" in str(asked["summary"])
        await caller.call.hears_silence(0.9, 10)

        accepted_at = time.monotonic()
        await sam.accept(asked["id"])
        record = await leads(caller, sam)
        assert record["escalations"][0] | {"requested_at": ""} == {
            "id": asked["id"], "state": "leading", "failure": None, "supervisor": "sam@demo.test", "requested_at": "",
        }  # fmt: skip
        await asyncio.gather(caller.call.hears_sound(10, accepted_at), sam.says(SPOKEN))
        asking = time.monotonic()
        await caller.says("where is my order four seven one one")
        await sam.hears("sip_", asking)
        await said(caller, "supervisor", SPOKEN)
        await said(caller, "caller", "where is my order")
        assert sam.heard_of("agent-", accepted_at + 1, time.monotonic()) == 0, "the agent is silent, and listens"

        whisper = await sam.post(f"/api/calls/{record['id']}/whisper", 202, text="offer the caller a refund")
        await sam.says(LAST_SPOKEN)
        await sam.hand_back()  # with the last word: it is heard all the same
        await said(caller, "agent", AGREED)
        record = await caller.until(lambda r: r["lead"] == "agent")
        assert record["escalations"][0]["state"] == "handed_back"
        await said(caller, "supervisor", LAST_SPOKEN)
        await caller.call.hears_silence(0.9, 10)
        last_seconds = caller.call.heard.pcm()[-12 * PHONE_RATE :]
        assert Ear([AGREED]).listen(last_seconds) == [AGREED], "the caller hears what was agreed, in one sentence"
        heard = [e for e in await caller.timeline() if e["type"] == "whisper_heard"]
        assert [e["data"]["whisper_id"] for e in heard] == [whisper["whisper_id"]]
        assert "offer the caller a refund" in heard[0]["data"]["text"]


@pytest.mark.usefixtures("all_at_once")
async def test_i6_of_two_who_accept_one_leads_and_the_other_can_take_over_from_them(
    callers: Callers, sam: Supervisor, kim: Supervisor
) -> None:
    await asyncio.gather(sam.stands("available"), kim.stands("available"))
    async with callers.ring() as caller:
        call_id = await greeted(caller)
        await sam.post(f"/api/calls/{call_id}/escalate", 201, reason="a rehearsal")
        asked, same = [await until(who.inbox, lambda e: bool(e["offered_to_me"])) for who in (sam, kim)]
        assert asked["id"] == same["id"]
        path = f"/api/escalations/{asked['id']}/accept"
        answers = await asyncio.gather(sam.api.post(path), kim.api.post(path))
        assert sorted(answer.status_code for answer in answers) == [200, 409], "I6"
        late = next(answer for answer in answers if answer.status_code == 409)
        assert late.json()["detail"] == "A colleague has taken this call already."
        first, second = (sam, kim) if answers[0].status_code == 200 else (kim, sam)
        await first.enter(next(answer.json() for answer in answers if answer.status_code == 200))
        await leads(caller, first)
        assert not (await second.inbox())["offered_to_me"]

        await second.join(call_id, "monitor")
        assert f"supervisor-{second.connection['supervision_id']}" not in first.room.remote_participants, "hidden"
        listening = time.monotonic()
        first.sounds = True
        await second.hears("supervisor-", listening)
        epoch = second.connection["lead_epoch"]
        await second.switch("take_over", epoch)
        later = await _epoch(callers, call_id)
        assert (await caller.record())["lead"] == "supervisor"
        assert later > epoch
        assert await _modes(callers, call_id) == sorted([(first.email, "barge"), (second.email, "take_over")])
        late_order = await first.api.post(f"/api/calls/{call_id}/hand-back", json={"lead_epoch": epoch})
        assert late_order.status_code == 409
        assert "changed who leads" in late_order.json()["detail"]
        assert await _epoch(callers, call_id) == later, "a late order does nothing"


async def _epoch(callers: Callers, call_id: str) -> int:
    async with await psycopg.AsyncConnection.connect(callers.stack.database_url) as connection:
        found = await (await connection.execute("SELECT lead_epoch FROM calls WHERE id = %s", [call_id])).fetchone()
    assert found is not None
    return int(found[0])


async def _modes(callers: Callers, call_id: str) -> list[tuple[str, str]]:
    query = (
        "SELECT u.email, s.mode FROM supervisions s JOIN users u ON u.id = s.user_id "
        "WHERE s.call_id = %s AND s.state = 'present' ORDER BY u.email"
    )
    async with await psycopg.AsyncConnection.connect(callers.stack.database_url) as connection:
        return [
            (str(email), str(mode)) for email, mode in await (await connection.execute(query, [call_id])).fetchall()
        ]


async def test_i7_the_agent_speaks_when_the_console_of_whoever_leads_dies_and_rejoining_restores_the_mode(
    callers: Callers, sam: Supervisor
) -> None:
    async with callers.ring() as caller:
        call_id = await greeted(caller)
        await sam.join(call_id, "take_over")
        for dies, most in ((sam.falls_silent, BACK_SECONDS), (sam.close_line, CLOSED_SECONDS)):
            await leads(caller, sam)
            sam.sounds = True
            await hears_tone(caller.call.heard, time.monotonic())
            sam.sounds = False
            await asyncio.sleep(ON_THE_WAY_SECONDS)
            died = await dies()
            spoke = await caller.call.hears_sound(10, died + ON_THE_WAY_SECONDS)
            print(f"{dies.__name__}: the agent spoke after {spoke - died:.2f} s")
            assert spoke - died < most, "I7"
            record = await caller.record()
            assert record["lead"] == "agent"
            assert next(leg for leg in reversed(record["legs"]) if leg["kind"] == "supervisor")["left_at"]
            assert await sam.status() != "busy", "freed"
            if dies == sam.close_line:  # the first time they are back in the middle of it
                await said(caller, "agent", LEFT)
            await sam.leave()
            await sam.join(call_id)
            assert sam.mode == "take_over", "as before"
        await leads(caller, sam)


async def test_i6_an_agent_that_is_killed_under_a_leading_human_is_followed_by_one_that_listens(
    callers: Callers, sam: Supervisor
) -> None:
    async with callers.ring() as caller:
        call_id = await greeted(caller)
        await sam.join(call_id, "take_over")
        await leads(caller, sam)
        await caller.call.hears_silence(1.0, 10)
        killed = time.monotonic()
        os.kill(await job_of(callers, caller), signal.SIGKILL)
        sam.sounds = True
        await hears_tone(caller.call.heard, killed)
        await caller.says("where is my order four seven one one")
        await sam.hears("sip_", killed)
        accepted = ["lost", "accepted"]
        await caller.until(lambda r: [o["state"] for o in r["offers"] if o["kind"] == "agent"] == accepted, 20)
        await asyncio.sleep(1.0)  # in which a successor that did not know would greet
        sam.sounds = False
        await hears_no_tone(caller.call.heard, killed)
        quiet = time.monotonic()
        assert (await caller.record())["lead"] == "supervisor"
        assert sam.heard_of("agent-", killed, quiet) == 0, "nobody has said a word"
        await sam.says(LAST_SPOKEN)
        await said(caller, "supervisor", LAST_SPOKEN)
        await caller.says("what are your opening hours")
        await said(caller, "caller", "opening hours")
        assert sam.heard_of("agent-", killed, time.monotonic()) == 0
        back = time.monotonic()
        await sam.hand_back()
        await said(caller, "agent", AGREED)
        await caller.call.hears_sound(5, back)


async def test_i8_a_whisper_never_reaches_the_phone_whatever_mode_came_before(
    callers: Callers, sam: Supervisor
) -> None:
    async with callers.ring() as caller:
        await sam.join(await greeted(caller), "whisper")
        sam.sounds = True
        heard = caller.call.heard
        spans = [(time.monotonic(), 1.0)]
        await asyncio.sleep(1.0)
        for loud in ("barge", "take_over"):
            began = time.monotonic()
            await sam.switch(loud)
            await hears_tone(heard, began)
            await sam.switch("whisper")
            spans.append((time.monotonic() + ON_THE_WAY_SECONDS, 1.2))
            await asyncio.sleep(ON_THE_WAY_SECONDS + 1.2)
        assert [tone_seconds(heard, at, at + seconds) for at, seconds in spans] == [0.0] * len(spans), "I8"
        await sam.switch("take_over")
        await sam.comes_anew()
        await asyncio.sleep(LOOKED_FOR_SECONDS)
        assert (await leads(caller, sam))["lead"] == "supervisor", "a connection that was made anew is no leaving"
        await hears_tone(heard, time.monotonic())


async def test_who_was_removed_hears_nothing_and_what_rings_falls_silent_with_the_caller(
    callers: Callers, sam: Supervisor, kim: Supervisor
) -> None:
    async with callers.ring() as caller:
        call_id = await greeted(caller)
        await kim.join(call_id, "monitor")
        talking = asyncio.create_task(caller.says("where is my order four seven one one"))
        await kim.hears("sip_", time.monotonic())
        await kim.post(f"/api/calls/{call_id}/leave", 204)
        left = time.monotonic()
        again = asyncio.create_task(kim.enter_again())
        await talking
        await caller.hears_a_turn(after=left)
        await caller.says("what are your opening hours")
        await again
        assert kim.heard_of("", left + REMOVED_SECONDS, time.monotonic()) == 0, "the token is good, the part is over"

        await sam.stands("available")
        await caller.hears_a_turn(after=left)
        await sam.post(f"/api/calls/{call_id}/escalate", 201, reason="a rehearsal")
        await until(sam.inbox, lambda e: bool(e["offered_to_me"]))
        await caller.call.hang_up()
        hung_up = time.monotonic()
        gone = await until(sam.inbox, lambda e: not e["offered_to_me"], 5)
        assert time.monotonic() - hung_up < RINGS_ON_SECONDS
        assert (gone["state"], gone["failure"]) == ("closed", "caller_left")
