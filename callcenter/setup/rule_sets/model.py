"""Versions of the routing rules; exactly one is published."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of


class RuleSetState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


RULE_SET_TRANSITIONS: dict[RuleSetState, frozenset[RuleSetState]] = {
    RuleSetState.DRAFT: frozenset({RuleSetState.PUBLISHED}),
    RuleSetState.PUBLISHED: frozenset({RuleSetState.RETIRED}),
    RuleSetState.RETIRED: frozenset({RuleSetState.PUBLISHED}),  # roll back
}


class RuleSet(Base):
    """`body` is a `rules.RuleSetBody`."""

    __tablename__ = "rule_sets"
    version: Mapped[int] = mapped_column(sa.Integer, sa.Identity(always=True), primary_key=True)
    state: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    published_at: Mapped[datetime | None]
    __table_args__ = (
        one_of("state", RuleSetState),
        sa.Index("uq_rule_sets_published", "state", unique=True, postgresql_where=sa.text("state = 'published'")),
    )
