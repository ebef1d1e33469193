"""All SQL of offers; seats for them are found in seats.py."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Channel, Tx, from_now, seconds
from callcenter.platform.plumbing.ids import CallId, OfferId, new_id
from callcenter.platform.plumbing.model import ControlProcess
from callcenter.platform.plumbing.states import move
from callcenter.platform.wire.base import SeatKind
from callcenter.stages.offers.model import ABSENT, LIVE, OFFER_TRANSITIONS, Offer, OfferState, Seat, Worker

LATEST_BEAT_SECONDS = 10.0  # a connection on which a beat takes longer is closed before


@dataclass(frozen=True)
class OfferRow:
    id: OfferId
    call_id: CallId
    kind: SeatKind
    worker: str
    seat_id: int
    state: OfferState
    lease_until: datetime
    released_at: datetime | None
    accepted_at: datetime | None
    suspect_since: datetime | None
    desk: str | None

    @property
    def live(self) -> bool:
        return self.state in LIVE


_COLUMNS = (
    Offer.id, Offer.call_id, Offer.kind, Offer.worker, Offer.seat_id, Offer.state, Offer.lease_until,
    Offer.released_at, Offer.accepted_at, Offer.suspect_since, Offer.desk,
)  # fmt: skip


def _offer(row: sa.RowMapping) -> OfferRow:
    return OfferRow(**{**row, "kind": SeatKind(row["kind"]), "state": OfferState(row["state"])})


async def renew(tx: Tx, offer_id: OfferId, lease: float) -> bool:
    """Give an offer that nobody has claimed a lease of so many seconds from now."""
    result = await tx.execute(
        sa.update(Offer)
        .where(Offer.id == offer_id, Offer.state == OfferState.OFFERED)
        .values(lease_until=from_now(lease))
    )
    return result.rowcount == 1


def new_offer_id() -> OfferId:
    return OfferId(new_id())


async def find(tx: Tx, offer_id: OfferId) -> OfferRow | None:
    row = await tx.row(sa.select(*_COLUMNS).where(Offer.id == offer_id))
    return _offer(row) if row else None


async def states(tx: Tx, offer_ids: Collection[str]) -> dict[str, OfferState]:
    rows = await tx.rows(sa.select(Offer.id, Offer.state).where(Offer.id.in_(offer_ids)))
    return {row["id"]: OfferState(row["state"]) for row in rows}


async def live_of(tx: Tx, call_id: CallId) -> list[OfferRow]:
    rows = await tx.rows(sa.select(*_COLUMNS).where(Offer.call_id == call_id, Offer.state.in_(LIVE)))
    return [_offer(row) for row in rows]


async def accept(tx: Tx, offer_id: OfferId, pid: int, desk: str) -> bool:
    """Accept within the lease, judged by the database's clock after the call was locked."""
    result = await tx.execute(
        move(Offer, OFFER_TRANSITIONS, OfferState.ACCEPTED)
        .where(Offer.id == offer_id, Offer.lease_until > sa.func.clock_timestamp())
        .values(accepted_at=sa.func.clock_timestamp(), pid=pid, desk=desk)
    )
    return result.rowcount == 1


async def close(tx: Tx, offer_id: OfferId, after: OfferState, because: str = "") -> bool:
    """Move a live offer to one of its ends; False where it may not end so. The seat stays busy until `release`."""
    result = await tx.execute(
        move(Offer, OFFER_TRANSITIONS, after)
        .where(Offer.id == offer_id)
        .values(ended_at=sa.func.clock_timestamp(), because=because or None)
    )
    return result.rowcount == 1


async def release(tx: Tx, offer_id: OfferId) -> None:
    """The job is gone: the seat is free (I3), and somebody may be waiting for it."""
    tx.news.add(Channel.LINE)
    await tx.execute(
        sa.update(Offer)
        .where(Offer.id == offer_id, Offer.released_at.is_(None), Offer.state.not_in(LIVE))
        .values(released_at=sa.func.clock_timestamp())
    )
    await tx.execute(
        sa.update(Seat)
        .where(
            Seat.offer_id == offer_id,
            sa.exists().where(Offer.id == offer_id, Offer.released_at.is_not(None)),
        )
        .values(offer_id=None)
    )


async def suspect(tx: Tx, offer_id: OfferId, suspicious: bool) -> bool:
    """Note that nothing is heard of the job of an accepted offer, or that it is back; False when that was known."""
    changed = Offer.suspect_since.is_(None) if suspicious else Offer.suspect_since.is_not(None)
    result = await tx.execute(
        sa.update(Offer)
        .where(Offer.id == offer_id, Offer.state == OfferState.ACCEPTED, changed)
        .values(suspect_since=sa.func.clock_timestamp() if suspicious else None)
    )
    return result.rowcount == 1


