"""A desk replica on a real port, with a real Postgres behind it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial

import pytest
import uvicorn
import websockets
from fastapi import FastAPI

from callcenter.platform.desk import delivery
from callcenter.platform.desk.connections import Connections
from callcenter.platform.desk.desk import Desk
from callcenter.platform.desk.watch import Watch
from callcenter.platform.desk.workers import Workers
from callcenter.platform.plumbing.keyring import Keyring
from callcenter.platform.plumbing.livekit_rooms import LiveKitRooms
from callcenter.platform.plumbing.loops import forever
from callcenter.platform.plumbing.tokens import JobTokens
from callcenter.platform.wire.base import Message, SeatKind
from callcenter.platform.wire.messages import DOWN, Hello, Interim, Register
from callcenter.platform.wire.settings import Settings
from tests.journey.company import DESK, Company

SECRET = "desk-secret-desk-secret-desk-secret"
CLOSED_SECONDS, SILENT_SECONDS = 1.0, 2.5  # out of the reach of a machine that is busy


@dataclass
class Line:
    """A client's connection that speaks wire messages."""

    socket: websockets.ClientConnection

    async def send(self, message: Message) -> None:
        await self.socket.send(message.model_dump_json())

    async def hear(self) -> Message:
        return DOWN.validate_json(await asyncio.wait_for(self.socket.recv(), 5))

    async def drop(self) -> None:
        await self.socket.close()


@dataclass
class OpenDesk:
    url: str
    company: Company
    tokens: JobTokens
    watch: Watch
    mentioned: asyncio.Queue[tuple[str, Interim]] = field(default_factory=asyncio.Queue)

    async def connect(self, door: str, secret: str) -> Line:
        headers = {"Authorization": f"Bearer {secret}"}
        return Line(await websockets.connect(f"{self.url}/{door}", additional_headers=headers))

    async def worker(self, kind: SeatKind = SeatKind.AGENT, seats: int = 1, name: str = "w-1") -> Line:
        line = await self.connect("worker", SECRET)
        await line.send(Register(worker=name, kind=kind, seats=seats, pid=7))
        await line.hear()
        return line

    async def job(self, call_id: str, offer_id: str) -> Line:
        line = await self.connect("job", self.tokens.sign(call_id, offer_id))
        await line.send(Hello(offer_id=offer_id, pid=8))
        return line


@pytest.fixture
async def desk(company: Company) -> AsyncIterator[OpenDesk]:
    async with contextlib.AsyncExitStack() as stack:
        settings = Settings(livekit_url="ws://127.0.0.1:9", livekit_api_key="k", livekit_api_secret="s" * 32)
        rooms = LiveKitRooms(settings)
        stack.push_async_callback(rooms.close)
        tokens, here, wake = JobTokens(SECRET, 60), Connections(Keyring.of(Settings())), asyncio.Event()
        watch = Watch(DESK, CLOSED_SECONDS, SILENT_SECONDS)
        mentioned: asyncio.Queue[tuple[str, Interim]] = asyncio.Queue()

        def mention(call_id: str, words: Interim) -> None:
            mentioned.put_nowait((call_id, words))

        opened = Desk(company.j, DESK, SECRET, tokens, here, watch, Workers(company.j), wake.set, mention)
        app = FastAPI()
        app.include_router(opened.router())
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None))
        deliver = partial(delivery.deliver_once, company.j, here, rooms, tokens, settings.livekit_url)
        tasks = [
            asyncio.create_task(server.serve()),
            asyncio.create_task(forever("delivery", deliver, 0.1, wake)),
            asyncio.create_task(forever("watch", partial(watch.look_once, company.j), 0.05)),
        ]
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield OpenDesk(f"ws://127.0.0.1:{port}/desk", company, tokens, watch, mentioned)
        server.should_exit = True
        await tasks[0]
        for task in tasks[1:]:
            task.cancel()
