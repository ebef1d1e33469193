"""Liveness by the desk's connections (decision 5). A job whose connection is closed for a moment, or open without a
beat, is suspect; for longer, lost. A worker whose connection stays closed is asked for nothing more.

A job that may be gone takes the sentence it is saying along: what was heard of it, as far as its beats have told, is
stored then. A desk replica that dies at that moment takes this memory with it."""

import time
from dataclasses import dataclass
from functools import partial

from sqlalchemy.exc import InterfaceError, OperationalError

from callcenter.journey import left, said, suspected
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.plumbing.loops import each
from callcenter.platform.wire.messages import Saying
from callcenter.stages.offers import loop as offers

WORKER_CLOSED_SECONDS = 0.5  # a worker that lives is back after 50 ms
SUSPECT_SHARE = 0.5  # of the limits after which a job is lost: 1 s closed, 2 s silent by default


@dataclass
class _Seen:
    beat_at: float
    closed_at: float | None = None
    suspect: bool = False
    saying: Saying | None = None


class Watch:
    """Instants are this process's monotonic clock, so a step of the wall clock loses nobody."""

    def __init__(self, closed_seconds: float, silent_seconds: float) -> None:
        self._closed_seconds = closed_seconds
        self._silent_seconds = silent_seconds
        self._jobs: dict[OfferId, _Seen] = {}
        self._workers: dict[str, float] = {}
        self._stopping = False

    def beat(self, offer_id: OfferId, saying: Saying | None = None) -> None:
        """It is heard of, and this is what it is saying, if it says something new."""
        seen = self._jobs.setdefault(offer_id, _Seen(0.0))
        seen.beat_at, seen.closed_at = time.monotonic(), None
        seen.saying = saying or seen.saying

    def closed(self, offer_id: OfferId) -> None:
        if offer_id in self._jobs:
            self._jobs[offer_id].closed_at = time.monotonic()

    def done(self, offer_id: OfferId) -> None:
        self._jobs.pop(offer_id, None)

    def worker_back(self, worker: str) -> None:
        self._workers.pop(worker, None)

    def worker_closed(self, worker: str) -> None:
        self._workers[worker] = time.monotonic()

    def stop(self) -> None:
        """This replica ends, and closes its connections: that says nothing about those at their other ends."""
        self._stopping = True

    async def look_once(self, j: Journey) -> int:
        """Suspect, clear or give up jobs and workers as their time has come; returns how many calls lost somebody."""
        if self._stopping:
            return 0
        now = time.monotonic()
        for worker in [name for name, at in self._workers.items() if now - at > WORKER_CLOSED_SECONDS]:
            del self._workers[worker]
            await offers.lose_worker(j, worker, WORKER_CLOSED_SECONDS)
        return await each(list(self._jobs), partial(self._look_at, j, now))

    async def _look_at(self, j: Journey, now: float, offer_id: OfferId) -> bool:
        seen = self._jobs.get(offer_id)
        if seen is None:
            return False
        await self._keep_its_words(j, seen, now, offer_id)
        if (why := self._overdue(seen, now, 1.0)) is not None:
            was_live = await left.lost(j, offer_id, why)
            self.done(offer_id)
            return was_live
        why = self._overdue(seen, now, SUSPECT_SHARE)
        if why is not None and not seen.suspect:
            await suspected.suspected(j, offer_id, why)
            seen.suspect = True
        elif why is None and seen.suspect:
            await suspected.recovered(j, offer_id)
            seen.suspect = False
        return False

    async def _keep_its_words(self, j: Journey, seen: _Seen, now: float, offer_id: OfferId) -> None:
        """Not only when it is lost: its worker may have said so elsewhere, and the next agent may be there already."""
        silent = seen.closed_at is not None or self._overdue(seen, now, SUSPECT_SHARE) is not None
        if not silent or seen.saying is None:
            return
        saying, seen.saying = seen.saying, None
        try:
            await said.broke_off(j, offer_id, saying)
        except (OperationalError, InterfaceError, OSError, TimeoutError):  # the database is away: at the next look
            seen.saying = seen.saying or saying
            raise

    def _overdue(self, seen: _Seen, now: float, share: float) -> str | None:
        """Why this job is overdue by this share of its limits, or None."""
        if seen.closed_at is not None and now - seen.closed_at > self._closed_seconds * share:
            return "its connection is closed"
        if seen.closed_at is None and now - seen.beat_at > self._silent_seconds * share:
            return "it does not beat any more"
        return None
