"""The guard's caps, counted in Postgres: over time, over processes, and after a crash."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.livekit_calls import DialFailed
from callcenter.stages.outbound import flow, store
from callcenter.stages.outbound.dialler import Answered, Dialler, Ready
from callcenter.stages.outbound.flow import Asked
from sip import Guard
from sip.guard import Refusal, Why
from tests.stages.outbound.lines import NUMBER, NotedLines, order
from tests.stages.outbound.world import World

pytestmark = pytest.mark.postgres

PROCESSES = 4


@pytest.fixture
async def processes(world: World) -> AsyncIterator[list[Database]]:
    """What several processes have: a pool of connections each."""
    databases = [Database(world.url, pool_size=4) for _ in range(PROCESSES)]
    yield databases
    for database in databases:
        await database.close()


def guard(hour: int = 1000, day: int = 1000, concurrent: int = 100) -> Guard:
    return Guard(prefixes=("+49",), calls_per_hour=hour, calls_per_day=day, concurrent=concurrent)


async def test_every_attempt_is_recorded_the_refused_ones_too(world: World) -> None:
    assert await world.why("+49 30 23125-001") is None
    assert await world.why("112") is Why.EMERGENCY
    assert await world.why("+390612345678\x00" + "9" * 80) is Why.UNREADABLE
    assert await world.rows() == [
        (NUMBER, "asked", None),
        ("112", "refused", "emergency"),
        (("+390612345678" + "9" * 80)[:40], "refused", "unreadable"),
    ]


async def test_a_trunk_without_a_guard_is_refused_and_that_is_recorded(world: World) -> None:
    world.lines.guard = None
    assert await world.why() is Why.NO_GUARD
    assert await world.states() == [("refused", "no_guard")]


async def test_hours_and_days_slide(world: World) -> None:
    world.lines.guard = guard(hour=2, day=3)
    assert [await world.why() for _ in range(3)] == [None, None, Why.HOUR]
    await world.later(3500)
    assert await world.why() is Why.HOUR
    await world.later(200)
    assert [await world.why() for _ in range(2)] == [None, Why.DAY]
    await world.later(86400 - 3600)
    assert [await world.why() for _ in range(3)] == [None, None, Why.HOUR]


async def test_what_failed_counts_for_the_hour_and_what_was_refused_for_nothing(world: World) -> None:
    world.lines.guard, world.lines.refuses = guard(hour=2, concurrent=1), DialFailed(486, "Busy")
    for _ in range(2):
        await world.why("112")
        await world.dialler.dial(await world.ready())
    assert await world.why() is Why.HOUR


async def test_each_trunk_has_its_own_caps_and_its_own_lock(world: World) -> None:
    world.lines.guard = guard(hour=1)
    async with world.db.transaction() as tx:
        await store.lock_trunk(tx, "carrier")
        async with asyncio.timeout(3):
            assert [await world.why(trunk="other") for _ in range(2)] == [None, Why.HOUR]
        held = asyncio.create_task(world.why())
        done, _ = await asyncio.wait([held], timeout=0.2)
        assert not done, "the caps of a trunk were counted while somebody else held it"
    assert await held is None


async def test_many_processes_together_never_exceed_a_cap(processes: list[Database]) -> None:
    caps = guard(hour=7)

    async def ask(db: Database) -> Asked | Refusal:
        async with db.transaction() as tx:
            return await flow.ask(tx, order(), caps)

    answers = await asyncio.gather(*(ask(processes[n % PROCESSES]) for n in range(60)))
    allowed = [answer for answer in answers if isinstance(answer, Asked)]
    refused = [answer.why for answer in answers if isinstance(answer, Refusal)]
    assert len(allowed) == 7
    assert refused == [Why.HOUR] * 53


async def test_calls_that_come_and_go_in_many_processes_are_never_more_at_once_than_allowed(
    processes: list[Database],
) -> None:
    lines = NotedLines(guard=guard(concurrent=3))
    counts: list[Why | None] = []

    async def work(db: Database) -> None:
        dialler = Dialler(db, lines)
        for _ in range(6):
            ready = await dialler.ask(order())
            counts.append(ready.why if isinstance(ready, Refusal) else None)
            if isinstance(ready, Ready):
                assert isinstance(await dialler.dial(ready), Answered)
                await dialler.hang_up(ready.asked)

    await asyncio.gather(*(work(processes[n % PROCESSES]) for n in range(2 * PROCESSES)))
    assert set(counts) == {None, Why.CONCURRENT}, "nobody was in anybody's way: nothing was shown"
    assert lines.most_at_once == 3
    assert lines.up == {}
