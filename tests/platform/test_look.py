"""The router asks once for all of its work, and wakes those who have some."""

import asyncio

import pytest

from callcenter.journey import effects
from callcenter.journey.moving import movable
from callcenter.platform.plumbing.look import Look
from callcenter.platform.wire.base import SeatKind
from callcenter.stages.offers import drains
from callcenter.stages.offers import store as offers
from callcenter.stages.waiting import loop as waiting
from tests.journey.company import Company

pytestmark = pytest.mark.postgres


async def test_nobody_is_woken_for_nothing_and_each_for_its_own_work(company: Company) -> None:
    names = ("line", "expiring", "draining", "over", "effects")
    work = (
        movable(company.j.timing.worker_silent), offers.expiring(), drains.draining(),
        waiting.over(company.j), effects.sweepable(),
    )  # fmt: skip
    events = [asyncio.Event() for _ in names]
    look = Look(company.j.db, dict(zip(events, work, strict=True)))

    async def woken() -> set[str]:
        await company.j.performer.settle()
        for event in events:
            event.clear()
        count = await look.look_once()
        found = {name for name, event in zip(names, events, strict=True) if event.is_set()}
        assert count == len(found)
        return found

    assert await woken() == set()
    worker = await company.worker()
    assert await woken() == set()
    call_id = await company.call()
    assert await woken() == {"line"}
    assert await company.move() == 1
    assert await woken() == set()
    await company.sql("UPDATE offers SET lease_until = clock_timestamp()")
    assert await woken() == {"expiring"}
    await company.sql("UPDATE offers SET lease_until = clock_timestamp() + interval '1 minute'")
    await company.sql(f"UPDATE workers SET state = 'draining' WHERE name = '{worker}'")
    assert await woken() == {"draining"}
    await company.sql("UPDATE workers SET state = 'up'")
    await company.sql("UPDATE calls SET arrived_at = arrived_at - interval '1 day'")
    assert await woken() == {"over"}
    await company.sql("UPDATE calls SET arrived_at = arrived_at + interval '1 day'")
    await company.claim(call_id)
    await company.j.performer.settle()
    await company.sql("UPDATE effects SET done_at = NULL, due_at = clock_timestamp()")
    assert await woken() == {"effects"}


async def test_the_line_is_looked_through_only_while_a_seat_is_free_that_can_serve_it(company: Company) -> None:
    async def moves() -> int:
        async with company.j.db.asking() as tx:
            return len(await tx.rows(movable(company.j.timing.worker_silent)))

    await company.call()
    assert await moves() == 0, "no worker"
    await company.worker(SeatKind.ATTENDANT)
    assert await moves() == 0, "an attendant's seat serves nobody"
    await company.worker(seats=2)
    assert await moves() == 1
    await company.sql("UPDATE waiting_entries SET required_skills = '{french}'")
    assert await moves() == 0, "nobody speaks it"
    await company.worker(skills=("french", "orders"))
    assert await moves() == 1
    await company.sql("UPDATE workers SET last_beat_at = last_beat_at - interval '5 s'")
    assert await moves() == 0, "silent workers are asked for nothing"
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp()")
    assert await moves() == 1


async def test_a_seat_that_was_taken_wakes_the_line_when_it_is_free_again(company: Company) -> None:
    await company.worker()
    first, second = await company.call(), await company.call()
    await company.move()
    async with company.j.db.asking() as tx:
        assert await tx.rows(movable(company.j.timing.worker_silent)) == []
    await company.sql("UPDATE seats SET offer_id = NULL")
    async with company.j.db.asking() as tx:
        assert [row["call_id"] for row in await tx.rows(movable(company.j.timing.worker_silent))] == [second]
    assert first != second
