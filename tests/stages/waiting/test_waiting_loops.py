"""The end of waiting."""

from datetime import UTC, datetime

import pytest

from callcenter.journey.answered import answered
from callcenter.journey.left import lost, said_goodbye
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.messages import Claimed, EndReason
from callcenter.stages.waiting import loop
from tests.journey.company import Company, commands

pytestmark = pytest.mark.postgres


async def test_a_call_whose_time_in_line_is_up_is_told_so(company: Company) -> None:
    await company.worker(SeatKind.ATTENDANT)
    call_id = await company.call("+15550102")
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp()")
    await loop.move_once(company.j)
    await company.claim(call_id, SeatKind.ATTENDANT)
    assert await loop.give_up_once(company.j) == 0
    await company.sql("UPDATE waiting_entries SET gives_up_at = clock_timestamp()")
    assert await loop.give_up_once(company.j) == 1
    assert (await company.row(call_id))["state"] != "ended", "the attendant says the sentence first"
    assert await loop.give_up_once(company.j) == 0


async def test_a_call_that_rings_on_with_nobody_there_at_all_ends_when_its_time_is_up(company: Company) -> None:
    call_id = await company.call("+15550102")
    await company.sql("UPDATE waiting_entries SET gives_up_at = clock_timestamp()")
    assert await loop.give_up_once(company.j) == 1, "an attendant is asked to say so"
    assert await loop.give_up_once(company.j) == 0
    await company.sql("UPDATE waiting_entries SET gives_up_at = clock_timestamp()")
    assert await loop.give_up_once(company.j) == 1
    assert (await company.row(call_id))["outcome"] == "failed"


async def grow(company: Company, seconds: float) -> None:
    await company.sql("UPDATE calls SET arrived_at = arrived_at - make_interval(secs => :s)", s=seconds)


async def test_the_agent_says_that_the_call_is_over_the_maximum_length_and_ends_it(company: Company) -> None:
    await company.worker()
    call_id, offer_id = await company.talking()
    await answered(company.j, offer_id, datetime.now(UTC))
    assert await loop.give_up_once(company.j) == 0
    await grow(company, 3601)
    assert await loop.give_up_once(company.j) == 1
    assert await loop.give_up_once(company.j) == 0, "it is told once"
    assert await commands(company, offer_id) == [("say_and_end", offer_id)]
    assert (await company.row(call_id))["state"] != "ended"
    assert await said_goodbye(company.j, offer_id, EndReason.MESSAGE_SAID)
    row = await company.row(call_id)
    assert (row["outcome"], row["ended_by"]) == ("completed", "system")


async def test_the_attendant_says_it_to_a_caller_who_still_waits(company: Company) -> None:
    name = await company.worker(SeatKind.ATTENDANT)
    call_id = await company.call("+15550102")
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp(), gives_up_at = NULL")
    await loop.move_once(company.j)
    held, _ = await company.claim(call_id, SeatKind.ATTENDANT)
    await answered(company.j, held, datetime.now(UTC))
    await grow(company, 3601)
    assert await loop.give_up_once(company.j) == 1
    assert (await commands(company, name))[-1] == ("say_and_end", held)


async def test_when_nobody_says_it_in_time_the_call_ends_all_the_same(company: Company) -> None:
    await company.worker()
    call_id, offer_id = await company.talking()
    await answered(company.j, offer_id, datetime.now(UTC))
    await grow(company, 3601)
    await loop.give_up_once(company.j)
    await grow(company, 20)
    assert await loop.give_up_once(company.j) == 1
    assert (await company.row(call_id))["outcome"] == "completed"


async def test_an_agent_that_is_lost_with_the_last_sentence_leaves_it_to_an_attendant(company: Company) -> None:
    await company.worker(seats=3)
    await company.worker(SeatKind.ATTENDANT)
    call_id, offer_id = await company.talking()
    await answered(company.j, offer_id, datetime.now(UTC))
    await grow(company, 3601)
    await loop.give_up_once(company.j)
    await lost(company.j, offer_id, "test")
    await company.j.performer.settle()
    assert await loop.move_once(company.j) == 1, "no further agent"
    _, answer = await company.claim(call_id, SeatKind.ATTENDANT)
    assert isinstance(answer, Claimed)
    assert answer.attendant is not None
    assert "longest time" in answer.attendant.opening


async def test_a_leg_that_nobody_answers_does_not_ring_for_ever(company: Company) -> None:
    call_id = await company.call()
    await grow(company, 179)
    assert await loop.give_up_once(company.j) == 0
    await grow(company, 2)
    assert await loop.give_up_once(company.j) == 1
    row = await company.row(call_id)
    assert (row["outcome"], row["ended_by"]) == ("failed", "system")
    await company.j.performer.settle()
    assert ("delete", row["room"]) in company.rooms.done


async def test_the_line_is_served_by_priority_and_then_by_arrival(company: Company) -> None:
    first, second, urgent = await company.call(), await company.call(), await company.call()
    await company.sql("UPDATE waiting_entries SET priority = 5 WHERE call_id = :id", id=urgent)
    await company.worker(seats=1)
    await loop.move_once(company.j)
    assert (await company.events(urgent)).count("offer_made") == 1
    await company.worker(seats=1)
    await loop.move_once(company.j)
    assert (await company.events(first)).count("offer_made") == 1
    assert (await company.events(second)).count("offer_made") == 0
