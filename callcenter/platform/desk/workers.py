"""Workers at the desk: registration, beats, draining, and what `callcenter status` shows of them."""

import logging
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sqlalchemy as sa

from callcenter.journey import effects, left, relieved
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.platform.plumbing.errors import NotFound
from callcenter.platform.plumbing.ids import OfferId, is_id
from callcenter.platform.plumbing.loops import each
from callcenter.platform.plumbing.model import ControlProcess
from callcenter.platform.wire.messages import Drain, Register, WorkerBeat
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import Author
from callcenter.stages.offers import drains, workers
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.model import WorkerState

log = logging.getLogger(__name__)

PROCESS_SILENT_SECONDS = 5
REMEMBERED_OFFERS = 1000


@dataclass(frozen=True)
class Workers:
    """`_owned` remembers which offers were found to be whose: an offer never changes its worker. `_ran`: the offers
    that the last beat of each worker named."""

    journey: Journey
    _owned: dict[OfferId, str] = field(default_factory=dict)
    _ran: dict[str, list[str]] = field(default_factory=dict)

    async def owns(self, worker: str, offer_id: OfferId) -> bool:
        """Whether this offer was made to this worker: nobody speaks of another's calls."""
        if offer_id not in self._owned:
            async with self.journey.db.transaction() as tx:
                offer = await offers.find(tx, offer_id) if is_id(offer_id) else None
            if offer is None:
                return False
            while len(self._owned) >= REMEMBERED_OFFERS:
                del self._owned[next(iter(self._owned))]
            self._owned[offer_id] = offer.worker
        return self._owned[offer_id] == worker

    async def register(self, worker: Register) -> None:
        async with self.journey.verb() as tx:
            await workers.register(tx, worker)
            await effects.tell_again(tx, worker.worker)
        log.info("worker registered", extra={"worker": worker.worker, "kind": worker.kind, "seats": worker.seats})

    async def beat(self, name: str, beat: WorkerBeat) -> bool:
        """Note the beat, free the seats of jobs that are gone, and give up those that died with their call. False when
        the worker has to register again."""
        running = [job.offer_id for job in beat.jobs]
        async with self.journey.verb() as tx:
            heard = await workers.beat(tx, name, running)
            if beat.draining or beat.hurry:
                await drains.drain(tx, name, 0 if beat.hurry else self.journey.timing.drain)
            dead = [] if heard.settled else await self._gone(tx, name, running)
        self._ran[name] = running
        for offer_id in dead:
            await left.lost(self.journey, offer_id, "its process ended", job_gone=True)
        return heard.known

    async def _gone(self, tx: Tx, name: str, running: list[str]) -> list[OfferId]:
        """Free the seats of ended offers whose jobs are gone; the offers whose jobs died with their call."""
        await offers.release_gone(tx, name, running)
        return await offers.accepted_but_not_running(tx, name, running, self._ran.get(name, ()))

    def closed(self, name: str) -> None:
        """Its connection is gone, and maybe the worker."""
        self._ran.pop(name, None)

    async def bye(self, name: str) -> None:
        """It stops as meant: somebody else goes on with what it still has, and it is forgotten without a warning."""
        async with self.journey.db.transaction() as tx:
            rest = await drains.live_on(tx, name)
        await each(rest, partial(relieved.relieved, self.journey, because="its worker has stopped"))
        async with self.journey.verb() as tx:
            await drains.gone(tx, name)
            await workers.release_lost(tx)
        log.info("worker left", extra={"worker": name, "handed_over": len(rest)})

    async def parts(self) -> dict[str, Any]:
        """Workers with seats and jobs, and control processes, as `callcenter status` needs them."""
        async with self.journey.db.transaction() as tx:
            return {"workers": await workers.overview(tx), "processes": await _processes(tx)}


async def drain(j: Journey, name: str, within_seconds: float | None = None, author: Author | None = None) -> None:
    """No new offers; the worker is told to exit when its calls are done, which are handed over after so many seconds
    (by default the setting's). Audited where an author asks for it. Raises NotFound."""
    within = j.timing.drain if within_seconds is None else within_seconds
    async with j.verb() as tx:
        if not await drains.drain(tx, name, within):
            raise NotFound(f"There is no live worker '{name}'.")
        if author is not None:
            asked = {"state": WorkerState.DRAINING, "within_seconds": within}
            await audit.record(tx, author, Change.CHANGED, Thing.WORKER, name, after=asked)
        await effects.command(tx, None, name, Drain())


async def _processes(tx: Any) -> list[dict[str, Any]]:
    fresh = ControlProcess.last_beat_at > from_now(-PROCESS_SILENT_SECONDS)
    return [
        dict(row) for row in await tx.rows(sa.select(ControlProcess.kind, ControlProcess.pid, fresh.label("healthy")))
    ]
