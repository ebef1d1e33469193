"""The routers count what the timeline says, so that it is counted once for all replicas of the API."""

from callcenter.platform.plumbing.db import Database
from callcenter.records.tallies import store

COUNT_SECONDS = 5.0


async def count_once(db: Database, page: int = store.PAGE) -> int:
    """Count all events that have come since the last time; how many. A transaction a page."""
    total = 0
    while True:
        async with db.transaction() as tx:
            counted = await store.count_page(tx, page)
        total += counted
        if counted < page:
            return total
