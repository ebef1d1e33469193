"""The one question twice a second whether anybody is to be given up."""

import pytest

from callcenter.platform.wire.base import SeatKind
from callcenter.stages.offers import silence, workers
from callcenter.stages.offers.silence import Silence
from callcenter.stages.offers.workers import Heard
from tests.journey.company import DESK, Company

pytestmark = pytest.mark.postgres

QUIET = Silence(heard=True, overdue=False, leftovers=False)


async def look(company: Company) -> Silence:
    timing = company.j.timing
    question = silence.question(timing.silent_by_kind, timing.desk_silent, gap_seconds=2)
    async with company.j.db.asking() as tx:
        return await silence.look(tx, question)


async def test_while_all_beat_nothing_is_due(company: Company) -> None:
    await company.worker()
    await company.worker(SeatKind.ATTENDANT)
    await company.talking()
    assert await look(company) == QUIET


async def test_without_a_desk_silence_proves_nothing(company: Company) -> None:
    await company.sql("UPDATE control_processes SET last_beat_at = last_beat_at - interval '3 s'")
    assert not (await look(company)).heard


async def test_when_several_workers_are_silent_at_once_nobody_is_heard(company: Company) -> None:
    await company.worker()
    await company.worker()
    await company.sql("UPDATE workers SET last_beat_at = last_beat_at - interval '3 s'")
    assert not (await look(company)).heard


async def test_a_silent_worker_is_overdue(company: Company) -> None:
    silent = await company.worker()
    await company.worker()
    await company.sql(f"UPDATE workers SET last_beat_at = last_beat_at - interval '5 s' WHERE name = '{silent}'")
    assert (await look(company)).overdue


async def test_a_job_whose_desk_is_silent_is_overdue(company: Company) -> None:
    await company.worker()
    await company.talking()
    await company.sql("INSERT INTO control_processes (name, kind, pid) VALUES ('api-other', 'api', 1)")
    await company.sql(
        f"UPDATE control_processes SET last_beat_at = last_beat_at - interval '11 s' WHERE name = '{DESK}'"
    )
    assert (await look(company)).overdue


async def test_a_call_whose_attendant_is_lost_is_overdue(company: Company) -> None:
    await company.worker(SeatKind.ATTENDANT)
    call_id = await company.call("+15550199")
    await company.move()
    await company.claim(call_id, SeatKind.ATTENDANT)
    assert await look(company) == QUIET
    await company.sql("UPDATE workers SET state = 'lost'")
    assert (await look(company)).overdue


async def test_what_a_lost_worker_still_holds_is_left_over_until_it_is_released(company: Company) -> None:
    await company.worker()
    await company.talking()
    await company.sql("UPDATE workers SET state = 'lost'")
    await company.sql("UPDATE offers SET state = 'lost', ended_at = clock_timestamp()")
    assert (await look(company)).leftovers, "the offer"
    await company.sql("UPDATE offers SET released_at = clock_timestamp()")
    assert (await look(company)).leftovers, "the seat"
    await company.sql("UPDATE seats SET offer_id = NULL")
    assert not (await look(company)).leftovers


async def test_a_beat_that_names_all_its_worker_holds_is_settled_and_one_that_names_less_is_not(
    company: Company,
) -> None:
    worker = await company.worker(seats=2)

    async def beat(*running: str) -> Heard:
        async with company.j.verb() as tx:
            return await workers.beat(tx, worker, running)

    assert await beat() == Heard(known=True, settled=True)
    _, offer_id = await company.talking()
    assert not (await beat()).settled, "a job that may have died"
    assert (await beat(offer_id)).settled
    await company.sql("UPDATE offers SET state = 'ended', ended_at = clock_timestamp()")
    assert (await beat(offer_id)).settled, "it still runs"
    assert not (await beat()).settled, "its seat may be freed"
    await company.sql("UPDATE offers SET released_at = clock_timestamp()")
    assert (await beat()).settled
    await company.sql("UPDATE workers SET state = 'lost'")
    assert await beat() == Heard(known=False, settled=False)
