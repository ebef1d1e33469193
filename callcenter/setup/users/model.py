"""People who sign in, their sessions, API keys and invitations. Secrets are stored as hashes only."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of


class Role(StrEnum):
    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    VIEWER = "viewer"


class User(Base):
    __tablename__ = "users"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    last_seen_at: Mapped[datetime | None]
    __table_args__ = (
        one_of("role", Role),
        sa.Index("uq_users_email", sa.text("lower(email)"), unique=True),
    )


class UserSession(Base):
    """A signed-in browser. The cookie's value is stored as a SHA-256 only; `id` names the session in lists. Of the
    browser nothing is kept but `device`, a few words, and `address`, as the throttle knows clients."""

    __tablename__ = "user_sessions"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), server_default=sa.text("gen_random_uuid()"), unique=True)
    device: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str | None]
    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    expires_at: Mapped[datetime]
    __table_args__ = (sa.Index("ix_user_sessions_user_id", "user_id"),)


class ApiKey(Base):
    """A key for programs (`Authorization: Bearer …`), stored as a SHA-256 only: it is random, so that is enough.

    `prefix` is its beginning, by which people tell keys apart. `created_by` is the person who made it in the console:
    such a key may never more than this person; one made with a shell has none. `scopes` narrow the role, if given.
    """

    __tablename__ = "api_keys"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    key_hash: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    user_id: Mapped[str | None] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(server_default="")
    prefix: Mapped[str] = mapped_column(server_default="")
    scopes: Mapped[list[str] | None] = mapped_column(ARRAY(sa.Text()))
    created_by: Mapped[str | None] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    __table_args__ = (
        one_of("role", Role),
        sa.Index("ix_api_keys_user_id", "user_id"),
        sa.Index("ix_api_keys_created_by", "created_by"),
    )


class InvitationKind(StrEnum):
    JOIN = "join"  # a new colleague sets name and password
    RESET = "reset"  # somebody who is there sets a new password


class Invitation(Base):
    """A link that works once. It is open until it is used or revoked, or `expires_at` has passed."""

    __tablename__ = "invitations"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    email: Mapped[str]
    role: Mapped[str]
    user_id: Mapped[str | None] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    created_by: Mapped[str] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    __table_args__ = (
        one_of("role", Role),
        one_of("kind", InvitationKind),
        sa.CheckConstraint("(kind = 'reset') = (user_id IS NOT NULL)", name="reset_of_somebody"),
        sa.CheckConstraint("used_at IS NULL OR revoked_at IS NULL", name="used_or_revoked"),
        sa.Index(
            "uq_invitations_open_email", sa.text("lower(email)"), unique=True,
            postgresql_where=sa.text("used_at IS NULL AND revoked_at IS NULL"),
        ),
        sa.Index("ix_invitations_user_id", "user_id"),
        sa.Index("ix_invitations_created_by", "created_by"),
    )  # fmt: skip


class SignInFailure(Base):
    """One failed sign-in, kept for the throttle's window; `address` is the client's, in IPv6 its network."""

    __tablename__ = "sign_in_failures"
    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    email: Mapped[str]
    address: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    __table_args__ = (
        sa.Index("ix_sign_in_failures_email_at", "email", "at"),
        sa.Index("ix_sign_in_failures_address_at", "address", "at"),
    )
