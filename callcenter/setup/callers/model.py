"""Known callers, and what is kept of them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base


class Caller(Base):
    """`body` is a `rules.CallerBody`."""

    __tablename__ = "callers"
    number: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    __table_args__ = (sa.CheckConstraint(r"number ~ '^\+[1-9][0-9]{1,14}$'", name="number"),)
