"""Many calls in line: offered in few transactions, and to the same seats as one by one."""

from collections import Counter

import pytest

from callcenter.journey.offered import offer_agents_once
from callcenter.setup.deployments import store as deployments
from tests.journey.company import Company, commands

pytestmark = pytest.mark.postgres


async def offer(company: Company) -> int:
    """What the router does, on a machine on which entering the calls may take longer than workers may be silent."""
    await company.sql("UPDATE workers SET last_beat_at = clock_timestamp() + interval '1 minute'")
    return await offer_agents_once(company.j)


async def seats_taken(company: Company) -> Counter[str]:
    return Counter(await company.ids("SELECT worker FROM offers"))


async def test_a_line_of_calls_is_offered_once_each_and_the_worker_is_told_of_every_one(company: Company) -> None:
    worker = await company.worker(seats=30)
    waiting = [await company.call(from_=f"+1555000{number:04d}") for number in range(20)]
    assert await offer(company) == 20
    assert sorted(await company.ids("SELECT call_id FROM offers")) == sorted(waiting)
    assert await company.busy_seats() == 20
    offers = await company.ids("SELECT id FROM offers")
    assert sorted(await commands(company, worker)) == sorted(("take", offer_id) for offer_id in offers)
    for call in waiting[:3]:
        assert (await company.events(call)).count("offer_made") == 1


async def test_offers_made_together_spread_over_workers_as_evenly_as_one_by_one(company: Company) -> None:
    for _ in range(3):
        await company.worker(seats=4)
    for number in range(9):
        await company.call(from_=f"+1555000{number:04d}")
    assert await offer(company) == 9
    assert sorted((await seats_taken(company)).values()) == [3, 3, 3]


async def test_those_who_came_first_get_the_seats_when_there_are_too_few(company: Company) -> None:
    await company.worker(seats=5)
    waiting = [await company.call(from_=f"+1555000{number:04d}") for number in range(8)]
    assert await offer(company) == 5
    assert set(await company.ids("SELECT call_id FROM offers")) == set(waiting[:5])


async def test_a_call_that_asks_for_a_skill_keeps_its_turn_and_its_worker(company: Company) -> None:
    skilled = await company.worker(seats=1, skills=("back-office",))
    plain = await company.worker(seats=6)
    before = [await company.call(from_=f"+1555000{number:04d}") for number in range(3)]
    wishes = await company.call("+15550102")
    after = [await company.call(from_=f"+1555001{number:04d}") for number in range(3)]
    await company.sql("UPDATE workers SET last_failed_at = clock_timestamp() WHERE name = :name", name=skilled)
    assert await offer(company) == 7
    row = await company.offer_row(await company.offer(wishes))
    assert row["worker"] == skilled
    assert (await seats_taken(company))[plain] == len(before) + len(after)


async def test_while_deployments_share_the_calls_each_goes_where_its_share_says(company: Company) -> None:
    await company.worker(seats=20, deployment="blue")
    dark = await company.worker(seats=20, deployment="dark")
    async with company.j.db.transaction() as tx:
        await deployments.put(tx, "dark", 0)
    for number in range(10):
        await company.call(from_=f"+1555000{number:04d}")
    assert await offer(company) == 10
    assert (await seats_taken(company))[dark] == 0
