"""All SQL of tool calls. The call's row must be locked by whoever writes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId, OfferId, new_id
from callcenter.records.tool_calls.model import ToolCall, ToolCallState


@dataclass(frozen=True)
class Answer:
    """What a tool call is answered; exactly one of `result` and `error` is set."""

    state: ToolCallState
    result: dict[str, Any] | None = None
    error: str | None = None


@dataclass(frozen=True)
class PastCall:
    """A tool call of a call's past."""

    tool_call_id: str
    name: str
    arguments: dict[str, Any]
    result: dict[str, Any] | None
    error: str | None
    done_at: datetime


async def answer_to(tx: Tx, offer_id: OfferId, tool_call_id: str) -> Answer | None:
    """How this tool call was answered; None when it is new."""
    return await _answer(tx, ToolCall.offer_id == offer_id, ToolCall.tool_call_id == tool_call_id)


async def effect_of(tx: Tx, call_id: CallId, name: str, effect_key: str) -> Answer | None:
    """How the tool call was answered that made this change in this call; None when nobody has made it."""
    return await _answer(
        tx, ToolCall.call_id == call_id, ToolCall.name == name, ToolCall.effect_key == effect_key
    )  # fmt: skip


async def _answer(tx: Tx, *where: sa.ColumnElement[bool]) -> Answer | None:
    row = await tx.row(sa.select(ToolCall.state, ToolCall.result, ToolCall.error).where(*where))
    return Answer(ToolCallState(row["state"]), row["result"], row["error"]) if row else None


async def insert(
    tx: Tx,
    call_id: CallId,
    offer_id: OfferId,
    tool_call_id: str,
    name: str,
    arguments: dict[str, Any],
    answer: Answer,
    effect_key: str | None,
) -> None:
    """Keep a tool call with its answer."""
    await tx.execute(
        sa.insert(ToolCall).values(
            id=new_id(), call_id=call_id, offer_id=offer_id, tool_call_id=tool_call_id, name=name, arguments=arguments,
            state=answer.state, result=answer.result, error=answer.error, effect_key=effect_key,
        )
    )  # fmt: skip


async def past_calls(tx: Tx, call_id: CallId, last: int = 20) -> tuple[PastCall, ...]:
    """The call's last tool calls, oldest first: what a new agent needs to know of them."""
    rows = await tx.rows(
        sa.select(
            ToolCall.tool_call_id, ToolCall.name, ToolCall.arguments, ToolCall.result, ToolCall.error, ToolCall.done_at
        )
        .where(ToolCall.call_id == call_id)
        .order_by(ToolCall.done_at.desc(), ToolCall.id.desc())
        .limit(last)
    )
    return tuple(PastCall(**row) for row in reversed(rows))
