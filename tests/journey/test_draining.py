"""A worker that drains finishes its calls, hands over what takes too long, and leaves without a trace of failure."""

import logging

import pytest

from callcenter.journey.left import left, lost
from callcenter.journey.relieved import relieved
from callcenter.platform.desk.workers import Workers, drain
from callcenter.platform.plumbing.errors import NotFound
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.messages import Claimed, WorkerBeat
from callcenter.stages.offers import loop
from tests.journey.company import Company, commands, segment

pytestmark = pytest.mark.postgres


async def waits_with_an_attendant(company: Company, to: str = "+15550102") -> tuple[CallId, OfferId]:
    call_id = await company.call(to)
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp()")
    await company.move()
    held, answer = await company.claim(call_id, SeatKind.ATTENDANT)
    assert isinstance(answer, Claimed)
    return call_id, held


async def test_a_draining_worker_gets_no_offer_and_keeps_its_calls_until_its_time_is_over(company: Company) -> None:
    old = await company.worker(seats=2)
    call_id, offer_id = await company.talking()
    await drain(company.j, old)
    await company.call()
    assert await company.move() == 0
    assert await loop.relieve_once(company.j) == 0
    assert (await company.offer_row(offer_id))["state"] == "accepted"
    await company.sql("UPDATE workers SET drain_until = clock_timestamp()")
    assert await loop.relieve_once(company.j) == 1
    assert await loop.relieve_once(company.j) == 0
    assert "agent_relieved" in await company.events(call_id)


async def test_after_the_limit_the_next_agent_goes_on_with_the_transcript_and_the_old_job_is_removed(
    company: Company,
) -> None:
    from callcenter.journey.said import said

    await company.worker(SeatKind.ATTENDANT)
    old = await company.worker()
    call_id, offer_id = await company.talking()
    await said(company.j, segment(offer_id, 1, "where is my order"))
    await drain(company.j, old, 0)
    assert await loop.relieve_once(company.j) == 1
    await company.j.performer.settle()
    assert ("remove", (await company.row(call_id))["room"], f"agent-{offer_id}") in company.rooms.done
    assert await commands(company, offer_id) == [("leave", offer_id)]
    new = await company.worker()
    assert await company.move() == 2, "the next agent, and an attendant until it is heard"
    replacement, answer = await company.claim(call_id)
    assert isinstance(answer, Claimed)
    assert answer.agent is not None
    assert [turn.text for turn in answer.agent.history] == ["where is my order"]
    assert (await company.offer_row(replacement))["worker"] == new
    await left(company.j, offer_id, None)
    assert (await company.offer_row(offer_id))["because"] == "its worker is drained"


async def test_being_relieved_is_no_failure_of_the_worker_and_none_in_a_row(company: Company) -> None:
    await company.worker(seats=9)
    call_id, first = await company.talking()
    await relieved(company.j, first)
    await left(company.j, first, None)
    assert await company.ids("SELECT count(*) FROM workers WHERE last_failed_at IS NOT NULL") == ["0"]
    await company.j.performer.settle()
    await company.move()
    second, _ = await company.claim(call_id)
    await lost(company.j, second, "test")
    await company.j.performer.settle()
    assert await company.move() == 1, "one failure in a row: another agent is asked"
    assert "agent_lost" in await company.events(call_id)


async def test_a_waiting_caller_moves_to_another_attendant_as_soon_as_one_has_a_seat(company: Company) -> None:
    old = await company.worker(SeatKind.ATTENDANT, seats=3)
    call_id, held = await waits_with_an_attendant(company)
    await waits_with_an_attendant(company)
    await drain(company.j, old)
    assert await loop.relieve_once(company.j) == 0, "there is no other attendant: better the old one than nobody"
    new = await company.worker(SeatKind.ATTENDANT, seats=1)
    assert await loop.relieve_once(company.j) == 1, "no more callers than seats"
    assert (await commands(company, old))[-1] == ("fade", held)
    assert await company.move() == 1
    moved, answer = await company.claim(call_id, SeatKind.ATTENDANT)
    assert isinstance(answer, Claimed)
    assert (await company.offer_row(moved))["worker"] == new
    assert (await company.events(call_id)).count("attendant_relieved") == 1


async def test_a_message_that_is_being_said_is_not_handed_over_before_the_limit(company: Company) -> None:
    old = await company.worker(SeatKind.ATTENDANT)
    await waits_with_an_attendant(company, "+15550199")
    await company.worker(SeatKind.ATTENDANT, seats=5)
    await drain(company.j, old)
    assert await loop.relieve_once(company.j) == 0
    await drain(company.j, old, 0)
    assert await loop.relieve_once(company.j) == 1
    assert await company.move() == 1


async def test_a_worker_that_said_goodbye_is_gone_and_never_reported_lost(
    company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    name = await company.worker(seats=2)
    call_id, offer_id = await company.talking()
    await company.call()
    await company.move()
    await Workers(company.j).bye(name)
    await company.sql("UPDATE workers SET last_beat_at = last_beat_at - interval '1 hour'")
    with caplog.at_level(logging.WARNING):
        await loop.lose(company.j)
    assert [record.message for record in caplog.records] == []
    assert await company.ids("SELECT state FROM workers") == ["gone"]
    assert await company.busy_seats() == 0
    assert (await company.offer_row(offer_id))["state"] == "ended", "what it had is somebody else's"
    await company.worker(seats=2)
    await company.j.performer.settle()
    assert await company.move() == 2
    assert (await company.row(call_id))["state"] != "ended"


async def test_a_worker_in_a_hurry_hands_over_at_once_and_a_later_limit_does_not_lengthen_an_earlier_one(
    company: Company,
) -> None:
    name = await company.worker()
    _, offer_id = await company.talking()
    from callcenter.platform.wire.messages import RunningJob

    beat = WorkerBeat(jobs=(RunningJob(offer_id=offer_id),), draining=True)
    workers = Workers(company.j)
    await workers.beat(name, beat)
    assert await loop.relieve_once(company.j) == 0
    await workers.beat(name, beat.model_copy(update={"hurry": True}))
    await workers.beat(name, beat)
    assert await loop.relieve_once(company.j) == 1


async def test_a_worker_that_is_not_there_cannot_be_drained(company: Company) -> None:
    with pytest.raises(NotFound):
        await drain(company.j, "agent-nobody")
