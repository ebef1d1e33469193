"""Several routers side by side over one line and one set of seats."""

import asyncio
from contextlib import AsyncExitStack

import pytest
import sqlalchemy as sa

from callcenter.journey.offered import offer_agents_once
from callcenter.journey.verb import Journey
from callcenter.platform.wire.base import SeatKind
from callcenter.stages.offers.model import LIVE, Offer
from tests.journey.company import Company, open_company
from tests.stages.offers.crowd import crowd

pytestmark = pytest.mark.postgres

CALLS = 100
ROUTERS = 5
AT_MOST = 10  # in one transaction, so that each gets some
# Of each skill set, how many calls wait that stand before the last one that got a seat.
PASSED_OVER = """
WITH line AS (
  SELECT required_skills, state, row_number() OVER (
           PARTITION BY required_skills ORDER BY priority DESC, entered_at, call_id) AS place
  FROM waiting_entries WHERE required_skills <> '{}')
SELECT count(*) FILTER (WHERE state = 'waiting' AND place < last) FROM (
  SELECT *, max(place) FILTER (WHERE state = 'offered') OVER (PARTITION BY required_skills) AS last FROM line) AS found
GROUP BY required_skills
"""


async def test_i2_five_routers_give_a_hundred_calls_to_ninety_seats_once_each(company_database_url: str) -> None:
    async with AsyncExitStack() as open_companies:
        routers = [await open_companies.enter_async_context(open_company(company_database_url)) for _ in range(ROUTERS)]
        first = routers[0]
        for _ in range(9):
            await first.worker(SeatKind.AGENT, seats=10)
        calls = {await first.call(from_=f"+1555{number:07d}") for number in range(CALLS)}
        await first.sql("UPDATE workers SET last_beat_at = clock_timestamp() + interval '1 minute'")
        made = await asyncio.gather(*(_move_until_nothing_moves(router.j) for router in routers))
        async with first.j.db.transaction() as tx:
            offers = await tx.rows(sa.select(Offer.call_id, Offer.seat_id).where(Offer.state.in_(LIVE)))
    assert sum(made) == len(offers) == 90
    assert len({offer["call_id"] for offer in offers}) == 90
    assert len({offer["seat_id"] for offer in offers}) == 90
    assert {offer["call_id"] for offer in offers} <= calls
    assert sum(count > 0 for count in made) > 1, "one router did everything: nothing was shown"


async def _move_until_nothing_moves(j: Journey) -> int:
    made = idle = 0
    while idle < 2:
        moved = await offer_agents_once(j, AT_MOST)
        made, idle = made + moved, 0 if moved else idle + 1
    return made


async def test_five_routers_serve_each_skill_set_from_its_front(company_database_url: str) -> None:
    """Batches in flight may pass one another; nobody who came later than all that was in flight gets a seat before."""
    async with AsyncExitStack() as open_companies:
        routers = [await open_companies.enter_async_context(open_company(company_database_url)) for _ in range(ROUTERS)]
        first = routers[0]
        await crowd(first, "all-", 600)
        for number in range(20):
            await first.worker(SeatKind.AGENT, seats=6, skills=(f"skill-{number}",))
        await first.sql("UPDATE workers SET last_beat_at = clock_timestamp() + interval '1 minute'")
        made = await asyncio.gather(*(_move_until_nothing_moves(router.j) for router in routers))
        lines = await first.ids(PASSED_OVER)
        (seats,) = await first.ids("SELECT count(DISTINCT seat_id) FROM offers WHERE state = 'offered'")
    assert sum(made) == int(seats) == 120
    assert [int(passed) for passed in lines if int(passed) > ROUTERS * AT_MOST] == []


async def test_one_router_after_the_other_keeps_the_order_of_each_skill_set_exactly(company: Company) -> None:
    await crowd(company, "all-", 300)
    for number in range(20):
        await company.worker(SeatKind.AGENT, seats=3, skills=(f"skill-{number}",))
    assert await offer_agents_once(company.j, AT_MOST) == 60
    assert set(await company.ids(PASSED_OVER)) == {"0"}
