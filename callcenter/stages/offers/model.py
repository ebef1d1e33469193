"""Workers with seats, and offers: one call bound to one seat, with a lease."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of
from callcenter.platform.wire.base import SeatKind


class WorkerState(StrEnum):
    UP = "up"  # beats and takes calls
    DRAINING = "draining"  # beats, finishes what it has
    LOST = "lost"  # no beat for too long, or its connection closed
    GONE = "gone"  # it said goodbye: drained, or stopped twice over


WORKER_TRANSITIONS: dict[WorkerState, frozenset[WorkerState]] = {
    WorkerState.UP: frozenset({WorkerState.DRAINING, WorkerState.LOST, WorkerState.GONE}),
    WorkerState.DRAINING: frozenset({WorkerState.LOST, WorkerState.GONE}),
    WorkerState.LOST: frozenset({WorkerState.UP}),  # it registers again under its old name
    WorkerState.GONE: frozenset({WorkerState.UP}),
}
ABSENT = (WorkerState.LOST, WorkerState.GONE)


class Worker(Base):
    """An agent worker or attendant process, under a name made new at each start."""

    __tablename__ = "workers"
    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    skills: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default=sa.text("'{}'"))
    deployment: Mapped[str] = mapped_column(server_default="")
    version: Mapped[str] = mapped_column(server_default="")
    pid: Mapped[int]
    registered_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    last_beat_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    last_failed_at: Mapped[datetime | None]
    drain_until: Mapped[datetime | None]  # then its remaining calls are handed over
    __table_args__ = (one_of("kind", SeatKind), one_of("state", WorkerState))


class Seat(Base):
    """One call's worth of capacity. `offer_id` is the offer that occupies it, until its job is confirmed gone (I3)."""

    __tablename__ = "seats"
    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    worker: Mapped[str] = mapped_column(sa.ForeignKey("workers.name", ondelete="CASCADE"))
    number: Mapped[int]
    offer_id: Mapped[str | None] = mapped_column(sa.Uuid(as_uuid=False))
    __table_args__ = (
        sa.Index("uq_seats_worker_number", "worker", "number", unique=True),
        sa.Index("uq_seats_offer_id", "offer_id", unique=True),
        sa.Index("ix_seats_free", "worker", postgresql_where=sa.text("offer_id IS NULL")),
    )


class OfferState(StrEnum):
    OFFERED = "offered"  # bound to a seat, waiting for the claim
    ACCEPTED = "accepted"  # claimed within the lease
    REFUSED = "refused"  # the worker said no
    EXPIRED = "expired"  # no claim within the lease
    WITHDRAWN = "withdrawn"  # the call ended or was taken by somebody else before the claim
    ENDED = "ended"  # done with the call, as meant
    LOST = "lost"  # the job died, hung or gave up while it had the call


OFFER_TRANSITIONS: dict[OfferState, frozenset[OfferState]] = {
    OfferState.OFFERED: frozenset(
        {OfferState.ACCEPTED, OfferState.REFUSED, OfferState.EXPIRED, OfferState.WITHDRAWN, OfferState.LOST}
    ),
    OfferState.ACCEPTED: frozenset({OfferState.ENDED, OfferState.LOST}),
    OfferState.REFUSED: frozenset(),
    OfferState.EXPIRED: frozenset(),
    OfferState.WITHDRAWN: frozenset(),
    OfferState.ENDED: frozenset(),
    OfferState.LOST: frozenset(),
}
LIVE = (OfferState.OFFERED, OfferState.ACCEPTED)


class Offer(Base):
    __tablename__ = "offers"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    call_id: Mapped[str] = mapped_column(sa.ForeignKey("calls.id", ondelete="CASCADE"))
    kind: Mapped[str]
    worker: Mapped[str]
    seat_id: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[str]
    offered_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    lease_until: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    suspect_since: Mapped[datetime | None]
    pid: Mapped[int | None]
    desk: Mapped[str | None]
    because: Mapped[str | None]
    __table_args__ = (
        one_of("kind", SeatKind),
        one_of("state", OfferState),
        # I2: at most one live offer per call and kind, and per seat.
        sa.Index(
            "uq_offers_live_call_kind",
            "call_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("state IN ('offered', 'accepted')"),
        ),
        sa.Index("uq_offers_seat", "seat_id", unique=True, postgresql_where=sa.text("released_at IS NULL")),
        sa.Index("ix_offers_call_id", "call_id"),
        sa.Index(
            "ix_offers_accepted",
            "accepted_at",
            postgresql_where=sa.text("kind = 'agent' AND accepted_at IS NOT NULL"),
        ),
        sa.Index("ix_offers_lease", "lease_until", postgresql_where=sa.text("state = 'offered'")),
        sa.Index("ix_offers_unreleased", "worker", postgresql_where=sa.text("released_at IS NULL")),
    )
