"""Caller lists: numbers and prefixes under a name, such as VIPs, or callers that are blocked."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base


class CallerList(Base):
    """`body` is a `rules.CallerListBody`."""

    __tablename__ = "caller_lists"
    name: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())


class CallerListEntry(Base):
    """What `body` lists, so that a call finds its lists by an index: a whole number, or the start of some."""

    __tablename__ = "caller_list_entries"
    digits: Mapped[str] = mapped_column(primary_key=True)
    whole: Mapped[bool] = mapped_column(primary_key=True)
    list_name: Mapped[str] = mapped_column(sa.ForeignKey("caller_lists.name", ondelete="CASCADE"), primary_key=True)
    __table_args__ = (sa.Index("ix_caller_list_entries_list_name", "list_name"),)
