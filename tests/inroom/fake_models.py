"""An OpenAI-compatible server for tests: it says what the test scripts, as late as the test wants, and counts."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import numpy as np
from aiohttp import web

RATE = 24_000
SECONDS_PER_CHARACTER = 0.06


@dataclass(frozen=True)
class Reply:
    """What the model answers: words, tool calls, or both."""

    text: str = ""
    tools: tuple[tuple[str, dict[str, Any]], ...] = ()


def silent_model(_: list[dict[str, Any]]) -> Reply:
    return Reply("I see.")


def tone(seconds: float, hertz: float = 300.0) -> bytes:
    samples = np.arange(int(seconds * RATE))
    return bytes((8000 * np.sin(2 * np.pi * hertz * samples / RATE)).astype("<i2").tobytes())


@dataclass
class FakeModels:
    """`heard` are the words the recogniser gives, one per request; `think` decides on the chat messages. `delays`, in
    seconds: before `stt` and `llm` answer, and in the middle of what `tts` says, which `lead_in` seconds of silence
    come before."""

    think: Callable[[list[dict[str, Any]]], Reply]
    heard: list[str] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)
    speech_delay: float = 0.0
    delays: dict[str, float] = field(default_factory=dict)
    lead_in: float = 0.0
    transcribed_at: list[float] = field(default_factory=list)
    chats: list[list[dict[str, Any]]] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    refused: int = 0  # chats, while the language model fails
    _runner: web.AppRunner | None = None
    _port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/v1/audio/transcriptions", self._transcribe)
        app.router.add_post("/v1/audio/speech", self._speak)
        app.router.add_post("/v1/chat/completions", self._chat)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _transcribe(self, request: web.Request) -> web.Response:
        await request.post()
        if "stt" in self.failing:
            return web.json_response({"error": {"message": "down"}}, status=503)
        await asyncio.sleep(self.delays.get("stt", 0))
        text = self.heard.pop(0) if self.heard else ""
        self.transcribed_at.append(time.time())
        return web.json_response({"text": text})

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if "tts" in self.failing:
            return web.json_response({"error": {"message": "down"}}, status=503)
        await asyncio.sleep(self.speech_delay)
        self.spoken.append(body["input"])
        response = web.StreamResponse(headers={"Content-Type": "audio/pcm"})
        await response.prepare(request)
        sound = bytes(2 * int(self.lead_in * RATE)) + tone(len(body["input"]) * SECONDS_PER_CHARACTER)
        half = len(sound) // 4 * 2
        await response.write(sound[:half])
        await asyncio.sleep(self.delays.get("tts", 0))
        await response.write(sound[half:])
        await response.write_eof()
        return response

    async def _chat(self, request: web.Request) -> web.StreamResponse | web.Response:
        body = await request.json()
        if "llm" in self.failing:
            self.refused += 1
            return web.json_response({"error": {"message": "down"}}, status=503)
        self.chats.append(body["messages"])
        await asyncio.sleep(self.delays.get("llm", 0))
        reply = self.think(body["messages"])
        if not body.get("stream"):
            return web.json_response(_whole(body["model"], reply))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": reply.text}] if reply.text else []
        for index, (name, arguments) in enumerate(reply.tools):
            call = {"name": name, "arguments": json.dumps(arguments)}
            entry = {"index": index, "id": f"call_{index}_{time.time_ns()}", "type": "function", "function": call}
            deltas.append({"role": "assistant", "tool_calls": [entry]})
        for delta in deltas:
            await response.write(_chunk(body["model"], delta, None))
        await response.write(_chunk(body["model"], {}, "tool_calls" if reply.tools else "stop"))
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response


def _whole(model: str, reply: Reply) -> dict[str, Any]:
    calls = [
        {"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for n, (name, arguments) in enumerate(reply.tools)
    ]
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None}
    choice = {
        "index": 0, "message": message | ({"tool_calls": calls} if calls else {}),
        "finish_reason": "tool_calls" if calls else "stop",
    }  # fmt: skip
    return {"id": "chatcmpl-test", "object": "chat.completion", "created": int(time.time()), "model": model,
            "choices": [choice]}  # fmt: skip


def _chunk(model: str, delta: dict[str, Any], finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {
        "id": "chatcmpl-test",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": model,
        "choices": [choice],
    }
    return f"data: {json.dumps(chunk)}\n\n".encode()
