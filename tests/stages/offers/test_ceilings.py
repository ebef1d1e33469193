"""How many calls a profile's agents may have at once, and for how much money in a day."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from callcenter.journey.left import left
from callcenter.journey.offered import offer_agents_once
from callcenter.platform.wire.base import SeatKind
from callcenter.stages.offers.spending import measure_once
from tests.journey.company import Company, open_company

pytestmark = pytest.mark.postgres

ROUTERS = 5


async def limit(company: Company, values: str) -> None:
    await company.sql("UPDATE profiles SET body = body || CAST(:values AS jsonb) WHERE name = 'shop'", values=values)


async def talked(company: Company, seconds: int, ended: str = "interval '1 s'") -> None:
    """Every agent's offer was accepted so long ago."""
    await company.sql(
        "UPDATE offers SET state = 'ended', accepted_at = statement_timestamp() - make_interval(secs => :seconds), "
        f"ended_at = statement_timestamp() - {ended}, released_at = statement_timestamp()", seconds=seconds
    )  # fmt: skip
    await company.sql("UPDATE seats SET offer_id = NULL")


async def test_agents_of_a_profile_have_no_more_calls_than_its_ceiling(company: Company) -> None:
    await limit(company, '{"max_calls": 2}')
    await company.worker(seats=9)
    calls = [await company.call() for _ in range(4)]
    assert await company.move() == 2
    for call in calls[:2]:
        offer, _ = await company.claim(call)
    assert await company.move() == 0
    await left(company.j, offer, None)
    assert await company.move() == 1


async def test_calls_of_a_profile_at_its_ceiling_do_not_hide_those_of_others_behind_them(company: Company) -> None:
    await company.sql("INSERT INTO profiles (name, body) SELECT 'other', body FROM profiles WHERE name = 'shop'")
    await company.sql("UPDATE queues SET body = jsonb_set(body, '{profile}', '\"other\"'), "
                      "changed_at = now() WHERE name = 'back_office'")  # fmt: skip
    await limit(company, '{"max_calls": 1}')
    for _ in range(120):
        await company.call()
    behind = await company.call("+15550102")
    await company.worker(seats=200, skills=("back-office",))
    assert await company.move() == 2
    assert await company.offer(behind)


async def test_five_routers_together_keep_to_a_ceiling(company_database_url: str) -> None:
    async with AsyncExitStack() as open_companies:
        routers = [await open_companies.enter_async_context(open_company(company_database_url)) for _ in range(ROUTERS)]
        first = routers[0]
        await limit(first, '{"max_calls": 7}')
        await first.worker(SeatKind.AGENT, seats=30)
        for number in range(30):
            await first.call(from_=f"+1555{number:07d}")
        made = 0
        for _ in range(4):
            made += sum(await asyncio.gather(*(offer_agents_once(router.j, 2) for router in routers)))
        made += await offer_agents_once(first.j)  # each passes over what another holds just then
        (live,) = await first.ids("SELECT count(*) FROM offers WHERE state = 'offered'")
    assert (made, live) == (7, "7")


async def test_a_profile_whose_budget_is_spent_gets_no_more_calls_until_tomorrow(company: Company) -> None:
    await limit(company, '{"cost_per_minute": 0.5, "daily_budget": 5}')
    await company.worker(seats=2)
    await company.call()
    assert await company.move() == 1
    await talked(company, 599)
    assert await measure_once(company.j.db) == 1
    await company.call()
    assert await company.move() == 1, "just below ten minutes at 0.50"
    await talked(company, 700)
    await measure_once(company.j.db)
    await company.call()
    assert await company.move() == 0
    await company.sql("UPDATE spending SET day = day - 1")
    assert await company.move() == 1


async def test_a_day_begins_at_midnight_in_the_profiles_zone(company: Company) -> None:
    """Of a call that began before midnight, only what came after counts; who is still talking counts until now."""
    (zone,) = await company.ids(
        "SELECT name FROM pg_timezone_names WHERE name LIKE 'Etc/GMT%' "
        "AND extract(hour FROM now() AT TIME ZONE name) = 1 LIMIT 1"
    )
    await limit(company, f'{{"cost_per_minute": 1, "daily_budget": 1000, "budget_zone": "{zone}"}}')
    await company.worker()
    await company.call()
    await company.move()
    await talked(company, 4 * 3600, "interval '0 s'")
    await company.sql("UPDATE offers SET state = 'accepted', ended_at = NULL, released_at = NULL")
    await measure_once(company.j.db)
    (seconds,) = await company.ids("SELECT seconds FROM spending")
    (since_midnight,) = await company.ids(
        f"SELECT extract(epoch FROM local - date_trunc('day', local)) "
        f"FROM (SELECT measured_at AT TIME ZONE '{zone}' AS local FROM spending) AS measured"
    )
    assert float(seconds) == pytest.approx(float(since_midnight), abs=0.01)
    assert 3600 <= float(seconds) < 7200
