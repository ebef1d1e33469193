"""escalations, their offers to supervisors, supervisors in calls, and how supervisors stand"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "20261122y"
down_revision = "20261122x"
branch_labels = None
depends_on = None

OPEN = "state IN ('requested', 'offering', 'accepted', 'joined', 'leading')"
THERE = "state IN ('invited', 'present')"
NOW = sa.text("clock_timestamp()")
TIME = sa.DateTime(timezone=True)
ID = sa.Uuid(as_uuid=False)
EFFECTS = "'dispatch', 'grant', 'remove', 'delete_room', 'command'"


def upgrade() -> None:
    _escalations()
    _offers()
    _supervisions()
    op.create_table(
        "supervisor_presence",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("chosen", sa.Text(), nullable=False),
        sa.Column("skills", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("reachable_until", TIME, nullable=False),
        sa.Column("idle_since", TIME, server_default=NOW, nullable=False),
        sa.Column("wrap_until", TIME, nullable=True),
        sa.CheckConstraint("chosen IN ('available', 'busy', 'away')", name=op.f("ck_supervisor_presence_chosen")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_supervisor_presence_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_supervisor_presence")),
    )
    op.drop_constraint(op.f("ck_effects_kind"), "effects")
    op.create_check_constraint(op.f("ck_effects_kind"), "effects", f"kind IN ({EFFECTS}, 'supervise')")


def _escalations() -> None:
    op.create_table(
        "escalations",
        sa.Column("id", ID, nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("skill", sa.Text(), nullable=True),
        sa.Column("supervisor_id", ID, nullable=True),
        sa.Column("requested_at", TIME, server_default=NOW, nullable=False),
        sa.Column("deadline_at", TIME, nullable=True),
        sa.Column("accepted_at", TIME, nullable=True),
        sa.Column("joined_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'offering', 'accepted', 'joined', 'leading', 'handed_back', 'closed')",
            name=op.f("ck_escalations_state"),
        ),
        sa.CheckConstraint(
            "failure IN ('no_supervisor', 'declined', 'offer_timeout', 'caller_left', 'join_failed')",
            name=op.f("ck_escalations_failure"),
        ),
        sa.CheckConstraint(
            "trigger IN ('agent', 'caller', 'api', 'supervisor')", name=op.f("ck_escalations_trigger")
        ),
        sa.CheckConstraint(
            f"({OPEN}) = (deadline_at IS NOT NULL)", name=op.f("ck_escalations_open_has_deadline")
        ),
        sa.CheckConstraint(f"({OPEN}) = (ended_at IS NULL)", name=op.f("ck_escalations_over_has_end")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_escalations_call_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["supervisor_id"], ["users.id"], name=op.f("fk_escalations_supervisor_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
    )  # fmt: skip
    op.create_index("uq_escalations_open", "escalations", ["call_id"], unique=True, postgresql_where=sa.text(OPEN))
    op.create_index("ix_escalations_call_id", "escalations", ["call_id"])
    op.create_index("ix_escalations_requested_at", "escalations", [sa.text("requested_at DESC"), sa.text("id DESC")])
    op.create_index("ix_escalations_deadline_at", "escalations", ["deadline_at"], postgresql_where=sa.text(OPEN))


def _offers() -> None:
    op.create_table(
        "escalation_offers",
        sa.Column("id", ID, nullable=False),
        sa.Column("escalation_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("offered_at", TIME, server_default=NOW, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'declined', 'expired', 'withdrawn')",
            name=op.f("ck_escalation_offers_state"),
        ),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalations.id"], name=op.f("fk_escalation_offers_escalation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_escalation_offers_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_offers")),
    )
    live = sa.text("state = 'offered'")
    op.create_index("uq_escalation_offers_live", "escalation_offers", ["user_id"], unique=True, postgresql_where=live)
    op.create_index("uq_escalation_offers_asked", "escalation_offers", ["escalation_id", "user_id"], unique=True)
    op.create_index("ix_escalation_offers_expires_at", "escalation_offers", ["expires_at"], postgresql_where=live)


def _supervisions() -> None:
    op.create_table(
        "supervisions",
        sa.Column("id", ID, nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("invited_at", TIME, server_default=NOW, nullable=False),
        sa.Column("join_by", TIME, nullable=False),
        sa.Column("looked_at", TIME, server_default=NOW, nullable=False),
        sa.Column("joined_at", TIME, nullable=True),
        sa.Column("left_at", TIME, nullable=True),
        sa.Column("beat_at", TIME, nullable=True),
        sa.Column("line_closed_at", TIME, nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('invited', 'present', 'left')", name=op.f("ck_supervisions_state")),
        sa.CheckConstraint(
            "mode IN ('monitor', 'whisper', 'barge', 'take_over')", name=op.f("ck_supervisions_mode")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_supervisions_call_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_supervisions_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisions")),
    )  # fmt: skip
    op.create_index(
        "uq_supervisions_there", "supervisions", ["call_id", "user_id"], unique=True, postgresql_where=sa.text(THERE)
    )
    op.create_index(
        "uq_supervisions_leading", "supervisions", ["call_id"], unique=True,
        postgresql_where=sa.text("state = 'present' AND mode = 'take_over'"),
    )  # fmt: skip
    op.create_index("ix_supervisions_live", "supervisions", ["state"], postgresql_where=sa.text(THERE))
    op.create_index("ix_supervisions_user_id", "supervisions", ["user_id"])


def downgrade() -> None:
    op.execute("DELETE FROM effects WHERE kind = 'supervise'")
    op.drop_constraint(op.f("ck_effects_kind"), "effects")
    op.create_check_constraint(op.f("ck_effects_kind"), "effects", f"kind IN ({EFFECTS})")
    for table in ("supervisor_presence", "supervisions", "escalation_offers", "escalations"):
        op.drop_table(table)
