"""The order in which call-backs are kept, beside those who wait on the line."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from callcenter.platform.wire.base import SeatKind
from callcenter.setup.queues.rules import Ageing
from callcenter.stages.callbacks import store as call_backs
from callcenter.stages.waiting import loop as waiting
from sip import Guard
from tests.journey.company import open_company
from tests.journey.phones import Phones, number, phones, promises_hold

pytestmark = pytest.mark.postgres


async def test_call_backs_and_callers_are_served_in_the_order_in_which_they_came(world: Phones) -> None:
    """Places: a caller (9 min), a call-back (8), a caller (7), a call-back (6), and one before all by priority (1)."""
    first = await world.waiting_since(1, 9)
    second = await world.promise(2, 8)
    third = await world.waiting_since(3, 7)
    fourth = await world.promise(4, 6)
    urgent = await world.promise(5, 1, priority=10)
    served: list[str] = []
    for _ in range(5):
        await world.company.worker(seats=1)
        await world.company.sql("UPDATE workers SET last_beat_at = clock_timestamp() + interval '1 minute'")
        while await world.move():
            pass
        await world.ringer.settle()
        offered = await world.company.ids("SELECT call_id FROM offers WHERE kind = 'agent' ORDER BY offered_at, id")
        assert len(offered) == len(served) + 1, "one seat, one offer"
        served = offered
    backs = {
        (await world.back(each))["call_id"]: name
        for each, name in ((urgent, "urgent"), (second, "second"), (fourth, "fourth"))
    }
    assert [backs.get(each, each) for each in served] == ["urgent", first, "second", third, "fourth"]


@pytest.mark.parametrize(("minutes", "priority", "rung"), [(9, -3, 1), (2, 3, 0)])
async def test_call_backs_age_as_the_callers_of_their_queue_do(
    world: Phones, minutes: int, priority: int, rung: int
) -> None:
    """One point a minute: a call-back of 6 against a caller of 2, and one of 5 against a caller of 9."""
    await world.queue(ageing=Ageing(every_seconds=60, points=1, at_most=100))
    await world.promise(1, minutes, priority=priority)
    call_id = await world.waiting_since(2, 11 - minutes)
    await world.company.worker(seats=1)
    while await world.move():
        pass
    await world.ringer.settle()
    assert len(world.rung()) == rung
    offered = await world.company.ids("SELECT call_id FROM offers WHERE kind = 'agent'")
    assert offered == (world.rung() or [call_id])


async def test_a_profile_at_its_ceiling_rings_nobody_and_holds_up_nobody(world: Phones) -> None:
    await world.company.worker(seats=3)
    await world.company.sql("UPDATE profiles SET body = body || '{\"max_calls\": 1}' WHERE name = 'shop'")
    await world.company.call(from_=number(1))
    await world.move()
    await world.promise(2, 8)
    other = await world.waiting_since(3, 5)
    await world.company.sql("UPDATE waiting_entries SET profile = 'other' WHERE call_id = :id", id=other)
    while await world.move():
        pass
    assert world.rung() == []
    await world.company.offer(other)


async def test_a_call_back_counts_in_the_position_of_who_came_after_it(world: Phones) -> None:
    await world.promise(1, 8)
    later = await world.waiting_since(2, 5)
    async with world.j.db.transaction() as tx:
        assert await call_backs.ahead(tx, "support", 0, (await world.company.row(later))["arrived_at"]) == 1
        assert await call_backs.ahead(tx, "support", 5, (await world.company.row(later))["arrived_at"]) == 0
        assert await call_backs.ahead(tx, "back_office", 0, (await world.company.row(later))["arrived_at"]) == 0


async def test_nobody_waits_behind_a_call_back_that_no_free_seat_could_serve(world: Phones) -> None:
    await world.promise(1, 8, skills=("welding",))
    call_id = await world.waiting_since(2, 5)
    await world.company.worker()
    await world.move()
    await world.company.offer(call_id)
    assert world.rung() == []


async def test_i2_five_routers_ring_twenty_call_backs_once_each(company_database_url: str) -> None:
    async with AsyncExitStack() as opened:
        routers = []
        for _ in range(5):
            company = await opened.enter_async_context(open_company(company_database_url))
            routers.append(await opened.enter_async_context(phones(company)))
        for router in routers:
            router.lines.guard = Guard(prefixes=("+49",), concurrent=100, calls_per_hour=100, calls_per_day=100)
        for each in range(20):
            await routers[0].promise(each, minutes_ago=each)
        await routers[0].company.worker(seats=15)
        await routers[0].company.worker(SeatKind.ATTENDANT, seats=15)
        await routers[0].company.sql("UPDATE workers SET last_beat_at = clock_timestamp() + interval '1 minute'")
        await asyncio.gather(*(_ring_until_nothing_rings(router) for router in routers))
        for router in routers:
            await router.ringer.settle()
        rung = [each for router in routers for each in router.rung()]
        assert len(rung) == len(set(rung)) == 15, "one for each seat"
        numbers = await routers[0].company.ids("SELECT number FROM calls_out")
        assert len(numbers) == len(set(numbers)) == 15
        longest = await routers[0].company.ids(
            "SELECT number FROM call_backs WHERE state = 'planned' ORDER BY entered_at"
        )
        assert longest == [number(each) for each in (4, 3, 2, 1, 0)]
        await promises_hold(routers[0])


async def _ring_until_nothing_rings(world: Phones) -> None:
    idle = 0
    while idle < 3:
        idle = 0 if await waiting.move_once(world.j) + await world.ringer.ring_once() else idle + 1


async def test_a_trunk_whose_caps_are_reached_gives_no_attempt_back(world: Phones) -> None:
    """Or a number that nobody answers would be rung for ever while the trunk is busy."""
    world.lines.guard = Guard(prefixes=("+49",), concurrent=1)
    _, second = await world.promise(1, 9), await world.promise(2, 8)
    await world.company.sql("UPDATE call_backs SET attempts = 2 WHERE id = :id", id=second)
    await world.company.worker(seats=2)
    while await world.move():
        pass
    row = await world.back(second)
    assert (row["state"], row["last_failure"], row["attempts"]) == ("planned", "refused_concurrent", 2)
