"""access: invitations, sessions that can be listed, keys with a name, scopes and an end"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "20261122acc"
down_revision = "20261122y"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ROLES = "role IN ('admin', 'supervisor', 'analyst', 'viewer')"


def upgrade() -> None:
    op.add_column("users", sa.Column("last_seen_at", INSTANT, nullable=True))
    op.add_column(
        "user_sessions",
        sa.Column("id", sa.Uuid(as_uuid=False), server_default=sa.text("gen_random_uuid()"), nullable=False),
    )
    op.create_unique_constraint("uq_user_sessions_id", "user_sessions", ["id"])
    op.add_column("user_sessions", sa.Column("device", sa.Text(), server_default="", nullable=False))
    op.add_column("user_sessions", sa.Column("address", sa.Text(), nullable=True))
    op.create_index("ix_audit_entries_who", "audit_entries", ["who", "id"])
    _keys()
    _invitations()


def _keys() -> None:
    op.add_column("api_keys", sa.Column("name", sa.Text(), server_default="", nullable=False))
    op.add_column("api_keys", sa.Column("prefix", sa.Text(), server_default="", nullable=False))
    op.add_column("api_keys", sa.Column("scopes", ARRAY(sa.Text()), nullable=True))
    op.add_column("api_keys", sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True))
    for name in ("expires_at", "last_used_at"):
        op.add_column("api_keys", sa.Column(name, INSTANT, nullable=True))
    op.create_foreign_key(
        "fk_api_keys_created_by_users", "api_keys", "users", ["created_by"], ["id"], ondelete="CASCADE"
    )
    op.create_index("ix_api_keys_created_by", "api_keys", ["created_by"])


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.CheckConstraint(ROLES, name=op.f("ck_invitations_role")),
        sa.CheckConstraint("kind IN ('join', 'reset')", name=op.f("ck_invitations_kind")),
        sa.CheckConstraint("(kind = 'reset') = (user_id IS NOT NULL)", name=op.f("ck_invitations_reset_of_somebody")),
        sa.CheckConstraint("used_at IS NULL OR revoked_at IS NULL", name=op.f("ck_invitations_used_or_revoked")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_invitations_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_invitations_created_by_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index("ix_invitations_user_id", "invitations", ["user_id"])
    op.create_index("ix_invitations_created_by", "invitations", ["created_by"])
    op.create_index(
        "uq_invitations_open_email", "invitations", [sa.text("lower(email)")], unique=True,
        postgresql_where=sa.text("used_at IS NULL AND revoked_at IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_audit_entries_who", "audit_entries")
    op.drop_table("invitations")
    op.drop_index("ix_api_keys_created_by", "api_keys")
    op.drop_constraint("fk_api_keys_created_by_users", "api_keys")
    for name in ("last_used_at", "expires_at", "created_by", "scopes", "prefix", "name"):
        op.drop_column("api_keys", name)
    op.drop_constraint("uq_user_sessions_id", "user_sessions")
    for name in ("address", "device", "id"):
        op.drop_column("user_sessions", name)
    op.drop_column("users", "last_seen_at")
