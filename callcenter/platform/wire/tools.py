"""A tool of an agent that needs the control plane: asked of the desk, and answered by it."""

from typing import Any, Literal

from pydantic import Field

from callcenter.platform.wire.base import Message


class ToolCall(Message):
    """A tool that needs the control plane; answered by `ToolResult` with the same `tool_call_id`."""

    type: Literal["tool_call"] = "tool_call"
    offer_id: str
    tool_call_id: str = Field(min_length=1, max_length=128)
    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class ToolResult(Message):
    """`error` is a sentence that can be said to the caller."""

    type: Literal["tool_result"] = "tool_result"
    offer_id: str
    tool_call_id: str
    result: Any = None
    error: str | None = None
