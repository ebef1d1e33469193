"""What is noted of a call while a human leads it, and after: by the agent that listens, and by the human."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base


class CallNotes(Base):
    """`fields`: what the profile names, filled in by the agent. `suggestions`: the latest ones. The last two are a
    supervisor's."""

    __tablename__ = "call_notes"
    call_id: Mapped[str] = mapped_column(sa.ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True)
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=sa.text("'{}'"))
    summary: Mapped[str] = mapped_column(server_default="")
    suggestions: Mapped[list[Any]] = mapped_column(JSONB, server_default=sa.text("'[]'"))
    disposition: Mapped[str | None]
    notes: Mapped[str] = mapped_column(server_default="")
    changed_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
