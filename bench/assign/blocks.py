"""The part `assign`: in each block every contender empties a queue of the same length."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from bench.assign import ours, peers
from bench.assign.databases import drop_database, fresh_database
from bench.cost import NoiseMeter
from bench.measure import Origin
from bench.samples import Metric, Sample
from callcenter.journey.verb import Journey
from callcenter.platform.entrypoints import migrate
from callcenter.platform.entrypoints.seed import seed
from callcenter.platform.plumbing.db import Database
from callcenter.platform.wire.settings import Settings

MANY = 10_000
USERS = ("admin@demo.test", "sam@demo.test", "kim@demo.test")


@asynccontextmanager
async def matcher(server_url: str) -> AsyncIterator[Journey]:
    """Our journey in a migrated database with the demo company."""
    url = await asyncio.to_thread(fresh_database, server_url)
    await asyncio.to_thread(migrate.run, Settings(database_url=url))
    db = Database(url, pool_size=1)
    async with db.transaction() as tx:
        await seed(tx, dict.fromkeys(USERS, "correct horse battery"), datetime.now(UTC).date())
    await db.close()
    async with ours.open_journey(url) as journey:
        yield journey
    await asyncio.to_thread(drop_database, server_url, url)


async def assign_block(journey: Journey, server_url: str, block: int, count: int) -> AsyncIterator[Sample]:
    """One sample for each contender; their order turns with the block."""

    async def offered() -> float:
        await ours.queue_up(journey, count)
        return await ours.offer_all(journey, count)

    async def one_by_one() -> float:
        await ours.queue_up(journey, count)
        return await ours.offer_all(journey, count, at_most=1)

    async def before_many() -> float:
        await ours.queue_up(journey, count)
        await ours.stand_behind(journey, MANY)
        return await ours.offer_all(journey, count)

    async def peer(work: Callable[[str, int], Awaitable[float]]) -> float:
        url = await asyncio.to_thread(fresh_database, server_url)
        try:
            return await work(url, count)
        finally:
            await asyncio.to_thread(drop_database, server_url, url)

    contenders: list[tuple[str, Callable[[], Awaitable[float]]]] = [
        ("ours", offered),
        ("ours, one at a time", one_by_one),
        ("ours, 10,000 waiting", before_many),
        ("pgqueuer", lambda: peer(peers.pgqueuer)),
        ("procrastinate", lambda: peer(peers.procrastinate_)),
    ]
    turn = block % len(contenders)
    for name, run in contenders[turn:] + contenders[:turn]:
        async with NoiseMeter() as meter:
            seconds = await run()
        noise = {**meter.noise(), "lag_ms": None}
        # This process itself works at full speed here: its loop is late by its own doing.
        yield Origin(name, block, lambda *_, kept=noise: kept).sample(Metric.ASSIGNMENTS, count / seconds, count=count)
