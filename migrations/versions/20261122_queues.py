"""queues: the line by queue, profile, skills and priority; preferred skills, fallbacks, limits, spending"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122u"
down_revision = "20261122n"
branch_labels = None
depends_on = None

_IN_LINE = sa.text("state = 'waiting' AND treatment IS NULL")
_CLOCK = sa.text("clock_timestamp()")
_PROFILES = """
UPDATE waiting_entries SET profile = coalesce(calls.profile, '') FROM calls
WHERE calls.id = call_id AND waiting_entries.state <> 'left'
"""


def _new() -> list[sa.Column[Any]]:
    instant, skills = sa.DateTime(timezone=True), postgresql.ARRAY(sa.Text())
    return [
        sa.Column("profile", sa.Text(), server_default="", nullable=False),
        sa.Column("preferred_skills", skills, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("prefer_until", instant, nullable=True),
        sa.Column("fallbacks", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("counted_from", instant, server_default=_CLOCK, nullable=False),
        sa.Column("next_fallback_at", instant, nullable=True),
    ]


def upgrade() -> None:
    for column in _new():
        op.add_column("waiting_entries", column)
    op.execute(_PROFILES)
    _wishes(["queue", "profile", "required_skills", "priority", "entered_at", "call_id"])
    _index("unserved", "queue", "state IN ('waiting', 'offered')")
    _index("prefer", "prefer_until", "prefer_until IS NOT NULL")
    _index("fallback", "next_fallback_at", "state = 'waiting' AND next_fallback_at IS NOT NULL")
    op.create_index("ix_calls_live_trunk", "calls", ["trunk"], postgresql_where=sa.text("state <> 'ended'"))
    op.create_index("ix_calls_live_from", "calls", ["from_number"], postgresql_where=sa.text("state <> 'ended'"))
    op.create_index(
        "ix_offers_accepted", "offers", ["accepted_at"],
        postgresql_where=sa.text("kind = 'agent' AND accepted_at IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "limits",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=_CLOCK, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_limits")),
    )
    op.create_table(
        "spending",
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), server_default=_CLOCK, nullable=False),
        sa.PrimaryKeyConstraint("profile", name=op.f("pk_spending")),
    )


def downgrade() -> None:
    op.drop_table("spending")
    op.drop_table("limits")
    op.drop_index("ix_offers_accepted", "offers")
    op.drop_index("ix_calls_live_from", "calls")
    op.drop_index("ix_calls_live_trunk", "calls")
    for name in ("fallback", "prefer", "unserved"):
        op.drop_index(f"ix_waiting_entries_{name}", "waiting_entries")
    _wishes(["required_skills", sa.text("priority DESC"), "entered_at", "call_id"])
    for column in _new():
        op.drop_column("waiting_entries", column.name)


def _wishes(columns: list[str | sa.TextClause]) -> None:
    op.drop_index("ix_waiting_entries_wishes", "waiting_entries")
    op.create_index("ix_waiting_entries_wishes", "waiting_entries", columns, postgresql_where=_IN_LINE)


def _index(name: str, column: str, where: str) -> None:
    op.create_index(f"ix_waiting_entries_{name}", "waiting_entries", [column], postgresql_where=sa.text(where))
