"""What the agent can do besides talking: a name in a profile → a function the model may call."""

import logging
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from livekit.agents import RunContext, ToolError, function_tool
from livekit.agents.llm import Tool

from callcenter.platform.wire.knowledge import SEARCH_KNOWLEDGE, SEARCH_SCHEMA

logger = logging.getLogger(__name__)

ASK_SUPERVISOR = "ask_supervisor"


class Hands(Protocol):
    """What tools need of the call they belong to."""

    async def ask_desk(self, name: str, arguments: dict[str, Any]) -> Any:
        """Run a tool in the control plane; raises ToolError with a sentence for the caller."""

    async def end_call(self, ctx: RunContext[None]) -> str | None:
        """Let the goodbye be heard, then end the call for everybody; a string when the call goes on instead."""


def order_status(hands: Hands) -> Tool:
    @function_tool(name="order_status")
    async def tool(_: RunContext[None], order_number: str) -> Any:
        """Look up where an order of the shop is: whether it was shipped, when, and when it will arrive.

        Args:
            order_number: The number of the order, digits only.
        """
        return await hands.ask_desk("order_status", {"order_number": order_number})

    return tool


def report_problem(hands: Hands) -> Tool:
    @function_tool(name="report_problem")
    async def tool(_: RunContext[None], order_number: str, problem: str) -> Any:
        """Report that something is wrong with an order: it arrived damaged, is incomplete, or is not what was ordered.

        Tell the caller the reference number of the answer.

        Args:
            order_number: The number of the order, digits only.
            problem: What is wrong, in the caller's words.
        """
        return await hands.ask_desk("report_problem", {"order_number": order_number, "problem": problem})

    return tool


def ask_supervisor(hands: Hands) -> Tool:
    @function_tool(name=ASK_SUPERVISOR)
    async def tool(_: RunContext[None], reason: str, summary: str = "") -> Any:
        """Ask a human colleague to join the call: when the caller wants a person, or you cannot help.

        Tell the caller the message of the answer, and go on helping meanwhile.

        Args:
            reason: Why a human is needed, in one sentence.
            summary: What the call has been about so far, in two or three sentences.
        """
        return await hands.ask_desk(ASK_SUPERVISOR, {"reason": reason, "summary": summary})

    return tool


def search_knowledge(hands: Hands) -> Tool:
    @function_tool(raw_schema=SEARCH_SCHEMA)
    async def tool(_: RunContext[None], raw_arguments: dict[str, object]) -> Any:
        return await hands.ask_desk(SEARCH_KNOWLEDGE, raw_arguments)

    return tool


def end_call(hands: Hands) -> Tool:
    @function_tool(name="end_call")
    async def tool(ctx: RunContext[None]) -> str | None:
        """Hang up. Say goodbye first. Call this when the caller has said goodbye or needs nothing more."""
        return await hands.end_call(ctx)

    return tool


TOOLS: dict[str, Callable[[Hands], Tool]] = {
    "order_status": order_status,
    "report_problem": report_problem,
    ASK_SUPERVISOR: ask_supervisor,
    SEARCH_KNOWLEDGE: search_knowledge,
    "end_call": end_call,
}


def build_tools(names: Iterable[str], hands: Hands) -> list[Tool]:
    """The tools of a profile. A name this version does not know is left out, so an old worker serves a new profile."""
    known = []
    for name in names:
        if name in TOOLS:
            known.append(TOOLS[name](hands))
        else:
            logger.warning("tool not known to this worker", extra={"tool": name})
    return known


__all__ = ["TOOLS", "Hands", "ToolError", "build_tools"]
