"""promises: what stays true whatever dies"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261121b"
down_revision = "20261121a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _unfinished_sentences()
    _draining_and_deployments()
    _tool_calls()


def downgrade() -> None:
    _no_tool_calls()
    _no_draining_and_deployments()
    _no_unfinished_sentences()


def _unfinished_sentences() -> None:
    op.add_column("segments", sa.Column("unfinished", sa.Boolean(), server_default=sa.false(), nullable=False))


def _no_unfinished_sentences() -> None:
    op.drop_column("segments", "unfinished")


def _draining_and_deployments() -> None:
    op.add_column("workers", sa.Column("drain_until", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f("ck_workers_state"), "workers")
    op.create_check_constraint(op.f("ck_workers_state"), "workers", "state IN ('up', 'draining', 'lost', 'gone')")
    op.create_table(
        "deployments",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("share BETWEEN 0 AND 100", name=op.f("ck_deployments_share")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_deployments")),
    )


def _no_draining_and_deployments() -> None:
    op.drop_table("deployments")
    op.execute("UPDATE workers SET state = 'lost' WHERE state = 'gone'")
    op.drop_constraint(op.f("ck_workers_state"), "workers")
    op.create_check_constraint(op.f("ck_workers_state"), "workers", "state IN ('up', 'draining', 'lost')")
    op.drop_column("workers", "drain_until")


def _tool_calls() -> None:
    """What agents asked for, and the first thing that a tool of the demo shop writes."""
    op.create_table(
        "tool_calls",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("call_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("offer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tool_call_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("effect_key", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("state IN ('done', 'failed', 'repeated')", name=op.f("ck_tool_calls_state")),
        sa.CheckConstraint("(state = 'failed') = (error IS NOT NULL)", name=op.f("ck_tool_calls_failed_says_why")),
        sa.CheckConstraint("effect_key IS NULL OR state = 'done'", name=op.f("ck_tool_calls_effect_is_done")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_tool_calls_call_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_tool_calls_offer_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tool_calls")),
    )
    op.create_index("uq_tool_calls_offer_id_tool_call_id", "tool_calls", ["offer_id", "tool_call_id"], unique=True)
    op.create_index(
        "uq_tool_calls_effect",
        "tool_calls",
        ["call_id", "name", "effect_key"],
        unique=True,
        postgresql_where=sa.text("effect_key IS NOT NULL"),
    )
    op.create_index("ix_tool_calls_call_id_done_at", "tool_calls", ["call_id", "done_at", "id"], unique=False)
    op.create_table(
        "order_problems",
        sa.Column("reference", sa.Integer(), sa.Identity(always=True, start=30001), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column(
            "reported_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["order_number"], ["orders.number"], name=op.f("fk_order_problems_order_number"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_order_problems_call_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_order_problems")),
    )
    op.create_index("ix_order_problems_order_number", "order_problems", ["order_number"], unique=False)
    op.create_index("ix_order_problems_call_id", "order_problems", ["call_id"], unique=False)


def _no_tool_calls() -> None:
    op.drop_table("tool_calls")
    op.drop_table("order_problems")
