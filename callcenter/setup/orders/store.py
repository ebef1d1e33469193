"""All SQL of the demo shop's orders."""

from dataclasses import asdict, dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.orders.model import Order


@dataclass(frozen=True)
class OrderRow:
    number: str
    status: str
    status_since: date
    expected_on: date | None
    detail: str


async def find(tx: Tx, number: str) -> OrderRow | None:
    row = await tx.row(
        sa.select(Order.number, Order.status, Order.status_since, Order.expected_on, Order.detail).where(
            Order.number == number
        )
    )
    return OrderRow(**row) if row else None


async def put(tx: Tx, order: OrderRow) -> None:
    values = asdict(order)
    await tx.execute(insert(Order).values(**values).on_conflict_do_update(index_elements=[Order.number], set_=values))
