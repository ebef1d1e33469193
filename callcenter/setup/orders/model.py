"""The demo shop's orders: what the agent's `order_status` tool looks up."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base


class Order(Base):
    __tablename__ = "orders"
    number: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    status_since: Mapped[date]
    expected_on: Mapped[date | None]
    detail: Mapped[str]
