"""Leases and liveness, watched: offers nobody claimed, workers without a beat, jobs nobody watches."""

import logging

from callcenter.journey import left, offered
from callcenter.journey.verb import Journey
from callcenter.stages.offers import store, workers

log = logging.getLogger(__name__)


async def expire_once(j: Journey) -> int:
    """Expire offers whose lease is over; returns how many."""
    async with j.db.transaction() as tx:
        due = await store.expired(tx)
    return sum([await offered.expired(j, offer_id) for offer_id in due])


async def lose_once(j: Journey) -> int:
    """Give up workers that are silent and offers that nobody watches; returns how many calls lost somebody."""
    async with j.db.transaction() as tx:
        for worker in await workers.mark_lost(tx, j.timing.worker_silent):
            log.warning("worker lost", extra={"worker": worker})
        orphans = await store.orphaned(tx, j.timing.desk_silent)
    count = sum([await left.lost(j, offer_id, "nothing is heard of it") for offer_id in orphans])
    async with j.db.transaction() as tx:
        await workers.release_lost(tx)
    return count
