"""troubles: the events that the live board warns of, by time"""

import sqlalchemy as sa
from alembic import op

revision = "20261122z"
down_revision = "20261122acc"
branch_labels = None
depends_on = None

_TROUBLES = sa.text("type IN ('offer_expired', 'agent_lost', 'attendant_lost', 'model_trouble')")


def upgrade() -> None:
    op.create_index("ix_timeline_events_troubles", "timeline_events", ["at"], postgresql_where=_TROUBLES)


def downgrade() -> None:
    op.drop_index("ix_timeline_events_troubles", "timeline_events")
