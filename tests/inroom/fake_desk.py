"""A desk for tests: a real WebSocket server that speaks the wire's messages and does what the test scripts."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Self, TypeVar

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from callcenter.platform.wire.base import Message
from callcenter.platform.wire.messages import UP, Ack, JobBeat, Segment, Up, WorkerBeat
from callcenter.platform.wire.voicemail import PartAck, VoicemailPart

SECRET = "the-desk-secret"

M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Heard:
    """A message with where and when it came in; `at` is the loop's clock."""

    message: Up
    path: str
    connection: int
    at: float


@dataclass
class FakeDesk:
    """Records what it hears, acknowledges words and parts of messages while `acknowledges` is set, and answers through
    `on_message`."""

    acknowledges: bool = True
    refuses: bool = False
    on_message: Callable[["FakeDesk", Up], Awaitable[None]] | None = None
    heard: list[Heard] = field(default_factory=list)
    stored: dict[tuple[str, str, int], Segment] = field(default_factory=dict)
    connections: list[ServerConnection] = field(default_factory=list)
    _server: Server | None = None
    _port: int = 0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _answers: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/desk"

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Listen; the second time on the same port, as a desk that was restarted does."""
        self._server = await serve(self._talk, "127.0.0.1", self._port, process_request=self._check)
        self._port = next(iter(self._server.sockets)).getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def cut(self) -> None:
        """Drop every connection without a word, as a broken network does."""
        for connection in list(self.connections):
            connection.transport.abort()
        self.connections.clear()

    async def say(self, message: Message) -> None:
        """Send to everybody who is connected."""
        for connection in list(self.connections):
            await connection.send(message.model_dump_json())

    def all(self, kind: type[M]) -> list[M]:
        return [heard.message for heard in self.heard if isinstance(heard.message, kind)]

    async def wait_for(
        self, kind: type[M], where: Callable[[M], bool] = lambda _: True, *, count: int = 1, seconds: float = 10
    ) -> M:
        """The `count`-th message of this kind, waited for if it has not come yet."""
        async with asyncio.timeout(seconds), self._news:
            while True:
                found = [message for message in self.all(kind) if where(message)]
                if len(found) >= count:
                    return found[count - 1]
                await self._news.wait()

    def when(self, message: Message) -> float:
        return next(heard.at for heard in self.heard if heard.message is message)

    def story(self) -> list[str]:
        """Types of messages in order, beats left out."""
        return [h.message.type for h in self.heard if not isinstance(h.message, JobBeat | WorkerBeat)]

    def _check(self, connection: ServerConnection, request: Request) -> Response | None:
        known = request.headers.get("Authorization", "").startswith("Bearer ")
        if self.refuses or not known:
            return connection.respond(HTTPStatus.UNAUTHORIZED, "no\n")
        return None

    async def _talk(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        number = len(self.heard)
        path = connection.request.path if connection.request else ""
        try:
            async for frame in connection:
                message = UP.validate_json(frame)
                await self._take(connection, Heard(message, path, number, asyncio.get_running_loop().time()))
        except ConnectionClosed:
            pass
        finally:
            if connection in self.connections:
                self.connections.remove(connection)

    async def _take(self, connection: ServerConnection, heard: Heard) -> None:
        message = heard.message
        async with self._news:
            self.heard.append(heard)
            self._news.notify_all()
        if isinstance(message, Segment) and self.acknowledges:
            self.stored.setdefault((message.offer_id, message.speaker.value, message.seq), message)
            await connection.send(
                Ack(offer_id=message.offer_id, speaker=message.speaker, seq=message.seq).model_dump_json()
            )
        if isinstance(message, VoicemailPart) and self.acknowledges:
            await connection.send(PartAck(offer_id=message.offer_id, seq=message.seq).model_dump_json())
        if self.on_message is not None:
            task = asyncio.create_task(_call(self.on_message, self, message))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)


async def _call(answer: Callable[[FakeDesk, Up], Awaitable[None]], desk: FakeDesk, message: Up) -> None:
    await answer(desk, message)
