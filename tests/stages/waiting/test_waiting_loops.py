"""The end of waiting."""

import pytest

from callcenter.platform.wire.messages import SeatKind
from callcenter.stages.waiting import loop
from tests.journey.company import Company

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


async def test_a_call_over_the_maximum_length_ends(company: Company) -> None:
    await company.worker()
    call_id, _ = await company.talking()
    assert await loop.give_up_once(company.j) == 0
    await company.sql("UPDATE calls SET arrived_at = arrived_at - interval '2 hours'")
    assert await loop.give_up_once(company.j) == 1
    assert (await company.row(call_id))["ended_by"] == "system"


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
