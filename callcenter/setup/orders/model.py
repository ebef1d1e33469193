"""The demo shop's orders, and what callers report about them: what the agent's tools look up and write."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base

FIRST_REFERENCE = 30001


class Order(Base):
    __tablename__ = "orders"
    number: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    status_since: Mapped[date]
    expected_on: Mapped[date | None]
    detail: Mapped[str]


class OrderProblem(Base):
    """A caller's report that something is wrong with an order. It outlives the record of the call."""

    __tablename__ = "order_problems"
    reference: Mapped[int] = mapped_column(sa.Identity(always=True, start=FIRST_REFERENCE), primary_key=True)
    order_number: Mapped[str] = mapped_column(sa.ForeignKey("orders.number", ondelete="CASCADE"))
    call_id: Mapped[str | None] = mapped_column(sa.ForeignKey("calls.id", ondelete="SET NULL"))
    problem: Mapped[str]
    reported_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    __table_args__ = (
        sa.Index("ix_order_problems_order_number", "order_number"),
        sa.Index("ix_order_problems_call_id", "call_id"),
    )
