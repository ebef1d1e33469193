"""What an agent may ask of the company: each tool by its name. What a tool changes, it changes in its transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.setup.orders import store as orders

LONGEST_PROBLEM = 2000


class ToolFailed(Exception):
    """A sentence that the agent can say to the caller."""


@dataclass(frozen=True)
class Tool:
    """`read` takes from the model's arguments what the tool needs, and `run` does it; both may raise ToolFailed.

    A tool that `changes` something does so once in a call for the same arguments, however often it is asked.
    """

    read: Callable[[dict[str, Any]], dict[str, str]]
    run: Callable[[Tx, CallId, dict[str, str]], Awaitable[dict[str, Any]]]
    changes: bool = False


def _order_number(arguments: dict[str, Any]) -> dict[str, str]:
    number = "".join(c for c in str(arguments.get("order_number", "")) if c.isalnum())
    if not number:
        raise ToolFailed("I need the order number to look that up.")
    return {"order_number": number}


def _problem(arguments: dict[str, Any]) -> dict[str, str]:
    problem = " ".join(str(arguments.get("problem", "")).split())[:LONGEST_PROBLEM]
    if not problem:
        raise ToolFailed("I need to know what is wrong with the order.")
    return _order_number(arguments) | {"problem": problem}


async def _find(tx: Tx, number: str) -> orders.OrderRow:
    order = await orders.find(tx, number)
    if order is None:
        raise ToolFailed(f"I cannot find an order with the number {' '.join(number)}.")
    return order


async def order_status(tx: Tx, _: CallId, arguments: dict[str, str]) -> dict[str, Any]:
    """The status of one order by its number."""
    order = await _find(tx, arguments["order_number"])
    return {
        "order_number": order.number, "status": order.status, "status_since": order.status_since.isoformat(),
        "expected_on": order.expected_on.isoformat() if order.expected_on else None, "detail": order.detail,
    }  # fmt: skip


async def report_problem(tx: Tx, call_id: CallId, arguments: dict[str, str]) -> dict[str, Any]:
    """File what is wrong with an order; the answer has a reference number for the caller."""
    order = await _find(tx, arguments["order_number"])
    reference = await orders.report_problem(tx, order.number, arguments["problem"], call_id)
    return {"order_number": order.number, "reference": str(reference)}


TOOLS: dict[str, Tool] = {
    "order_status": Tool(_order_number, order_status),
    "report_problem": Tool(_problem, report_problem, changes=True),
}
