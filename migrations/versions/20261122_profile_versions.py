"""versions and keys of profiles, the version that took a call, and calls from the console's browser"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261122z3"
down_revision = "20261122z2"
branch_labels = None
depends_on = None

_NOW = sa.text("clock_timestamp()")


def _instant(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=_NOW, nullable=False)


def upgrade() -> None:
    op.create_table(
        "profile_versions",
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        _instant("made_at"),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("restores", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("profile", "version", name=op.f("pk_profile_versions")),
    )
    op.execute(
        "INSERT INTO profile_versions (profile, version, body, made_at, made_by)"
        " SELECT name, version, body, changed_at, 'system' FROM profiles"
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON profile_versions"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite()"
    )
    op.create_table(
        "profile_keys",
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("ends_in", sa.Text(), nullable=False),
        _instant("set_at"),
        sa.CheckConstraint("part IN ('stt', 'llm', 'tts')", name=op.f("ck_profile_keys_part")),
        sa.ForeignKeyConstraint(
            ["profile"], ["profiles.name"], name=op.f("fk_profile_keys_profile"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("profile", "part", name=op.f("pk_profile_keys")),
    )
    op.add_column("calls", sa.Column("profile_version", sa.Integer(), nullable=True))
    op.create_table(
        "browser_calls",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=True),
        sa.Column("to_number", sa.Text(), nullable=False),
        sa.Column("from_number", sa.Text(), nullable=False),
        _instant("asked_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_calls")),
        sa.UniqueConstraint("room", name=op.f("uq_browser_calls_room")),
    )
    op.create_index("ix_browser_calls_person", "browser_calls", ["person", "asked_at"])
    op.create_index(
        "ix_calls_live_browser", "calls", ["arrived_at"],
        postgresql_where=sa.text("channel = 'browser' AND state <> 'ended'"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_calls_live_browser", "calls")
    op.drop_table("browser_calls")
    op.drop_column("calls", "profile_version")
    op.drop_table("profile_keys")
    op.drop_table("profile_versions")
