"""What the desk makes of who comes, goes and says nothing: the ways that were thought of last."""

import asyncio
import contextlib

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from callcenter.journey.suspected import suspected
from callcenter.platform.desk.watch import SLEPT_SECONDS, WORKER_CLOSED_SECONDS, Watch
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.messages import Ack, Bye, Left, RunningJob, WorkerBeat
from tests.journey.company import DESK, Company
from tests.platform.desk.conftest import CLOSED_SECONDS, OpenDesk
from tests.platform.desk.conversation import claimed, segment, until

pytestmark = pytest.mark.postgres


async def test_i7_a_dead_agent_is_not_back_because_the_desk_has_slept(company: Company) -> None:
    await company.worker()
    call_id, offer_id = await company.talking()
    watch = Watch(DESK, closed_seconds=3, silent_seconds=60)
    watch.beat(offer_id)
    watch.closed(offer_id)
    await asyncio.sleep(1.6)
    await watch.look_once(company.j)
    await asyncio.sleep(SLEPT_SECONDS + 0.1)
    await watch.look_once(company.j)
    assert (await company.events(call_id))[-1] == "agent_suspect"


async def test_a_suspicion_ends_when_the_agent_comes_to_another_desk(desk: OpenDesk) -> None:
    await desk.worker()
    call_id, offer_id, job = await claimed(desk)
    await suspected(desk.company.j, offer_id, "test")
    await desk.company.sql("UPDATE offers SET desk = 'api-other'")
    await job.drop()
    await asyncio.sleep(CLOSED_SECONDS * 3)
    again = await desk.job(call_id, offer_id)
    await again.send(segment(offer_id, 1))
    assert isinstance(await again.hear(), Ack)
    assert (await desk.company.offer_row(offer_id))["suspect_since"] is None
    assert "agent_recovered" in await desk.company.events(call_id)


async def test_a_worker_that_said_goodbye_is_not_known_again_by_a_late_beat(desk: OpenDesk) -> None:
    worker = await desk.worker()
    await worker.send(Bye())
    await worker.send(WorkerBeat())

    async def has_left() -> bool:
        return await desk.company.ids("SELECT state FROM workers") == ["gone"]

    await until(has_left)
    await asyncio.sleep(0.2)
    assert await has_left()


async def test_workers_that_said_goodbye_are_not_missed(desk: OpenDesk, caplog: pytest.LogCaptureFixture) -> None:
    agents, attendant = await desk.worker(name="agents"), await desk.worker(SeatKind.ATTENDANT, name="attendant-1")
    for line in (agents, attendant):
        await line.send(Bye())
        await line.drop()

    async def have_left() -> bool:
        return await desk.company.ids("SELECT state FROM workers") == ["gone", "gone"]

    await until(have_left)
    await asyncio.sleep(WORKER_CLOSED_SECONDS * 2)
    assert "nobody can be heard" not in caplog.text


async def test_a_beat_that_was_long_on_its_way_takes_no_call_from_its_agent(desk: OpenDesk) -> None:
    worker = await desk.worker()
    _, offer_id, job = await claimed(desk)
    await desk.company.sql("UPDATE offers SET accepted_at = accepted_at - interval '3 s'")
    await worker.send(WorkerBeat())
    await asyncio.sleep(0.2)
    await job.send(segment(offer_id, 1))
    assert isinstance(await job.hear(), Ack)
    assert (await desk.company.offer_row(offer_id))["state"] == "accepted"
    await worker.send(WorkerBeat(jobs=(RunningJob(offer_id=offer_id),)))
    await worker.send(WorkerBeat())

    async def is_lost() -> bool:
        return bool((await desk.company.offer_row(offer_id))["state"] == "lost")

    await until(is_lost)


async def test_what_a_job_says_while_no_database_connection_is_free_is_not_lost(desk: OpenDesk) -> None:
    await desk.worker(SeatKind.AGENT)
    _, offer_id, job = await claimed(desk)
    engine = desk.company.j.db.engine
    pool = engine.sync_engine.pool
    assert isinstance(pool, QueuePool)
    pool._timeout = 0.1  # instead of half a minute
    async with contextlib.AsyncExitStack() as others:
        for _ in range(pool.size() + pool._max_overflow):
            with contextlib.suppress(PoolTimeout):
                await others.enter_async_context(engine.connect())
        await job.send(Left(offer_id=offer_id, failure="the model is gone"))
        await asyncio.sleep(0.5)

    async def has_ended() -> bool:
        return bool((await desk.company.offer_row(offer_id))["state"] != "accepted")

    await until(has_ended)
