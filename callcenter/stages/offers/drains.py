"""All SQL of draining: a worker that takes nothing new, and what becomes of the calls it has."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.plumbing.states import move
from callcenter.platform.wire.base import SeatKind
from callcenter.stages.offers.model import LIVE, WORKER_TRANSITIONS, Offer, OfferState, Seat, Worker, WorkerState

Condition = Callable[[Any], sa.ColumnElement[bool]]  # of a column that holds a call id


async def drain(tx: Tx, worker: str, within_seconds: float) -> bool:
    """No new offers from now on, and the rest of its calls is due after so many seconds; a later limit than the one
    that runs changes nothing. False when there is no such live worker."""
    limit = from_now(within_seconds)
    result = await tx.execute(
        move(Worker, WORKER_TRANSITIONS, WorkerState.DRAINING, or_still=True)
        .where(Worker.name == worker)
        .values(drain_until=sa.func.least(Worker.drain_until, limit))
    )
    return result.rowcount == 1


async def gone(tx: Tx, worker: str) -> None:
    """It said goodbye."""
    await tx.execute(move(Worker, WORKER_TRANSITIONS, WorkerState.GONE).where(Worker.name == worker))


async def live_on(tx: Tx, worker: str) -> list[OfferId]:
    """What this worker still has."""
    rows = await tx.rows(sa.select(Offer.id).where(Offer.worker == worker, Offer.state.in_(LIVE)))
    return [row["id"] for row in rows]


def draining() -> sa.Select[str]:
    """Workers that take no new calls."""
    return sa.select(Worker.name).where(Worker.state == WorkerState.DRAINING)


async def overdue(tx: Tx) -> list[OfferId]:
    """Offers of draining workers whose time is over."""
    return await _of_draining(tx, Worker.drain_until <= sa.func.clock_timestamp())


async def movable(tx: Tx, waits: Condition, silent_seconds: float) -> list[OfferId]:
    """Attendants' offers of draining workers whose caller only `waits`, as many as other attendants have free seats."""
    free = await tx.scalar(
        sa.select(sa.func.count(Seat.id))
        .join(Worker, Worker.name == Seat.worker)
        .where(
            Worker.kind == SeatKind.ATTENDANT, Worker.state == WorkerState.UP, Seat.offer_id.is_(None),
            Worker.last_beat_at > from_now(-silent_seconds),
        )
    )  # fmt: skip
    if not free:
        return []
    return await _of_draining(tx, sa.and_(Worker.kind == SeatKind.ATTENDANT, waits(Offer.call_id)), limit=free)


async def _of_draining(tx: Tx, where: sa.ColumnElement[bool], limit: int | None = None) -> list[OfferId]:
    rows = await tx.rows(
        sa.select(Offer.id)
        .join(Worker, Worker.name == Offer.worker)
        .where(Worker.state == WorkerState.DRAINING, Offer.state == OfferState.ACCEPTED, where)
        .order_by(Offer.accepted_at)
        .limit(limit)
    )
    return [row["id"] for row in rows]
