"""The line: calls that wait for a seat, with their original arrival, and what the attendant does meanwhile."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of


class WaitingState(StrEnum):
    WAITING = "waiting"  # in line
    OFFERED = "offered"  # a seat is asked and has not claimed yet
    SERVED = "served"  # a seat has the call
    LEFT = "left"  # the call ended, or nobody will come


WAITING_TRANSITIONS: dict[WaitingState, frozenset[WaitingState]] = {
    WaitingState.WAITING: frozenset({WaitingState.OFFERED, WaitingState.LEFT}),
    WaitingState.OFFERED: frozenset({WaitingState.SERVED, WaitingState.WAITING, WaitingState.LEFT}),
    WaitingState.SERVED: frozenset({WaitingState.WAITING, WaitingState.LEFT}),  # its agent was lost: back to its place
    WaitingState.LEFT: frozenset(),
}


class WaitingEntry(Base):
    """A call's place. `entered_at` is the original arrival and survives every return to the line. A call that only
    gets a message has no queue and waits for an attendant alone. `attendant_due_at` is empty while no attendant is
    wanted: one is asked or there already, or an agent leads."""

    __tablename__ = "waiting_entries"
    call_id: Mapped[str] = mapped_column(sa.ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str]
    queue: Mapped[str | None]
    priority: Mapped[int] = mapped_column(server_default="0")
    required_skills: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default=sa.text("'{}'"))
    entered_at: Mapped[datetime]
    attendant_due_at: Mapped[datetime | None]
    gives_up_at: Mapped[datetime | None]
    message: Mapped[str | None]
    message_outcome: Mapped[str | None]
    __table_args__ = (
        one_of("state", WaitingState),
        sa.Index(
            "ix_waiting_entries_line",
            sa.text("priority DESC"),
            "entered_at",
            "call_id",
            postgresql_where=sa.text("state = 'waiting' AND queue IS NOT NULL"),
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
