"""An agent calls a tool over the desk. Only the live offer of a call may do so, and nothing happens twice."""

from collections.abc import Mapping

from callcenter.journey.tools import TOOLS, Tool, ToolFailed
from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.tools import ToolCall, ToolResult
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.records.tool_calls import store as tool_calls
from callcenter.records.tool_calls.model import ToolCallState
from callcenter.records.tool_calls.rules import effect_key
from callcenter.records.tool_calls.store import Answer
from callcenter.setup.profiles import store as profiles
from callcenter.stages.offers.model import OfferState

NO_WAY = "I do not have a way to do that."


async def tool_called(j: Journey, called: ToolCall, tools: Mapping[str, Tool] = TOOLS) -> ToolResult:
    """Run the tool, keep its answer and write the timeline, in the transaction that holds the call's lock. Failures are
    sentences, and what a failed tool had changed is undone.

    Asked again under the same id, after a reconnect, the answer is the stored one. A change that was made in this call
    already, perhaps by an agent that is lost, is not made again: the answer is the first one, marked `already_done`.
    """
    tool = tools.get(called.name)
    if tool is None:
        return _result(called, _failed(NO_WAY))
    offer_id = OfferId(called.offer_id)
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None or locked[1].state is not OfferState.ACCEPTED:
            return _result(called, _failed("I cannot do that any more."))
        call_id = locked[0].id
        if not await _allowed(tx, locked[0].profile, called.name):
            return _result(called, _failed(NO_WAY))
        if (known := await tool_calls.answer_to(tx, offer_id, called.tool_call_id)) is not None:
            return _result(called, known)
        answer, key = await _run(tx, tool, call_id, called)
        await tool_calls.insert(
            tx, call_id, offer_id, called.tool_call_id, called.name, called.arguments, answer, key
        )  # fmt: skip
        await timeline.write(
            tx, call_id, EventType.TOOL_CALLED, f"The agent used {called.name}",
            {"tool": called.name, "tool_call_id": called.tool_call_id, "arguments": called.arguments,
             "failed": answer.error is not None, "already_done": answer.state is ToolCallState.REPEATED},
            actor=timeline.AGENT,
        )  # fmt: skip
        return _result(called, answer)


async def _allowed(tx: Tx, profile: str | None, name: str) -> bool:
    """Whether the call's profile names the tool, as it stands now. The worker offers its model no others, but it is not
    the worker that decides: callers speak to it, and it may have been taken over."""
    return profile is not None and name in (await profiles.get(tx, profile)).tools


async def _run(tx: Tx, tool: Tool, call_id: CallId, called: ToolCall) -> tuple[Answer, str | None]:
    """The answer, and the key of the change if one was made now."""
    try:
        arguments = tool.read(called.arguments)
        key = effect_key(arguments) if tool.changes else None
        first = await tool_calls.effect_of(tx, call_id, called.name, key) if key else None
        if first is not None:
            return Answer(ToolCallState.REPEATED, {**(first.result or {}), "already_done": True}), None
        async with tx.connection.begin_nested():
            result = await tool.run(tx, call_id, arguments)
    except ToolFailed as error:
        return _failed(str(error)), None
    return Answer(ToolCallState.DONE, result), key


def _failed(sentence: str) -> Answer:
    return Answer(ToolCallState.FAILED, error=sentence)


def _result(called: ToolCall, answer: Answer) -> ToolResult:
    return ToolResult(
        offer_id=called.offer_id, tool_call_id=called.tool_call_id, result=answer.result, error=answer.error
    )
