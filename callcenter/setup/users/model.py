"""People who sign in, their sessions, and API keys. Secrets are stored as hashes only."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
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
    __table_args__ = (
        one_of("role", Role),
        sa.Index("uq_users_email", sa.text("lower(email)"), unique=True),
    )


class UserSession(Base):
    """A signed-in browser. The cookie's value is stored as a SHA-256 only."""

    __tablename__ = "user_sessions"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    expires_at: Mapped[datetime]
    __table_args__ = (sa.Index("ix_user_sessions_user_id", "user_id"),)


class ApiKey(Base):
    """A key for programs (`Authorization: Bearer …`), stored as a SHA-256 only: it is random, so that is enough."""

    __tablename__ = "api_keys"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    key_hash: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    user_id: Mapped[str | None] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    revoked_at: Mapped[datetime | None]
    __table_args__ = (one_of("role", Role), sa.Index("ix_api_keys_user_id", "user_id"))


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
