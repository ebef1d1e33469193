"""The line: calls that wait for a seat, with their original arrival, and what the attendant does meanwhile."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of


class WaitingState(StrEnum):
    WAITING = "waiting"  # in line
    OFFERED = "offered"  # a seat is asked and has not claimed yet
    SERVED = "served"  # a seat has the call
    LEFT = "left"  # the call ended, or nobody will come


WAITING_TRANSITIONS: dict[WaitingState, frozenset[WaitingState]] = {
    # Served at once: a transfer, for which no seat is asked.
    WaitingState.WAITING: frozenset({WaitingState.OFFERED, WaitingState.SERVED, WaitingState.LEFT}),
    WaitingState.OFFERED: frozenset({WaitingState.SERVED, WaitingState.WAITING, WaitingState.LEFT}),
    WaitingState.SERVED: frozenset({WaitingState.WAITING, WaitingState.LEFT}),  # its agent was lost: back to its place
    WaitingState.LEFT: frozenset(),
}


class WaitingEntry(Base):
    """A call's place. `entered_at` is the original arrival and survives every return to the line. A call with a
    `treatment` (treatment.py) waits for no agent, only for an attendant; without one it waits in its queue.
    `attendant_due_at` is empty while no attendant is wanted: one is asked or there already, or an agent leads.

    `required_skills` are those that a worker must have now; the preferred ones are among them until `prefer_until`.
    `fallbacks` are those that have not happened yet, counted from `counted_from`; the first is due at
    `next_fallback_at`."""

    __tablename__ = "waiting_entries"
    call_id: Mapped[str] = mapped_column(sa.ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str]
    queue: Mapped[str | None]
    priority: Mapped[int] = mapped_column(server_default="0")
    profile: Mapped[str] = mapped_column(server_default="")
    required_skills: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default=sa.text("'{}'"))
    preferred_skills: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default=sa.text("'{}'"))
    prefer_until: Mapped[datetime | None]
    fallbacks: Mapped[list[Any]] = mapped_column(JSONB, server_default=sa.text("'[]'"))
    counted_from: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    next_fallback_at: Mapped[datetime | None]
    entered_at: Mapped[datetime]
    attendant_due_at: Mapped[datetime | None]
    gives_up_at: Mapped[datetime | None]
    treatment: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    __table_args__ = (
        one_of("state", WaitingState),
        sa.CheckConstraint("queue IS NOT NULL OR treatment IS NOT NULL", name="waits_for_something"),
        sa.Index(
            "ix_waiting_entries_wishes",
            "queue",
            "profile",
            "required_skills",
            "priority",
            "entered_at",
            "call_id",
            postgresql_where=sa.text("state = 'waiting' AND treatment IS NULL"),
        ),
        sa.Index("ix_waiting_entries_unserved", "queue", postgresql_where=sa.text("state IN ('waiting', 'offered')")),
        sa.Index("ix_waiting_entries_prefer", "prefer_until", postgresql_where=sa.text("prefer_until IS NOT NULL")),
        sa.Index(
            "ix_waiting_entries_fallback",
            "next_fallback_at",
            postgresql_where=sa.text("state = 'waiting' AND next_fallback_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_waiting_entries_due", "attendant_due_at", postgresql_where=sa.text("attendant_due_at IS NOT NULL")
        ),
        sa.Index(
            "ix_waiting_entries_gives_up",
            "gives_up_at",
            postgresql_where=sa.text("state = 'waiting' AND gives_up_at IS NOT NULL"),
        ),
    )
