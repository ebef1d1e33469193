"""Call-backs: callers who hung up and kept their place. One open call-back for each number."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of


class CallBackState(StrEnum):
    PLANNED = "planned"  # stands in the line, or pauses until its next attempt
    DIALLING = "dialling"  # a call to the caller was placed; nobody has answered yet
    CONFIRMING = "confirming"  # somebody answered: asked whether they are a person, then waiting for the agent
    DONE = "done"  # an agent has them
    FAILED = "failed"  # the last attempt reached nobody, or the number may not be called
    CANCELLED = "cancelled"  # not wanted any more


CALL_BACK_TRANSITIONS: dict[CallBackState, frozenset[CallBackState]] = {
    CallBackState.PLANNED: frozenset({CallBackState.DIALLING, CallBackState.FAILED, CallBackState.CANCELLED}),
    CallBackState.DIALLING: frozenset(
        {CallBackState.CONFIRMING, CallBackState.PLANNED, CallBackState.FAILED, CallBackState.CANCELLED}
    ),
    CallBackState.CONFIRMING: frozenset(
        {CallBackState.DONE, CallBackState.PLANNED, CallBackState.FAILED, CallBackState.CANCELLED}
    ),
    CallBackState.DONE: frozenset(),
    CallBackState.FAILED: frozenset(),
    CallBackState.CANCELLED: frozenset(),
}
OPEN = (CallBackState.PLANNED, CallBackState.DIALLING, CallBackState.CONFIRMING)
OPEN_SQL = "state IN ('planned', 'dialling', 'confirming')"


class CallBack(Base):
    """`entered_at` is the original arrival: the place in line. `origin_call_id` is the call in which it was promised,
    `call_id` the last one that was placed. `next_attempt_at` is set exactly while it is planned."""

    __tablename__ = "call_backs"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    number: Mapped[str]
    queue: Mapped[str]
    profile: Mapped[str | None]
    priority: Mapped[int] = mapped_column(server_default="0")
    required_skills: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default=sa.text("'{}'"))
    entered_at: Mapped[datetime]
    asked_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    origin_call_id: Mapped[str | None] = mapped_column(sa.ForeignKey("calls.id", ondelete="SET NULL"))
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[datetime | None]
    last_failure: Mapped[str | None]
    call_id: Mapped[str | None] = mapped_column(sa.ForeignKey("calls.id", ondelete="SET NULL"))
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        one_of("state", CallBackState),
        sa.CheckConstraint(
            f"(state = 'planned') = (next_attempt_at IS NOT NULL) AND ({OPEN_SQL}) = (ended_at IS NULL)",
            name="planned_or_ended",
        ),
        sa.Index("uq_call_backs_open", "number", unique=True, postgresql_where=sa.text(OPEN_SQL)),
        sa.Index(
            "ix_call_backs_line", sa.text("priority DESC"), "entered_at", "id",
            postgresql_where=sa.text("state = 'planned'"),
        ),
        sa.Index("ix_call_backs_call_id", "call_id", postgresql_where=sa.text(OPEN_SQL)),
        sa.Index("ix_call_backs_asked_at", sa.text("asked_at DESC"), sa.text("id DESC")),
    )  # fmt: skip
