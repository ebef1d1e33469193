"""wishes: the line in the order in which routers look at it, calls that ask for the same skills side by side"""

import sqlalchemy as sa
from alembic import op

revision = "20261122n"
down_revision = "20261122v2"
branch_labels = None
depends_on = None

_IN_LINE = sa.text("state = 'waiting' AND treatment IS NULL")
_ORDER = [sa.text("priority DESC"), "entered_at", "call_id"]


def upgrade() -> None:
    op.create_index(
        "ix_waiting_entries_wishes", "waiting_entries", ["required_skills", *_ORDER], postgresql_where=_IN_LINE
    )
    op.drop_index("ix_waiting_entries_line", "waiting_entries")


def downgrade() -> None:
    op.create_index("ix_waiting_entries_line", "waiting_entries", _ORDER, postgresql_where=_IN_LINE)
    op.drop_index("ix_waiting_entries_wishes", "waiting_entries")
