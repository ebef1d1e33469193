"""Processes of the control plane that beat in Postgres, so that any other can see which of them live."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of


class ProcessKind(StrEnum):
    API = "api"
    ROUTER = "router"


class ControlProcess(Base):
    __tablename__ = "control_processes"
    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    pid: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    last_beat_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    __table_args__ = (one_of("kind", ProcessKind),)
