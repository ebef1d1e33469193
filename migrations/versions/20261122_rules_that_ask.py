"""escalations say which rule of a profile asked; humans can be asked first; what agents note for supervisors"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261122z4"
down_revision = "20261122z3"
branch_labels = None
depends_on = None

BEFORE = "'agent', 'caller', 'api', 'supervisor'"
TRIGGERS = "'agent', 'caller', 'rule', 'human_first', 'api', 'supervisor'"
RULES = "'misunderstandings', 'keyword', 'caller_list', 'length'"
NOW = sa.text("clock_timestamp()")
TIME = sa.DateTime(timezone=True)
ID = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    op.add_column("escalations", sa.Column("rule", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_escalations_rule"), "escalations", f"rule IN ({RULES})")
    op.drop_constraint(op.f("ck_escalations_trigger"), "escalations")
    op.create_check_constraint(op.f("ck_escalations_trigger"), "escalations", f"trigger IN ({TRIGGERS})")
    asked_by_rule = sa.text("rule IS NOT NULL")
    op.create_index("uq_escalations_rule", "escalations", ["call_id", "rule"], unique=True,
                    postgresql_where=asked_by_rule)  # fmt: skip
    op.add_column("supervisions", sa.Column("held", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "call_notes",
        sa.Column("call_id", ID, nullable=False),
        sa.Column("fields", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("suggestions", JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", TIME, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_notes_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_notes")),
    )


def downgrade() -> None:
    op.drop_table("call_notes")
    op.drop_column("supervisions", "held")
    op.drop_index("uq_escalations_rule", "escalations")
    op.execute("DELETE FROM escalations WHERE trigger IN ('rule', 'human_first')")
    op.drop_constraint(op.f("ck_escalations_trigger"), "escalations")
    op.create_check_constraint(op.f("ck_escalations_trigger"), "escalations", f"trigger IN ({BEFORE})")
    op.drop_constraint(op.f("ck_escalations_rule"), "escalations")
    op.drop_column("escalations", "rule")
