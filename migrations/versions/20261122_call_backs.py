"""call-backs, and calls out in a caller's own room: a room may see several, one after the other"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "20261122x"
down_revision = "20261122w"
branch_labels = None
depends_on = None

OPEN = "state IN ('planned', 'dialling', 'confirming')"


def upgrade() -> None:
    op.create_table(
        "call_backs",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=True),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("required_skills", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("origin_call_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_failure", sa.Text(), nullable=True),
        sa.Column("call_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'dialling', 'confirming', 'done', 'failed', 'cancelled')",
            name=op.f("ck_call_backs_state"),
        ),
        sa.CheckConstraint(
            f"(state = 'planned') = (next_attempt_at IS NOT NULL) AND ({OPEN}) = (ended_at IS NULL)",
            name=op.f("ck_call_backs_planned_or_ended"),
        ),
        sa.ForeignKeyConstraint(
            ["origin_call_id"], ["calls.id"], name=op.f("fk_call_backs_origin_call_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_backs_call_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_backs")),
    )
    op.create_index("uq_call_backs_open", "call_backs", ["number"], unique=True, postgresql_where=sa.text(OPEN))
    op.create_index(
        "ix_call_backs_line", "call_backs", [sa.text("priority DESC"), "entered_at", "id"],
        postgresql_where=sa.text("state = 'planned'"),
    )  # fmt: skip
    op.create_index("ix_call_backs_call_id", "call_backs", ["call_id"], postgresql_where=sa.text(OPEN))
    op.create_index("ix_call_backs_asked_at", "call_backs", [sa.text("asked_at DESC"), sa.text("id DESC")])
    op.drop_index("uq_calls_out_room", "calls_out")
    op.create_index(
        "uq_calls_out_room", "calls_out", ["room"], unique=True, postgresql_where=sa.text("live_until IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("uq_calls_out_room", "calls_out")
    op.execute("DELETE FROM calls_out WHERE room LIKE 'call-%'")
    op.create_index("uq_calls_out_room", "calls_out", ["room"], unique=True)
    op.drop_table("call_backs")
