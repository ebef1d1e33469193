"""Webhook events seen, so that a repeated one changes nothing, and calls that people make from the console."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base


class WebhookEvent(Base):
    __tablename__ = "webhook_events"
    id: Mapped[str] = mapped_column(primary_key=True)
    event: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    __table_args__ = (sa.Index("ix_webhook_events_received_at", "received_at"),)


class BrowserCall(Base):
    """A test call that somebody has asked for; `id` is the call's, which begins when the browser is in the room.
    Exactly one of profile and dialled number is set (the other is "" or None)."""

    __tablename__ = "browser_calls"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    room: Mapped[str] = mapped_column(unique=True)
    person: Mapped[str]
    profile: Mapped[str | None]
    to_number: Mapped[str]
    from_number: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    __table_args__ = (sa.Index("ix_browser_calls_person", "person", "asked_at"),)
