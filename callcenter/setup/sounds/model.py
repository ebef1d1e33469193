"""Uploaded sounds: music to wait by, and messages."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of


class SoundKind(StrEnum):
    MUSIC = "music"  # played round and round while callers wait
    MESSAGE = "message"  # played once


class Sound(Base):
    """`audio` is 16-bit mono PCM at 24 kHz, little-endian, brought to one loudness; `digest` is its SHA-256, by which
    attendants keep it on disk. `loudness` is that of the upload, in LUFS. `text` is what a model spoke."""

    __tablename__ = "sounds"
    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    digest: Mapped[str]
    seconds: Mapped[float]
    loudness: Mapped[float]
    audio: Mapped[bytes]
    language: Mapped[str | None]
    text: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    __table_args__ = (one_of("kind", SoundKind), sa.Index("ix_sounds_digest", "digest"))
