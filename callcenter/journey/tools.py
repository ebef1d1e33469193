"""What an agent may ask of the company: each tool by its name. What a tool changes, it changes in its transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from callcenter.journey.escalated import Ask, escalate
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.wire.knowledge import SEARCH_KNOWLEDGE
from callcenter.records.calls import store as calls
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.orders import store as orders
from callcenter.setup.profiles import store as profiles
from callcenter.stages.escalation.model import Trigger
from callcenter.stages.learning import read as learned
from callcenter.stages.learning.rules import LONGEST_QUESTION, told

LONGEST_PROBLEM = 2000
ASKING = "I am asking a colleague to join us. Please stay on the line."
ASKED_ALREADY = "I have asked a colleague already. Please stay on the line."


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


def _asked(arguments: dict[str, Any]) -> dict[str, str]:
    reason = " ".join(str(arguments.get("reason", "")).split())
    by = Trigger.CALLER if arguments.get("by_key") is True else Trigger.AGENT
    return {"reason": reason or "The caller wants to speak to a person.", "by": by,
            "summary": str(arguments.get("summary", ""))}  # fmt: skip


async def ask_supervisor(tx: Tx, call_id: CallId, arguments: dict[str, str]) -> dict[str, Any]:
    """Ask for a human. What the caller hears of it is in the answer; who comes, or that nobody does, follows."""
    call = await calls.lock(tx, call_id)
    ask = Ask(Trigger(arguments["by"]), arguments["reason"], arguments["summary"], actor=timeline.AGENT)
    if call is not None and await escalate(tx, call, ask) is None:
        return {"message": ASKED_ALREADY}
    return {"message": ASKING}


def _question(arguments: dict[str, Any]) -> dict[str, str]:
    question = " ".join(str(arguments.get("question", "")).replace("\x00", "").split())[:LONGEST_QUESTION]
    if not question:
        raise ToolFailed("I need to know what you would like to know.")
    return {"question": question}


async def search_knowledge(tx: Tx, call_id: CallId, arguments: dict[str, str]) -> dict[str, Any]:
    """The approved lessons that answer this question; the timeline names those that the agent was given."""
    name = await calls.profile_of(tx, call_id)
    language = (await profiles.get(tx, name)).language if name else "en"
    found = await learned.articles(tx, arguments["question"], language)
    if found:
        about = [{"lesson_id": article.id, "question": article.question} for article in found]
        sentence = f"The agent answers from what was learned: {found[0].question}"
        await timeline.write(
            tx, call_id, EventType.KNOWLEDGE_USED, sentence, {"articles": about}, actor=timeline.AGENT
        )  # fmt: skip
    return told(found)


TOOLS: dict[str, Tool] = {
    "order_status": Tool(_order_number, order_status),
    "ask_supervisor": Tool(_asked, ask_supervisor),
    SEARCH_KNOWLEDGE: Tool(_question, search_knowledge),
    "report_problem": Tool(_problem, report_problem, changes=True),
}
