"""voicemails: messages that callers leave, in parts, with their transcripts"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122w"
down_revision = "20261122u"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "voicemails",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("call_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("offer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("box", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("parts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("samples", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("voiced_seconds", sa.Float(), server_default="0", nullable=False),
        sa.Column("transcript", sa.Text(), nullable=True),
        sa.Column("segment_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", _TIME, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("heard_at", _TIME, nullable=True),
        sa.Column("heard_by", sa.Text(), nullable=True),
        sa.Column("changed_at", _TIME, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('recording', 'empty', 'stored', 'transcribed', 'failed')", name=op.f("ck_voicemails_state")
        ),
        sa.CheckConstraint("(state = 'stored') = (due_at IS NOT NULL)", name=op.f("ck_voicemails_due_while_stored")),
        sa.CheckConstraint(
            "state <> 'transcribed' OR transcript IS NOT NULL", name=op.f("ck_voicemails_transcribed_has_transcript")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_voicemails_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voicemails")),
    )
    _indexes()
    op.create_table(
        "voicemail_parts",
        sa.Column("voicemail_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_sample", sa.BigInteger(), nullable=False),
        sa.Column("audio", postgresql.BYTEA(), nullable=False),
        sa.ForeignKeyConstraint(
            ["voicemail_id"], ["voicemails.id"], name=op.f("fk_voicemail_parts_voicemail_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("voicemail_id", "seq", name=op.f("pk_voicemail_parts")),
    )


def _indexes() -> None:
    latest = [sa.text("started_at DESC"), sa.text("id DESC")]
    op.create_index("uq_voicemails_offer_id", "voicemails", ["offer_id"], unique=True)
    op.create_index("ix_voicemails_call_id", "voicemails", ["call_id"])
    op.create_index("ix_voicemails_box", "voicemails", ["box", *latest])
    op.create_index("ix_voicemails_started_at", "voicemails", latest)
    op.create_index("ix_voicemails_due", "voicemails", ["due_at"], postgresql_where=sa.text("state = 'stored'"))
    unheard = sa.text("heard_at IS NULL AND state <> 'empty'")
    op.create_index("ix_voicemails_unheard", "voicemails", ["box"], postgresql_where=unheard)
    op.create_index(
        "ix_voicemails_recording", "voicemails", ["offer_id"], postgresql_where=sa.text("state = 'recording'")
    )


def downgrade() -> None:
    op.drop_table("voicemail_parts")
    op.drop_table("voicemails")
