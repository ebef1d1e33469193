"""Tools that agents call over the desk. Only the live offer of a call may call one."""

from collections.abc import Awaitable, Callable
from typing import Any

from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire.messages import ToolCall, ToolResult
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.orders import store as orders
from callcenter.stages.offers.model import OfferState

Tool = Callable[[Tx, dict[str, Any]], Awaitable[dict[str, Any]]]


class ToolFailed(Exception):
    """A sentence that the agent can say to the caller."""


async def order_status(tx: Tx, arguments: dict[str, Any]) -> dict[str, Any]:
    """The status of one order by its number."""
    number = "".join(c for c in str(arguments.get("order_number", "")) if c.isalnum())
    if not number:
        raise ToolFailed("I need the order number to look that up.")
    order = await orders.find(tx, number)
    if order is None:
        raise ToolFailed(f"I cannot find an order with the number {' '.join(number)}.")
    return {
        "order_number": order.number, "status": order.status, "status_since": order.status_since.isoformat(),
        "expected_on": order.expected_on.isoformat() if order.expected_on else None, "detail": order.detail,
    }  # fmt: skip


TOOLS: dict[str, Tool] = {"order_status": order_status}


async def tool_called(j: Journey, called: ToolCall) -> ToolResult:
    """Run the tool in one transaction with its entry in the timeline; failures are sentences."""

    def failed(sentence: str) -> ToolResult:
        return ToolResult(offer_id=called.offer_id, tool_call_id=called.tool_call_id, error=sentence)

    tool = TOOLS.get(called.name)
    if tool is None:
        return failed("I do not have a way to do that.")
    async with j.verb() as tx:
        locked = await lock_offer(tx, OfferId(called.offer_id))
        if locked is None or locked[1].state is not OfferState.ACCEPTED:
            return failed("I cannot do that any more.")
        try:
            result = await tool(tx, called.arguments)
            answer = ToolResult(offer_id=called.offer_id, tool_call_id=called.tool_call_id, result=result)
        except ToolFailed as error:
            answer = failed(str(error))
        await timeline.write(
            tx, locked[0].id, EventType.TOOL_CALLED, f"The agent used {called.name}",
            {"tool": called.name, "tool_call_id": called.tool_call_id, "arguments": called.arguments,
             "failed": answer.error is not None},
            actor=timeline.AGENT,
        )  # fmt: skip
        return answer
