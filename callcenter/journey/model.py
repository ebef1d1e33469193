"""Effects: what a verb wants done outside the database, recorded in the verb's transaction, done after its commit."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of


class EffectKind(StrEnum):
    DISPATCH = "dispatch"  # of versions before decision 22: none are made any more
    GRANT = "grant"  # LiveKit: let this participant publish
    REMOVE = "remove"  # LiveKit: silence this participant and put it out of the room
    DELETE_ROOM = "delete_room"  # LiveKit: end the room and with it the caller's leg
    SUPERVISE = "supervise"  # LiveKit: give this supervisor the rights of their mode
    COMMAND = "command"  # desk: tell this job or worker something


class Effect(Base):
    __tablename__ = "effects"
    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    call_id: Mapped[str | None] = mapped_column(sa.ForeignKey("calls.id", ondelete="CASCADE"))
    kind: Mapped[str]
    address: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=sa.text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    due_at: Mapped[datetime]
    give_up_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default="0")
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]
    __table_args__ = (
        one_of("kind", EffectKind),
        sa.Index("ix_effects_due", "due_at", postgresql_where=sa.text("done_at IS NULL")),
        sa.Index("ix_effects_removing", "call_id", postgresql_where=sa.text("done_at IS NULL AND kind = 'remove'")),
        sa.Index("ix_effects_address", "address", postgresql_where=sa.text("done_at IS NULL AND kind = 'command'")),
    )
