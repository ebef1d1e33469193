"""All SQL of giving seats to calls: a snapshot of the workers, and the seats that `rules` has chosen from it, locked.

Nobody waits here for anybody: a seat that another router holds is passed over, and its call stays in line.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx, from_now, seconds
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.plumbing.sets import given
from callcenter.platform.wire.base import SeatKind
from callcenter.setup.deployments import store as deployments
from callcenter.stages.offers.model import Offer, OfferState, Seat, Worker, WorkerState
from callcenter.stages.offers.rules import Loaded, Wish, share_out

FAILED_LATELY_SECONDS = 60.0


@dataclass(frozen=True)
class FreeSeat:
    id: int
    worker: str


def takes_calls(kind: SeatKind, silent_seconds: float) -> sa.ColumnElement[bool]:
    """Up, and heard of lately: a worker that died is not asked even before it is given up."""
    return sa.and_(
        Worker.kind == kind,
        Worker.state == WorkerState.UP,
        Worker.last_beat_at > sa.func.clock_timestamp() - seconds(silent_seconds),
    )


def by_skills(kind: SeatKind, silent_seconds: float) -> sa.Select[list[str], int]:
    """The distinct `skills` of workers that take calls, each with how many `seats` they have."""
    return (
        sa.select(Worker.skills, sa.func.count().label("seats"))
        .join(Seat, Seat.worker == Worker.name)
        .where(takes_calls(kind, silent_seconds))
        .group_by(Worker.skills)
    )


def free_by_skills(kind: SeatKind, silent_seconds: float) -> sa.Select[list[str], int]:
    """As `by_skills`, of seats that are free."""
    return by_skills(kind, silent_seconds).where(Seat.offer_id.is_(None))


async def take(
    tx: Tx, kind: SeatKind, wishes: Sequence[Wish], silent_seconds: float
) -> tuple[list[tuple[Wish, FreeSeat]], int]:
    """Bind as many of these offers as there are seats for, in their order; returns those that got one, and how many
    free seats are left."""
    workers = await _with_free_seats(tx, kind, silent_seconds)
    chosen = share_out(wishes, workers, await deployments.shares(tx)) if workers else []
    left = sum(worker.free for worker in workers) - len(chosen)
    if not chosen:
        return [], left
    by_id = {wish.offer_id: wish for wish, _ in chosen}
    rows = await tx.rows(_take_chosen([(wish.offer_id, worker) for wish, worker in chosen]))
    seats = {row["offer_id"]: FreeSeat(row["id"], row["worker"]) for row in rows}
    return [(wish, seats[offer_id]) for offer_id, wish in by_id.items() if offer_id in seats], left


async def _with_free_seats(tx: Tx, kind: SeatKind, silent_seconds: float) -> list[Loaded]:
    failed_lately = sa.case((Worker.last_failed_at > from_now(-FAILED_LATELY_SECONDS), Worker.last_failed_at))
    free = Seat.offer_id.is_(None)
    rows = await tx.rows(
        sa.select(
            Worker.name, Worker.skills, Worker.deployment, failed_lately.label("failed_at"),
            sa.func.count(Seat.offer_id).label("busy"), sa.func.count().filter(free).label("free"),
            sa.func.min(Seat.id).filter(free).label("first_seat"),
        )
        .join(Seat, Seat.worker == Worker.name)
        .where(takes_calls(kind, silent_seconds))
        .group_by(Worker.name)
        .having(sa.func.bool_or(free))
    )  # fmt: skip
    return [Loaded(**{**row, "skills": frozenset(row["skills"])}) for row in rows]


def _take_chosen(chosen: Sequence[tuple[OfferId, str]]) -> sa.UpdateBase:
    """For each (offer, worker) one of the worker's free seats; fewer where others hold them at this moment."""
    asked = given({"offer_id": Seat.offer_id.type, "worker": sa.Text()}, chosen)
    turn = sa.func.row_number()
    offers = sa.select(
        asked.c.offer_id, asked.c.worker, turn.over(partition_by=asked.c.worker, order_by=asked.c.place).label("turn")
    ).cte("offers_in_turn")
    wanted = sa.select(offers.c.worker, sa.func.count().label("seats")).group_by(offers.c.worker).subquery("wanted")
    free = (
        sa.select(Seat.id, Seat.worker)
        .where(Seat.worker == wanted.c.worker, Seat.offer_id.is_(None))
        .order_by(Seat.id)
        .limit(wanted.c.seats)
        .with_for_update(skip_locked=True)
        .lateral("free")
    )
    locked = sa.select(free.c.id, free.c.worker).select_from(wanted).join(free, sa.true()).cte("locked")
    seats = sa.select(
        locked.c.id, locked.c.worker, turn.over(partition_by=locked.c.worker, order_by=locked.c.id).label("turn")
    ).cte("seats_in_turn")
    return (
        sa.update(Seat)
        .where(Seat.id == seats.c.id, offers.c.worker == seats.c.worker, offers.c.turn == seats.c.turn)
        .values(offer_id=offers.c.offer_id)
        .returning(Seat.id, Seat.worker, Seat.offer_id)
    )


async def make(tx: Tx, kind: SeatKind, taken: Sequence[tuple[Wish, FreeSeat]], lease_seconds: float) -> None:
    """Write each offer with a lease of so many seconds."""
    columns = {"id": Offer.id.type, "call_id": Offer.call_id.type, "worker": sa.Text(), "seat_id": sa.BigInteger()}
    rows = given(columns, [(wish.offer_id, wish.call_id, seat.worker, seat.id) for wish, seat in taken])
    await tx.execute(
        sa.insert(Offer).from_select(
            [*columns, "kind", "state", "lease_until"],
            sa.select(
                *(rows.c[name] for name in columns),
                sa.literal(kind.value), sa.literal(OfferState.OFFERED.value), from_now(lease_seconds),
            ),
        )
    )  # fmt: skip


async def give_back(tx: Tx, wish: Wish, seat: FreeSeat) -> None:
    """A seat that was taken for an offer that is not made after all."""
    await tx.execute(sa.update(Seat).where(Seat.id == seat.id, Seat.offer_id == wish.offer_id).values(offer_id=None))
