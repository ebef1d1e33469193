"""One verb = one transaction: lock the call, change it, write the timeline, record what to do outside."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from callcenter.journey.effects import Performer
from callcenter.platform.plumbing import failpoints
from callcenter.platform.plumbing.db import Database, Tx
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire.base import SeatKind
from callcenter.records.calls import store as calls
from callcenter.records.calls.store import LockedCall
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.store import OfferRow
from callcenter.stages.outbound.dialler import Lines


@dataclass(frozen=True)
class Timing:
    """Seconds."""

    answer_after: float
    offer_lease: float
    worker_silent: float
    attendant_silent: float
    desk_silent: float
    max_call: float
    drain: float = 3600.0
    test_call: float = 600.0

    @property
    def silent_by_kind(self) -> dict[SeatKind, float]:
        """A silent attendant leaves callers in silence at once; an agent's jobs are watched by themselves."""
        return {SeatKind.AGENT: self.worker_silent, SeatKind.ATTENDANT: self.attendant_silent}


@dataclass(frozen=True)
class Journey:
    """What every verb needs."""

    db: Database
    performer: Performer
    timing: Timing
    lines: Lines | None = None  # to telephones outside; without them nobody can be called

    @asynccontextmanager
    async def verb(self, *, wait: bool = False) -> AsyncIterator[Tx]:
        """A transaction whose effects are started right after its commit; with `wait` they have been tried when the
        block is left."""
        async with self.db.transaction() as tx:
            yield tx
        for kind in tx.recorded:
            failpoints.reached(f"{kind}.committed")
        started = self.performer.after_commit(tx.effects, tx.news)
        if wait and started:
            await asyncio.wait(started)


async def lock_offer(tx: Tx, offer_id: OfferId) -> tuple[LockedCall, OfferRow] | None:
    """Lock the offer's call, then read the offer as it stands under that lock."""
    offer = await offers.find(tx, offer_id)
    if offer is None:
        return None
    call = await calls.lock(tx, offer.call_id)
    offer = await offers.find(tx, offer_id)
    return (call, offer) if call and offer else None