async def failing_in_a_row(tx: Tx, call_id: CallId, count: int, soon_seconds: float) -> bool:
    """Whether the call's last agents, so many, were each lost within this time of taking it."""
    soon = Offer.ended_at < Offer.accepted_at + seconds(soon_seconds)
    rows = await tx.rows(
        sa.select(sa.and_(Offer.state == OfferState.LOST, soon).label("failed"))
        .where(Offer.call_id == call_id, Offer.kind == SeatKind.AGENT, Offer.accepted_at.is_not(None))
        .order_by(Offer.accepted_at.desc())
        .limit(count)
    )
    return len(rows) == count and all(row["failed"] for row in rows)


async def reconnected(tx: Tx, offer_id: OfferId, desk: str) -> None:
    """The job now talks to this desk replica."""
    await tx.execute(sa.update(Offer).where(Offer.id == offer_id, Offer.state.in_(LIVE)).values(desk=desk))


def expiring() -> sa.Select[str]:
    """Offers whose lease has run out, and those to workers that are lost."""
    return (
        sa.select(Offer.id)
        .join(Worker, Worker.name == Offer.worker)
        .where(
            Offer.state == OfferState.OFFERED,
            sa.or_(Offer.lease_until <= sa.func.clock_timestamp(), Worker.state.in_(ABSENT)),
        )
    )


async def expired(tx: Tx, limit: int = 50) -> list[OfferId]:
    """Those of `expiring` that have waited longest."""
    rows = await tx.rows(expiring().order_by(Offer.lease_until).limit(limit))
    return [row["id"] for row in rows]


def has_live(kind: SeatKind, call_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether this call has a live offer of this kind."""
    return sa.exists().where(Offer.call_id == call_id, Offer.kind == kind, Offer.state.in_(LIVE))


async def orphaned(tx: Tx, desk_silent_seconds: float) -> list[OfferId]:
    """Accepted offers that nobody watches any more: the attendant process that runs them is lost, or the desk replica
    that their job talked to has not beaten for so long and no other has taken the job over."""
    silent = from_now(-desk_silent_seconds)
    watched = sa.exists().where(ControlProcess.name == Offer.desk, ControlProcess.last_beat_at > silent)
    rows = await tx.rows(
        sa.select(Offer.id)
        .join(Worker, Worker.name == Offer.worker)
        .where(
            Offer.state == OfferState.ACCEPTED,
            sa.or_(
                sa.and_(Offer.kind == SeatKind.ATTENDANT, Worker.state.in_(ABSENT)),
                sa.and_(Offer.kind == SeatKind.AGENT, sa.not_(watched)),
            ),
        )
    )
    return [row["id"] for row in rows]


async def attended_by(tx: Tx, worker: str) -> list[OfferId]:
    """The accepted offers of this worker if it is an attendant: they live and die with its connection."""
    rows = await tx.rows(
        sa.select(Offer.id).where(
            Offer.worker == worker, Offer.kind == SeatKind.ATTENDANT, Offer.state == OfferState.ACCEPTED
        )
    )
    return [row["id"] for row in rows]


async def accepted_but_not_running(tx: Tx, worker: str, running: list[str], ran: Collection[str]) -> list[OfferId]:
    """Offers that this worker accepted over a second ago and says it does not run. A beat may have been on its way for
    longer than that: only what an earlier one named (`ran`), or what is older than any beat gets, is missing."""
    rows = await tx.rows(
        sa.select(Offer.id).where(
            Offer.worker == worker, Offer.state == OfferState.ACCEPTED, Offer.id.not_in(running),
            Offer.accepted_at < from_now(-1),
            sa.or_(Offer.id.in_(ran), Offer.accepted_at < from_now(-LATEST_BEAT_SECONDS)),
        )
    )  # fmt: skip
    return [row["id"] for row in rows]


async def release_gone(tx: Tx, worker: str, running: list[str]) -> int:
    """Free the seats of this worker's ended offers whose jobs it does not run any more."""
    gone = await tx.rows(
        sa.select(Offer.id).where(
            Offer.worker == worker, Offer.released_at.is_(None), Offer.state.not_in(LIVE), Offer.id.not_in(running),
            Offer.ended_at < sa.func.clock_timestamp() - sa.text("interval '1 second'"),
        )
    )  # fmt: skip
    for row in gone:
        await release(tx, row["id"])
    return len(gone)
