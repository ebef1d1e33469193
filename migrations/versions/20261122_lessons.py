"""lessons: drafted from calls in which a human led, reviewed, and found by agents"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122learn"
down_revision = "20261122z4"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_NOW = sa.text("clock_timestamp()")
_WORDS = (
    "setweight(to_tsvector(segment_config(language), question), 'A') || "
    "setweight(to_tsvector(segment_config(language), applies_when), 'B') || "
    "setweight(to_tsvector(segment_config(language), answer), 'C')"
)


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")  # trusted since Postgres 13: whoever owns the database may
    op.create_table(
        "lessons",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("applies_when", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=True),
        sa.Column("expires_at", _TIME, nullable=True),
        sa.Column("merged_into", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("similar_to", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("drafted_at", _TIME, server_default=_NOW, nullable=False),
        sa.Column("changed_at", _TIME, server_default=_NOW, nullable=False),
        sa.Column("decided_at", _TIME, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("words", postgresql.TSVECTOR(), sa.Computed(_WORDS, persisted=True), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'approved', 'rejected', 'merged')", name=op.f("ck_lessons_state")),
        sa.CheckConstraint(
            "(state = 'merged') = (merged_into IS NOT NULL)", name=op.f("ck_lessons_merged_into_another")
        ),
        sa.CheckConstraint("merged_into <> id", name=op.f("ck_lessons_not_into_itself")),
        sa.CheckConstraint("(state = 'draft') = (decided_at IS NULL)", name=op.f("ck_lessons_decided_unless_draft")),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["lessons.id"], name=op.f("fk_lessons_merged_into"), deferrable=True, initially="DEFERRED"
        ),
        sa.ForeignKeyConstraint(["similar_to"], ["lessons.id"], name=op.f("fk_lessons_similar_to")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lessons")),
    )
    op.create_index("ix_lessons_drafted_at", "lessons", [sa.text("drafted_at DESC"), sa.text("id DESC")])
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index("ix_lessons_merged_into", "lessons", ["merged_into"], postgresql_where=merged)
    op.create_index("ix_lessons_words", "lessons", ["words"], postgresql_using="gin")
    _quotes()
    _tasks()


def _quotes() -> None:
    op.create_table(
        "lesson_quotes",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("lesson_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("call_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("segment_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("said_at", _TIME, nullable=False),
        sa.CheckConstraint(
            "speaker IN ('caller', 'agent', 'attendant', 'supervisor')", name=op.f("ck_lesson_quotes_speaker")
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_quotes_lesson_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_lesson_quotes_call_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segments.id"], name=op.f("fk_lesson_quotes_segment_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_quotes")),
    )
    unique = ["lesson_id", "segment_id"]
    op.create_index("uq_lesson_quotes_lesson_id_segment_id", "lesson_quotes", unique, unique=True)
    op.create_index("ix_lesson_quotes_call_id", "lesson_quotes", ["call_id"])
    op.create_index("ix_lesson_quotes_segment_id", "lesson_quotes", ["segment_id"])


def _tasks() -> None:
    op.create_table(
        "lesson_tasks",
        sa.Column("call_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("state", sa.Text(), server_default="due", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", _TIME, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("changed_at", _TIME, server_default=_NOW, nullable=False),
        sa.CheckConstraint("state IN ('due', 'drafted', 'failed')", name=op.f("ck_lesson_tasks_state")),
        sa.CheckConstraint("(state = 'due') = (due_at IS NOT NULL)", name=op.f("ck_lesson_tasks_due_while_due")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_lesson_tasks_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_lesson_tasks")),
    )
    due = sa.text("state = 'due'")
    op.create_index("ix_lesson_tasks_due", "lesson_tasks", ["due_at"], postgresql_where=due)


def downgrade() -> None:
    op.drop_table("lesson_tasks")
    op.drop_table("lesson_quotes")
    op.drop_table("lessons")
    op.execute("DROP EXTENSION pg_trgm")
