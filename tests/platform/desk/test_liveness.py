"""Who is suspect, lost, back or gone, as the desk's connections tell."""

import asyncio

import pytest
import sqlalchemy as sa

from callcenter.platform.desk.watch import WORKER_CLOSED_SECONDS
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.messages import Ack, Claim, Claimed, JobBeat, Leave, Left, RunningJob, Take, WorkerBeat
from tests.platform.desk.conftest import CLOSED_SECONDS, SILENT_SECONDS, Line, OpenDesk
from tests.platform.desk.conversation import claimed, is_free, segment, until

pytestmark = pytest.mark.postgres


async def test_i3_a_job_that_vanishes_is_lost_and_its_seat_freed_when_the_worker_no_longer_lists_it(
    desk: OpenDesk,
) -> None:
    worker = await desk.worker()
    call_id, offer_id, job = await claimed(desk)
    await job.drop()

    async def is_lost() -> bool:
        return bool((await desk.company.offer_row(offer_id))["state"] == "lost")

    await until(is_lost)
    assert (await desk.company.row(call_id))["lead"] == "none"
    assert await desk.company.busy_seats() == 1
    await desk.company.sql("UPDATE offers SET ended_at = ended_at - interval '2 s' WHERE state = 'lost'")
    await worker.send(WorkerBeat(jobs=(RunningJob(offer_id=offer_id),)))
    await worker.send(WorkerBeat(jobs=()))
    await until(lambda: is_free(desk))


async def test_a_job_that_reconnects_in_time_keeps_its_call(desk: OpenDesk) -> None:
    await desk.worker()
    call_id, offer_id, job = await claimed(desk)
    await job.drop()
    again = await desk.job(call_id, offer_id)
    for seq in range(1, 12):
        await again.send(segment(offer_id, seq))
        answer = await again.hear()
        assert isinstance(answer, Ack)
        await asyncio.sleep(SILENT_SECONDS / 10)
    assert (await desk.company.offer_row(offer_id))["state"] == "accepted"


async def test_a_job_that_hangs_with_an_open_connection_is_lost(desk: OpenDesk) -> None:
    await desk.worker()
    _, offer_id, job = await claimed(desk)
    await job.send(JobBeat(offer_id=offer_id))

    async def is_lost() -> bool:
        return bool((await desk.company.offer_row(offer_id))["because"] == "it does not beat any more")

    await until(is_lost)


async def test_a_job_that_the_worker_says_is_gone_is_lost_at_once(desk: OpenDesk) -> None:
    worker = await desk.worker()
    call_id, offer_id, _ = await claimed(desk)
    await desk.company.sql("UPDATE offers SET accepted_at = accepted_at - interval '2 s'")
    await worker.send(WorkerBeat(jobs=(RunningJob(offer_id=offer_id),)))
    await worker.send(WorkerBeat(jobs=()))
    await until(lambda: is_free(desk))
    assert (await desk.company.offer_row(offer_id))["because"] == "its process ended"
    assert (await desk.company.row(call_id))["state"] == "ringing"


async def test_a_job_that_comes_back_too_late_is_told_to_leave(desk: OpenDesk) -> None:
    await desk.worker()
    call_id, offer_id, job = await claimed(desk)
    await job.send(Left(offer_id=offer_id, failure="model failed"))
    await job.drop()
    await until(lambda: is_free(desk))
    again = await desk.job(call_id, offer_id)
    assert isinstance(await again.hear(), Leave)


async def attended(desk: OpenDesk, name: str) -> tuple[OfferId, Line]:
    """A caller who is kept company by the attendant of this name."""
    attendant = await desk.worker(SeatKind.ATTENDANT, name=name)
    await desk.company.call(to="+15550199")
    assert await desk.company.move() == 1
    take = await attendant.hear()
    assert isinstance(take, Take)
    await attendant.send(Claim(offer_id=take.offer_id))
    assert isinstance(await attendant.hear(), Claimed)
    return OfferId(take.offer_id), attendant


async def test_i7_an_attendant_whose_connection_stays_closed_is_replaced_at_once(desk: OpenDesk) -> None:
    offer_id, attendant = await attended(desk, "attendant-1")
    other = await desk.worker(SeatKind.ATTENDANT, name="attendant-2")
    await attendant.drop()

    async def is_offered_again() -> bool:
        await other.send(WorkerBeat())
        return await desk.company.move() == 1

    await until(is_offered_again, WORKER_CLOSED_SECONDS + 3)  # at a phone: tests/journeys/test_attendant_dies.py
    assert (await desk.company.offer_row(offer_id))["state"] == "lost"
    assert isinstance(await other.hear(), Take)


async def test_an_attendant_that_is_back_in_time_keeps_its_caller(desk: OpenDesk) -> None:
    offer_id, attendant = await attended(desk, "attendant-1")
    await attendant.drop()
    back = await desk.worker(SeatKind.ATTENDANT, name="attendant-1")
    await back.send(WorkerBeat(jobs=(RunningJob(offer_id=offer_id),)))
    await asyncio.sleep(WORKER_CLOSED_SECONDS * 2)
    assert (await desk.company.offer_row(offer_id))["state"] == "accepted"


async def test_a_desk_that_ends_gives_up_nobody_for_the_connections_it_closes(desk: OpenDesk) -> None:
    offer_id, attendant = await attended(desk, "attendant-1")
    desk.watch.stop()
    await attendant.drop()
    await asyncio.sleep(WORKER_CLOSED_SECONDS * 2)
    assert (await desk.company.offer_row(offer_id))["state"] == "accepted"


async def test_a_worker_that_has_gone_is_not_offered_another_call(desk: OpenDesk) -> None:
    worker = await desk.worker()
    await worker.drop()

    async def is_lost() -> bool:
        async with desk.company.j.db.transaction() as tx:
            return bool(await tx.scalar(sa.text("SELECT state FROM workers")) == "lost")

    await until(is_lost)
    await desk.company.call()
    assert await desk.company.move() == 0


async def test_a_desk_that_is_cut_off_from_all_at_once_gives_up_nobody(desk: OpenDesk) -> None:
    agents, attendant = await desk.worker(name="agents"), await desk.worker(SeatKind.ATTENDANT, name="attendant-1")
    call_id, offer_id, job = await claimed(desk)
    await asyncio.gather(*(line.drop() for line in (agents, attendant, job)))
    await asyncio.sleep(CLOSED_SECONDS * 3 + WORKER_CLOSED_SECONDS)
    await desk.worker(name="agents")
    await desk.worker(SeatKind.ATTENDANT, name="attendant-1")
    back = await desk.job(call_id, offer_id)
    await back.send(segment(offer_id, 1))
    assert isinstance(await back.hear(), Ack)
    assert (await desk.company.offer_row(offer_id))["state"] == "accepted"
    assert set(await desk.company.ids("SELECT state FROM workers")) == {"up"}


async def test_a_job_that_has_moved_to_another_desk_is_not_given_up_by_this_one(desk: OpenDesk) -> None:
    await desk.worker()
    _, offer_id, job = await claimed(desk)
    # What this desk suspected before it moved is not what is asked.
    await desk.company.sql("UPDATE offers SET desk = 'api-other', suspect_since = NULL")
    await job.drop()
    await asyncio.sleep(CLOSED_SECONDS * 3)
    offer = await desk.company.offer_row(offer_id)
    assert (offer["state"], offer["suspect_since"]) == ("accepted", None)
