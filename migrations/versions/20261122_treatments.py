"""treatments: what a caller gets who waits in no line, in one column, so that another attendant goes on with it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261122v1"
down_revision = "20261122s"
branch_labels = None
depends_on = None

_MESSAGES = """
UPDATE waiting_entries SET treatment = jsonb_build_object(
    'kind', 'message', 'text', coalesce(message, ''), 'outcome', coalesce(message_outcome, 'failed'))
WHERE queue IS NULL OR message IS NOT NULL
"""
_BACK = """
UPDATE waiting_entries SET queue = NULL, message = coalesce(treatment ->> 'text', ''),
    message_outcome = coalesce(treatment ->> 'outcome', 'completed')
WHERE treatment IS NOT NULL
"""


def upgrade() -> None:
    op.add_column("waiting_entries", sa.Column("treatment", JSONB(), nullable=True))
    op.execute(_MESSAGES)
    _line("treatment IS NULL")
    op.create_check_constraint(
        op.f("ck_waiting_entries_waits_for_something"), "waiting_entries", "queue IS NOT NULL OR treatment IS NOT NULL"
    )
    op.drop_column("waiting_entries", "message")
    op.drop_column("waiting_entries", "message_outcome")
    op.create_index("ix_legs_agents", "legs", ["joined_at"], postgresql_where=sa.text("kind = 'agent'"))


def downgrade() -> None:
    op.drop_index("ix_legs_agents", "legs")
    op.drop_constraint(op.f("ck_waiting_entries_waits_for_something"), "waiting_entries", type_="check")
    op.add_column("waiting_entries", sa.Column("message", sa.Text(), nullable=True))
    op.add_column("waiting_entries", sa.Column("message_outcome", sa.Text(), nullable=True))
    op.execute(_BACK)
    _line("queue IS NOT NULL")
    op.drop_column("waiting_entries", "treatment")


def _line(which: str) -> None:
    op.drop_index("ix_waiting_entries_line", "waiting_entries")
    op.create_index(
        "ix_waiting_entries_line",
        "waiting_entries",
        [sa.text("priority DESC"), "entered_at", "call_id"],
        postgresql_where=sa.text(f"state = 'waiting' AND {which}"),
    )
