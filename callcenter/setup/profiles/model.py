"""Agent profiles: how an agent greets, talks, and what it may do."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of
from callcenter.setup.profiles.rules import Part


class Profile(Base):
    """`body` is a `rules.ProfileBody`; each change makes a new version."""

    __tablename__ = "profiles"
    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(server_default="1")
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())


class ProfileVersion(Base):
    """Every version there ever was. A trigger refuses to change or delete one, and they outlive their profile: calls
    are explained by the version that took them, and one that is under way goes on with the last."""

    __tablename__ = "profile_versions"
    profile: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    made_by: Mapped[str]
    restores: Mapped[int | None]  # the version that was rolled back to


class ProfileKey(Base):
    """A model's key, sealed (platform/plumbing/keyring.py), for the one address it was entered for."""

    __tablename__ = "profile_keys"
    profile: Mapped[str] = mapped_column(sa.ForeignKey("profiles.name", ondelete="CASCADE"), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    base_url: Mapped[str]
    sealed: Mapped[str]
    ends_in: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    __table_args__ = (one_of("part", Part),)
