"""Calendars: opening hours that rules ask for."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base


class Calendar(Base):
    """`body` is a `rules.CalendarBody`."""

    __tablename__ = "calendars"
    name: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
