"""A client of `GET /api/events` on a real server: an in-process client would wait for the end of the stream."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

ANSWER_SECONDS = 20.0


@dataclass
class Message:
    event: str = ""
    id: str = ""
    data: Any = None
    comment: str = ""


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The application's address on a free port; its lifespan is the caller's."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


class Listener:
    """Reads one stream message by message."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def message(self) -> Message | None:
        """The next message (a comment is one too), or None at the end of the stream."""
        message = Message()
        async with asyncio.timeout(ANSWER_SECONDS):
            async for line in self._lines:
                if not line:
                    return message
                name, _, value = line.partition(": ")
                if name == "data":
                    message.data = json.loads(value)
                else:
                    setattr(message, name or "comment", value)
        return None

    async def event(self) -> Message:
        """The next message that is no comment."""
        while True:
            message = await self.message()
            assert message is not None, "the stream has ended"
            if message.event:
                return message

    async def summaries(self, count: int) -> list[str]:
        return [(await self.event()).data["summary"] for _ in range(count)]

    async def to_the_end(self) -> list[Message]:
        found = []
        while (message := await self.message()) is not None:
            found.append(message)
        return found


async def opens(url: str, headers: dict[str, str]) -> bool:
    """Whether a stream may be opened now; it is closed again at once."""
    async with (
        httpx.AsyncClient(timeout=ANSWER_SECONDS) as client,
        client.stream("GET", f"{url}/api/events", headers=headers) as answer,
    ):
        return answer.status_code == 200


@asynccontextmanager
async def listening(url: str, headers: dict[str, str], **query: str) -> AsyncIterator[Listener]:
    """A stream whose first comment has been read: whatever is committed from now on comes through it."""
    async with (
        httpx.AsyncClient(timeout=ANSWER_SECONDS) as client,
        client.stream("GET", f"{url}/api/events", headers=headers, params=query) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        listener = Listener(answer)
        first = await listener.message()
        assert first is not None
        assert first.comment == "connected"
        yield listener
