"""sounds: uploaded music and messages, at one loudness"""

import sqlalchemy as sa
from alembic import op

revision = "20261122v2"
down_revision = "20261122v1"
branch_labels = None
depends_on = None

_NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.create_table(
        "sounds",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("loudness", sa.Float(), nullable=False),
        sa.Column("audio", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.CheckConstraint("kind IN ('music', 'message')", name=op.f("ck_sounds_kind")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sounds")),
    )
    op.create_index("ix_sounds_digest", "sounds", ["digest"])


def downgrade() -> None:
    op.drop_table("sounds")
