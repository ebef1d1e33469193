"""Tallies: what has happened, counted for all replicas at once, so that any of them can show it to Prometheus."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base


class Tally(Base):
    """`labels` are the values of the metric's labels, in the order in which read.py names them."""

    __tablename__ = "tallies"
    name: Mapped[str] = mapped_column(primary_key=True)
    labels: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), primary_key=True)
    value: Mapped[float] = mapped_column(sa.Double)


class TallyPlace(Base):
    """How far the timeline has been counted (`timeline`), and when the promises were checked last (`promises`). Whoever
    has locked the row counts; the others have nothing to do."""

    __tablename__ = "tally_places"
    name: Mapped[str] = mapped_column(primary_key=True)
    xid: Mapped[int] = mapped_column(sa.BigInteger)
    stream_id: Mapped[int] = mapped_column(sa.BigInteger)
    at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
