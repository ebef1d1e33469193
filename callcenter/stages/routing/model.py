"""Replays: what a rule set would have done with the calls of a period, kept for a day so that its pages agree."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base


class Replay(Base):
    """`version` in its `revision`, over the calls that came in from `from_at` on and before `to_at`. `summary` holds
    what was counted (`replay.Summary`)."""

    __tablename__ = "rule_set_replays"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    version: Mapped[int]
    revision: Mapped[int]
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    summary: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    created_by: Mapped[str]
    __table_args__ = (sa.Index("ix_rule_set_replays_created_at", "created_at"),)


class ReplayedCall(Base):
    """A call for which these rules decide otherwise; `change` counts from 0 in the summary's changes, `rule` is the one
    that decides now. Not bound to the call: it is copied in by the thousand, and gone the next day."""

    __tablename__ = "rule_set_replayed_calls"
    replay_id: Mapped[str] = mapped_column(sa.ForeignKey("rule_set_replays.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    call_id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False))
    change: Mapped[int]
    rule: Mapped[str | None]
