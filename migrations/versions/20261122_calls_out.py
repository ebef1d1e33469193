"""calls out: every attempt to call somebody, and what its guard's caps are counted from"""

import sqlalchemy as sa
from alembic import op

revision = "20261122a"
down_revision = "20261121b"
branch_labels = None
depends_on = None

LIVE = "state IN ('asked', 'dialling', 'answered')"


def upgrade() -> None:
    op.create_table(
        "calls_out",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("trunk", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("sip_call_id", sa.Text(), nullable=True),
        sa.Column(
            "requested_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("live_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'dialling', 'answered', 'ended', 'refused', 'failed')",
            name=op.f("ck_calls_out_state"),
        ),
        sa.CheckConstraint(
            f"({LIVE}) = (ended_at IS NULL) AND ({LIVE}) = (live_until IS NOT NULL)",
            name=op.f("ck_calls_out_live_or_ended"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls_out")),
    )
    op.create_index("uq_calls_out_room", "calls_out", ["room"], unique=True)
    op.create_index(
        "ix_calls_out_used", "calls_out", ["trunk", "requested_at"], postgresql_where=sa.text("state <> 'refused'")
    )
    op.create_index(
        "ix_calls_out_live", "calls_out", ["live_until"], postgresql_where=sa.text("live_until IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_table("calls_out")
