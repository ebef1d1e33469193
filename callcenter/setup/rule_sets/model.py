"""Versions of the routing rules: at most one is being written, exactly one is published."""

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


IMMUTABLE = "a_version_stays_as_it_is"  # what the database's guard says when a version would be changed or deleted


class RuleSet(Base):
    """`body` is a `RuleSetBody`. Numbers are never used again. A draft is changed in place, each time with the next
    `revision`; once published, its body, note and origin stay for ever: a trigger of this table refuses anything else,
    and calls may be explained years later by the rules that routed them."""

    __tablename__ = "rule_sets"
    version: Mapped[int] = mapped_column(sa.Integer, sa.Identity(always=True), primary_key=True)
    state: Mapped[str]
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(sa.Text, sa.Computed("md5(body::text)", persisted=True))
    note: Mapped[str] = mapped_column(server_default="")
    based_on: Mapped[int | None]  # the version that was published when this one was begun
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    created_by: Mapped[str] = mapped_column(server_default="system")
    changed_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    changed_by: Mapped[str] = mapped_column(server_default="system")
    published_at: Mapped[datetime | None]  # when it was published last
    published_by: Mapped[str | None]
    __table_args__ = (
        one_of("state", RuleSetState),
        sa.Index("uq_rule_sets_published", "state", unique=True, postgresql_where=sa.text("state = 'published'")),
        sa.Index("uq_rule_sets_draft", "state", unique=True, postgresql_where=sa.text("state = 'draft'")),
    )
