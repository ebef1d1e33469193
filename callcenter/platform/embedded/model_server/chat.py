"""`/v1/chat/completions`: OpenAI's chat requests, answered by the table of intents."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from callcenter.platform.embedded.model_server.answering import IntentTable, Reply, Tool, Turn
from callcenter.platform.embedded.model_server.errors import BadRequest
from callcenter.platform.wire.settings import Settings

MODEL = "embedded-intent-table"


class _Sent(BaseModel):
    """Fields that only a real language model has a use for are let through."""

    model_config = ConfigDict(extra="allow")


class CalledFunction(_Sent):
    name: str
    arguments: str = ""


class ToolCall(_Sent):
    id: str
    function: CalledFunction


class ContentPart(_Sent):
    type: str
    text: str | None = None


class Message(_Sent):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[ContentPart] | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None


class FunctionOffer(_Sent):
    name: str
    parameters: dict[str, Any] | None = None


class ToolOffer(_Sent):
    type: Literal["function"]
    function: FunctionOffer


class StreamOptions(_Sent):
    include_usage: bool = False


class ChatRequest(_Sent):
    model: Annotated[str, Field(min_length=1)]
    messages: Annotated[list[Message], Field(min_length=1)]
    tools: list[ToolOffer] | None = None
    tool_choice: str | dict[str, Any] | None = None
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: int | None = 1


def router(table: IntentTable, settings: Settings) -> APIRouter:
    """The chat endpoint, answering after `model_llm_ms`."""
    routes = APIRouter()

    @routes.post("/v1/chat/completions")
    async def complete(request: ChatRequest) -> Response:
        if request.n not in (None, 1):
            raise BadRequest("n", f"Invalid 'n': {request.n}. This model gives 1 answer.")
        if request.stream_options and not request.stream:
            raise BadRequest("stream_options", "'stream_options' is only allowed with 'stream': true.")
        reply = table.reply(_turns(request.messages), _tools(request))
        await asyncio.sleep(settings.model_llm_ms / 1000)
        completion = _Completion(request, reply)
        if request.stream:
            return StreamingResponse(completion.events(), media_type="text/event-stream")
        return JSONResponse(completion.whole())

    return routes


def _turns(messages: list[Message]) -> list[Turn]:
    called = {call.id: call.function.name for message in messages for call in message.tool_calls or ()}
    for place, message in enumerate(messages):
        if message.role == "tool" and message.tool_call_id not in called:
            param = f"messages[{place}].tool_call_id"
            raise BadRequest(param, f"Invalid '{param}': no message has made that call.")
    return [Turn(m.role, _text(m), called.get(m.tool_call_id or "")) for m in messages]


def _text(message: Message) -> str:
    if isinstance(message.content, list):
        return " ".join(part.text for part in message.content if part.text)
    return message.content or ""


def _tools(request: ChatRequest) -> list[Tool]:
    """What may be called: nothing under "none", one function if one is named. "required" is taken for "auto"."""
    offered = [Tool(offer.function.name, offer.function.parameters or {}) for offer in request.tools or ()]
    if request.tool_choice == "none":
        return []
    if isinstance(request.tool_choice, dict):
        function = request.tool_choice.get("function")
        name = function.get("name") if isinstance(function, dict) else None
        if name not in {tool.name for tool in offered}:
            raise BadRequest("tool_choice", f"Invalid 'tool_choice': '{name}' is not among the tools.")
        return [tool for tool in offered if tool.name == name]
    return offered


class _Completion:
    """One answer, whole or as server-sent events."""

    def __init__(self, request: ChatRequest, reply: Reply) -> None:
        self._id = f"chatcmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())
        self._reply = reply
        self._call_id = f"call_{uuid.uuid4().hex[:24]}"
        self._arguments = json.dumps(reply.arguments)
        self._finish = "tool_calls" if reply.tool else "stop"
        self._count_usage = bool(request.stream_options and request.stream_options.include_usage)
        self._prompt = sum(len(_text(message).split()) for message in request.messages)

    def _usage(self) -> dict[str, Any]:
        """Words, since this model has no tokens."""
        said = len(self._reply.text.split()) + (1 if self._reply.tool else 0)
        return {
            "prompt_tokens": self._prompt, "completion_tokens": said, "total_tokens": self._prompt + said,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        }  # fmt: skip

    def whole(self) -> dict[str, Any]:
        """The answer as one `chat.completion`."""
        message: dict[str, Any] = {"role": "assistant", "content": self._reply.text, "refusal": None}
        if self._reply.tool:
            function = {"name": self._reply.tool, "arguments": self._arguments}
            message["content"] = self._reply.text or None
            message["tool_calls"] = [{"id": self._call_id, "type": "function", "function": function}]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self._finish}
        return self._envelope("chat.completion") | {"choices": [choice], "usage": self._usage()}

    async def events(self) -> AsyncIterator[str]:
        """The answer word by word, then the tool call in pieces, as OpenAI streams them."""
        yield self._delta({"role": "assistant", "content": ""})
        for place, word in enumerate(self._reply.text.split(" ") if self._reply.text else ()):
            yield self._delta({"content": f" {word}" if place else word})
        if self._reply.tool:
            start = {"index": 0, "id": self._call_id, "type": "function"}
            yield self._delta({"tool_calls": [start | {"function": {"name": self._reply.tool, "arguments": ""}}]})
            half = len(self._arguments) // 2
            for piece in (self._arguments[:half], self._arguments[half:]):
                yield self._delta({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
        yield self._delta({}, self._finish)
        if self._count_usage:
            usage = {"choices": [], "usage": self._usage()}
            yield f"data: {json.dumps(self._envelope('chat.completion.chunk') | usage)}\n\n"
        yield "data: [DONE]\n\n"

    def _delta(self, delta: dict[str, Any], finish: str | None = None) -> str:
        chunk = self._envelope("chat.completion.chunk")
        chunk["choices"] = [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
        if self._count_usage:
            chunk["usage"] = None
        return f"data: {json.dumps(chunk)}\n\n"

    def _envelope(self, kind: str) -> dict[str, Any]:
        return {"id": self._id, "object": kind, "created": self._created, "model": MODEL}
