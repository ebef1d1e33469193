"""Liveness by the desk's connections (decision 5). A job whose connection is closed for a moment, or open without a
beat, is suspect; for longer, lost. A worker whose connection stays closed is asked for nothing more.

A desk that hears nobody at all has been cut off itself, or has slept: then it judges nobody, and gives them time to
come back afterwards. And it judges only jobs that have not moved to another desk.

A job that may be gone takes the sentence it is saying along: what was heard of it, as far as its beats have told, is
stored then. A desk replica that dies at that moment takes this memory with it."""

import logging
import time
from dataclasses import dataclass
from functools import partial

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from callcenter.journey import left, said, suspected
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.plumbing.loops import each
from callcenter.platform.wire.messages import Saying
from callcenter.stages.offers import loop as offers

WORKER_CLOSED_SECONDS = 0.5  # a worker that lives is back after 50 ms
CUT_OFF_SECONDS = 1.6  # somebody beats every half second, the slowest every second
SLEPT_SECONDS = 1.0
RETURN_SECONDS = 2.0  # whoever was cut off tries again after a second at most
SUSPECT_SHARE = 0.5  # of the limits after which a job is lost: 1 s closed, 2 s silent by default


log = logging.getLogger(__name__)


@dataclass
class _Seen:
    beat_at: float
    closed_at: float | None = None
    suspect: bool = False
    heard: bool = False  # since it became suspect
    saying: Saying | None = None


class Watch:
    """Instants are this process's monotonic clock, so a step of the wall clock loses nobody."""

    def __init__(self, desk: str, closed_seconds: float, silent_seconds: float) -> None:
        self._desk = desk
        self._closed_seconds = closed_seconds
        self._silent_seconds = silent_seconds
        self._jobs: dict[OfferId, _Seen] = {}
        self._workers: dict[str, _Seen] = {}
        self._stopping = False
        self._cut_off = False
        self._looked_at: float | None = None

    def beat(self, offer_id: OfferId, saying: Saying | None = None) -> None:
        """It is heard of, and this is what it is saying, if it says something new."""
        seen = self._jobs.setdefault(offer_id, _Seen(0.0))
        seen.beat_at, seen.closed_at, seen.heard = time.monotonic(), None, True
        seen.saying = saying or seen.saying

    def closed(self, offer_id: OfferId) -> None:
        if offer_id in self._jobs:
            self._jobs[offer_id].closed_at = time.monotonic()

    def done(self, offer_id: OfferId) -> None:
        self._jobs.pop(offer_id, None)

    def worker_beat(self, worker: str) -> None:
        seen = self._workers.setdefault(worker, _Seen(0.0))
        seen.beat_at, seen.closed_at = time.monotonic(), None

    def worker_closed(self, worker: str) -> None:
        if worker in self._workers:
            self._workers[worker].closed_at = time.monotonic()

    def worker_left(self, worker: str) -> None:
        """It said goodbye: its silence from now on says nothing about anybody."""
        self._workers.pop(worker, None)

    def stop(self) -> None:
        """This replica ends, and closes its connections: that says nothing about those at their other ends."""
        self._stopping = True

    async def look_once(self, j: Journey) -> int:
        """Suspect, clear or give up jobs and workers as their time has come; returns how many calls lost somebody."""
        if self._stopping:
            return 0
        now = time.monotonic()
        slept = self._looked_at is not None and now - self._looked_at > SLEPT_SECONDS
        try:
            return await self._judge(j, now, slept)
        finally:
            self._looked_at = time.monotonic()  # a look may take long; only the pauses between looks are sleep

    async def _judge(self, j: Journey, now: float, slept: bool) -> int:
        if self._hears_nobody(now):
            if not self._cut_off:
                log.warning(
                    "nobody can be heard any more: nobody is given up for that", extra={"jobs": len(self._jobs)}
                )
            self._cut_off = True
            return 0
        if slept or self._cut_off:
            self._cut_off = False
            self._begin_anew(now + RETURN_SECONDS)
        for worker in [name for name, seen in self._workers.items() if _closed_for(seen, now) > WORKER_CLOSED_SECONDS]:
            del self._workers[worker]
            await offers.lose_worker(j, worker, WORKER_CLOSED_SECONDS)
        return await each(list(self._jobs), partial(self._look_at, j, now))

    def _hears_nobody(self, now: float) -> bool:
        """Whether all are gone at once. Of one worker and its jobs alone, that is how a dead machine looks."""
        if len(self._workers) < 2:
            return False
        lines = [*self._workers.values(), *self._jobs.values()]
        return all(seen.closed_at is not None or now - seen.beat_at > CUT_OFF_SECONDS for seen in lines)

    def _begin_anew(self, at: float) -> None:
        """All limits run from this instant on."""
        for seen in (*self._workers.values(), *self._jobs.values()):
            seen.beat_at = max(seen.beat_at, at)
            seen.closed_at = at if seen.closed_at is not None else None

    async def _look_at(self, j: Journey, now: float, offer_id: OfferId) -> bool:
        seen = self._jobs.get(offer_id)
        if seen is None:
            return False
        await self._keep_its_words(j, seen, now, offer_id)
        if (why := self._overdue(seen, now, 1.0)) is not None:
            was_live = await left.lost(j, offer_id, why, desk=self._desk)
            self.done(offer_id)
            return was_live
        why = self._overdue(seen, now, SUSPECT_SHARE)
        if why is not None and not seen.suspect:
            await suspected.suspected(j, offer_id, why, self._desk)
            seen.suspect, seen.heard = True, False
        elif why is None and seen.suspect and seen.heard:
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
        except (OperationalError, InterfaceError, PoolTimeout, OSError, TimeoutError):
            # The database is away: at the next look.
            seen.saying = seen.saying or saying
            raise

    def _overdue(self, seen: _Seen, now: float, share: float) -> str | None:
        """Why this job is overdue by this share of its limits, or None."""
        if seen.closed_at is not None and now - seen.closed_at > self._closed_seconds * share:
            return "its connection is closed"
        if seen.closed_at is None and now - seen.beat_at > self._silent_seconds * share:
            return "it does not beat any more"
        return None


def _closed_for(seen: _Seen, now: float) -> float:
    return 0.0 if seen.closed_at is None else now - seen.closed_at
