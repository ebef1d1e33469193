"""Leases and liveness, watched: offers nobody claimed, workers without a beat, jobs nobody watches."""

import logging
import time
from collections.abc import Callable
from functools import partial

import sqlalchemy as sa

from callcenter.journey import left, offered, relieved
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.loops import each
from callcenter.platform.wire.base import SeatKind
from callcenter.stages.offers import silence, store, workers

log = logging.getLogger(__name__)

GAP_SECONDS = 2.0
UNASKED_SECONDS = 5.0  # so often everybody is looked through, whatever the one question says


async def expire_once(j: Journey) -> int:
    """Expire offers whose lease is over; returns how many."""
    async with j.db.transaction() as tx:
        due = await store.expired(tx)
    return await each(due, partial(offered.expired, j))


async def relieve_once(j: Journey) -> int:
    """Hand over the calls of draining workers that are due; returns how many."""
    return await each(await relieved.due(j), partial(relieved.relieved, j))


class Liveness:
    """Gives up workers that are silent and offers that nobody watches.

    Beats are written by others, so silence proves nothing while the database could not be written to, while no desk
    was there to write them, or while nobody reached the desks: after every gap in this loop's own looks, and after the
    last look that found no desk alive or all workers silent at once, it waits as long as jobs get to reconnect
    (decision 5) before it gives up anybody. Instants are this process's
    monotonic clock.
    """

    def __init__(self, grace_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._grace_seconds = grace_seconds
        self._clock = clock
        self._looked_at: float | None = None
        self._steady_since = 0.0
        self._looked_through_at = float("-inf")
        self._question: sa.Select[bool, bool, bool] | None = None

    async def lose_once(self, j: Journey) -> int:
        """Returns how many calls lost somebody."""
        started = self._clock()
        if self._question is None:
            self._question = silence.question(j.timing.silent_by_kind, j.timing.desk_silent, GAP_SECONDS)
        async with j.db.asking() as tx:
            seen = await silence.look(tx, self._question)
        if seen.leftovers:
            async with j.db.transaction() as tx:
                await workers.release_lost(tx)
        if not seen.heard or self._looked_at is None or started - self._looked_at > GAP_SECONDS:
            self._steady_since = started
        self._looked_at = self._clock()
        if started - self._steady_since < self._grace_seconds:
            return 0
        if not seen.overdue and started - self._looked_through_at < UNASKED_SECONDS:
            return 0
        self._looked_through_at = started
        return await lose(j)


async def lose_worker(j: Journey, worker: str, silent_seconds: float) -> int:
    """Give up this worker, whose connection is closed, unless it has been heard of within this time; returns how many
    calls lost somebody."""
    async with j.db.transaction() as tx:
        lost = await workers.mark_lost(tx, dict.fromkeys(SeatKind, silent_seconds), worker)
    if not lost:
        return 0
    log.warning("worker lost", extra={"worker": worker, "because": "its connection is closed"})
    async with j.db.transaction() as tx:
        callers = await store.attended_by(tx, worker)
    return await each(callers, partial(left.lost, j, because="its process ended"))


async def lose(j: Journey) -> int:
    """Give up now whoever is silent for too long; returns how many calls lost somebody."""
    async with j.db.transaction() as tx:
        for worker in await workers.mark_lost(tx, j.timing.silent_by_kind):
            log.warning("worker lost", extra={"worker": worker, "because": "it does not beat any more"})
        orphans = await store.orphaned(tx, j.timing.desk_silent)
    count = await each(orphans, partial(left.lost, j, because="nothing is heard of it"))
    async with j.db.transaction() as tx:
        await workers.release_lost(tx)
    return count
