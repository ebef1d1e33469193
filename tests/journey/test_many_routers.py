"""Several routers side by side over one line and one set of seats."""

import asyncio
from contextlib import AsyncExitStack

import pytest
import sqlalchemy as sa

from callcenter.journey.verb import Journey
from callcenter.platform.wire.base import SeatKind
from callcenter.stages.offers.model import LIVE, Offer
from callcenter.stages.waiting import loop as waiting
from tests.journey.company import open_company

pytestmark = pytest.mark.postgres

CALLS = 100
ROUTERS = 5


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
        moved = await waiting.move_once(j)
        made, idle = made + moved, 0 if moved else idle + 1
    return made
