"""Tool calls: what agents asked for in a call and what they were answered."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of


class ToolCallState(StrEnum):
    """How it was answered; a row is written once, with its answer."""

    DONE = "done"  # the tool ran
    FAILED = "failed"  # it could not and changed nothing: `error` is a sentence for the caller
    REPEATED = "repeated"  # the same change had been made in this call: answered with the first result


class ToolCall(Base):
    """`effect_key` (rules.py) is set where the tool changed something: within a call, at most one row has it."""

    __tablename__ = "tool_calls"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    call_id: Mapped[str] = mapped_column(sa.ForeignKey("calls.id", ondelete="CASCADE"))
    offer_id: Mapped[str] = mapped_column(sa.ForeignKey("offers.id", ondelete="CASCADE"))
    tool_call_id: Mapped[str]
    name: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[str | None]
    effect_key: Mapped[str | None]
    asked_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    done_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    __table_args__ = (
        one_of("state", ToolCallState),
        sa.CheckConstraint("(state = 'failed') = (error IS NOT NULL)", name="failed_says_why"),
        sa.CheckConstraint("effect_key IS NULL OR state = 'done'", name="effect_is_done"),
        sa.Index("uq_tool_calls_offer_id_tool_call_id", "offer_id", "tool_call_id", unique=True),
        sa.Index(
            "uq_tool_calls_effect", "call_id", "name", "effect_key",
            unique=True, postgresql_where=sa.text("effect_key IS NOT NULL"),
        ),
        sa.Index("ix_tool_calls_call_id_done_at", "call_id", "done_at", "id"),
    )  # fmt: skip
