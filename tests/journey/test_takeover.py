"""Who leads is suspect, lost or fails: what the caller gets instead, on a real Postgres."""

import pytest

from callcenter.journey.answered import claimed
from callcenter.journey.gave_up import gave_up
from callcenter.journey.left import left, lost, said_goodbye
from callcenter.journey.said import said
from callcenter.journey.suspected import recovered, suspected
from callcenter.platform.wire.base import SeatKind, Speaker
from callcenter.platform.wire.messages import Claimed, Denied, EndReason
from tests.journey.company import DESK, Company, commands, segment

pytestmark = pytest.mark.postgres


async def test_a_lost_agent_is_silenced_and_the_call_returns_to_its_place_with_its_words(company: Company) -> None:
    await company.worker(SeatKind.ATTENDANT)
    await company.worker()
    call_id, offer_id = await company.talking()
    await said(company.j, segment(offer_id, 1, "where is my order"))
    before = (await company.row(call_id))["arrived_at"]
    assert await lost(company.j, offer_id, "its connection is closed")
    await company.worker()
    assert await company.move() == 2, "another agent, and an attendant at once"
    replacement, answer = await company.claim(call_id)
    assert isinstance(answer, Claimed)
    assert answer.agent is not None
    assert [turn.text for turn in answer.agent.history] == ["where is my order"]
    await company.j.performer.settle()
    assert ("remove", (await company.row(call_id))["room"], f"agent-{offer_id}") in company.rooms.done
    assert isinstance(await claimed(company.j, offer_id, 1, DESK), Denied)
    assert (await company.row(call_id))["arrived_at"] == before
    assert (await company.offer_row(replacement))["state"] == "accepted"


async def test_who_follows_an_attendant_does_not_welcome_the_caller_again(company: Company) -> None:
    await company.worker(SeatKind.ATTENDANT, seats=5)
    call_id = await company.call()
    openings = []
    for interrupted in (True, False, False):
        await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp()")
        assert await company.move() == 1
        held, answer = await company.claim(call_id, SeatKind.ATTENDANT)
        assert isinstance(answer, Claimed)
        assert answer.attendant is not None
        openings.append(answer.attendant.opening)
        text = openings[0][:10] if interrupted else openings[0]
        heard = segment(held, 1, text, Speaker.ATTENDANT).model_copy(update={"interrupted": interrupted})
        await said(company.j, heard)
        await lost(company.j, held, "its connection is closed")
    assert openings[0] == openings[1] != ""
    assert openings[2] == ""


async def test_a_suspect_agents_caller_gets_an_attendant_who_leaves_when_the_agent_is_back(company: Company) -> None:
    attendant = await company.worker(SeatKind.ATTENDANT)
    await company.worker()
    call_id, offer_id = await company.talking()
    assert await suspected(company.j, offer_id, "its connection is closed")
    assert not await suspected(company.j, offer_id, "its connection is closed")
    assert await company.move() == 1
    held, answer = await company.claim(call_id, SeatKind.ATTENDANT)
    assert isinstance(answer, Claimed)
    assert answer.attendant is not None
    assert "moment" in answer.attendant.opening
    assert (await company.row(call_id))["lead"] == "agent", "a suspicion takes nothing away"
    assert await recovered(company.j, offer_id)
    assert not await recovered(company.j, offer_id)
    assert (await commands(company, attendant))[-1] == ("fade", held)


async def test_a_suspect_agent_that_is_lost_leaves_the_attendant_with_the_caller(company: Company) -> None:
    await company.worker(SeatKind.ATTENDANT)
    await company.worker()
    call_id, offer_id = await company.talking()
    await suspected(company.j, offer_id, "its connection is closed")
    await company.move()
    await company.claim(call_id, SeatKind.ATTENDANT)
    await lost(company.j, offer_id, "its connection is closed")
    assert (await company.row(call_id))["lead"] == "attendant"
    assert await company.move() == 0, "no second attendant"


async def test_a_second_agent_that_fails_in_a_row_ends_in_an_apology_and_no_third_is_asked(company: Company) -> None:
    await company.worker(SeatKind.ATTENDANT)
    await company.worker(seats=5)
    call_id, first = await company.talking()
    await left(company.j, first, "model failed")
    assert await company.move() == 2
    held, _ = await company.claim(call_id, SeatKind.ATTENDANT)
    second, _ = await company.claim(call_id)
    await left(company.j, second, "model failed")
    assert await company.move() == 0
    told = await commands(company, (await company.offer_row(held))["worker"])
    assert told[-1] == ("say_and_end", held)
    await said_goodbye(company.j, held, EndReason.MESSAGE_SAID)
    row = await company.row(call_id)
    assert (row["outcome"], row["ended_by"]) == ("failed", "system")


async def test_two_failures_far_apart_are_not_in_a_row(company: Company) -> None:
    await company.worker(seats=5)
    call_id, first = await company.talking()
    await company.sql("UPDATE offers SET accepted_at = accepted_at - interval '5 minutes'")
    await left(company.j, first, "model failed")
    await company.move()
    second, _ = await company.claim(call_id)
    await left(company.j, second, "model failed")
    assert await company.move() == 1


async def test_last_words_nobody_is_there_to_say_end_the_call_after_a_while(company: Company) -> None:
    call_id = await company.call("+15550102")
    assert await gave_up(company.j, call_id)
    assert (await company.row(call_id))["state"] == "ringing"
    assert await gave_up(company.j, call_id)
    assert (await company.row(call_id))["outcome"] == "failed"
