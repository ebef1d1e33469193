"""Liveness of jobs by their own beat (decision 5): a connection closed too long, or open without a beat, is a lost job."""

import time
from dataclasses import dataclass

from callcenter.journey import left
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.ids import OfferId


@dataclass
class _Seen:
    beat_at: float
    closed_at: float | None = None


class Watch:
    """Instants are this process's monotonic clock, so a step of the wall clock loses nobody."""

    def __init__(self, closed_seconds: float, silent_seconds: float) -> None:
        self._closed_seconds = closed_seconds
        self._silent_seconds = silent_seconds
        self._jobs: dict[OfferId, _Seen] = {}

    def beat(self, offer_id: OfferId) -> None:
        self._jobs[offer_id] = _Seen(time.monotonic())

    def closed(self, offer_id: OfferId) -> None:
        if offer_id in self._jobs:
            self._jobs[offer_id].closed_at = time.monotonic()

    def done(self, offer_id: OfferId) -> None:
        self._jobs.pop(offer_id, None)

    def overdue(self) -> dict[OfferId, str]:
        """Jobs that are lost by now, each with why."""
        now = time.monotonic()
        return {offer_id: why for offer_id, seen in self._jobs.items() if (why := self._why(seen, now)) is not None}

    def _why(self, seen: _Seen, now: float) -> str | None:
        if seen.closed_at is not None and now - seen.closed_at > self._closed_seconds:
            return "its connection is closed"
        if seen.closed_at is None and now - seen.beat_at > self._silent_seconds:
            return "it does not beat any more"
        return None

    async def look_once(self, j: Journey) -> int:
        """Give up jobs that are overdue; returns how many calls lost their agent."""
        count = 0
        for offer_id, why in self.overdue().items():
            count += await left.lost(j, offer_id, why)
            self.done(offer_id)
        return count
