"""SQL for several offers at once: the same seats that `store.take_seat` chooses one by one, in few statements."""

from collections.abc import Sequence

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.base import SeatKind
from callcenter.stages.offers.model import Offer, OfferState, Seat, Worker
from callcenter.stages.offers.store import FAILED_LATELY_SECONDS, FreeSeat, takes_calls


async def lock_free_seats(tx: Tx, kind: SeatKind, limit: int, silent_seconds: float) -> list[FreeSeat]:
    """So many free seats, locked, in the order in which calls without wishes take them: of workers that did not fail
    lately, and each next one of the worker that is then the least loaded."""
    failed_lately = sa.case((Worker.last_failed_at > from_now(-FAILED_LATELY_SECONDS), Worker.last_failed_at))
    busy = sa.func.count(Seat.offer_id).over(partition_by=Seat.worker)
    place = sa.func.row_number().over(partition_by=(Seat.worker, Seat.offer_id.is_(None)), order_by=Seat.id)
    seats = (
        sa.select(Seat.id, Seat.offer_id, failed_lately.label("failed"), (busy + place).label("load"))
        .join(Worker, Worker.name == Seat.worker)
        .where(Worker.kind == kind, takes_calls(silent_seconds))
        .cte("seats_in_order")
    )
    rows = await tx.rows(
        sa.select(Seat.id, Seat.worker)
        .join(seats, seats.c.id == Seat.id)
        .where(seats.c.offer_id.is_(None), Seat.offer_id.is_(None))
        .order_by(seats.c.failed.asc().nulls_first(), seats.c.load, Seat.id)
        .limit(limit)
        .with_for_update(of=Seat, skip_locked=True)
    )
    return [FreeSeat(row["id"], row["worker"]) for row in rows]


async def make_each(
    tx: Tx, kind: SeatKind, offers: Sequence[tuple[OfferId, CallId, FreeSeat]], lease: float
) -> None:  # fmt: skip
    """Bind each offer to its seat and write it, with a lease of so many seconds."""
    await tx.execute(
        sa.update(Seat).where(Seat.id == sa.bindparam("seat")).values(offer_id=sa.bindparam("offer")),
        [{"seat": seat.id, "offer": offer_id} for offer_id, _, seat in offers],
    )
    statement = sa.insert(Offer).values(kind=kind, state=OfferState.OFFERED, lease_until=from_now(lease))
    await tx.execute(
        statement,
        [
            {"id": offer_id, "call_id": call_id, "worker": seat.worker, "seat_id": seat.id}
            for offer_id, call_id, seat in offers
        ],
    )
