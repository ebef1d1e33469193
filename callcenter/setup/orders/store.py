"""All SQL of the demo shop's orders and of what callers report about them."""

from dataclasses import asdict, dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.orders.model import Order, OrderProblem


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


async def report_problem(tx: Tx, number: str, problem: str, call_id: str) -> int:
    """File what is wrong with an order that exists; returns the report's reference number."""
    return await tx.scalar(  # type: ignore[no-any-return]
        sa.insert(OrderProblem)
        .values(order_number=number, problem=problem, call_id=call_id)
        .returning(OrderProblem.reference)
    )
