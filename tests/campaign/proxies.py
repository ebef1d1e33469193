"""Doors of the campaign on loopback, each between two parts of the stack: shut, slow, lossy or mad on demand."""

import asyncio
import json
import random
import time
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from callcenter.platform.embedded.ports import LOOPBACK
from tests.campaign.history import Hook

WEBHOOK_PATH = "/livekit/webhook"
RETRY_SECONDS = 30.0  # as long as LiveKit tries (livekit/protocol, webhook/url_notifier.go)
HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "host", "keep-alive", "content-encoding"}


class TcpDoor:
    """Passes bytes on to a port. `shut` closes all connections and refuses new ones until `open`."""

    def __init__(self, port: int, target: int) -> None:
        self.port, self._target = port, target
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._pass, LOOPBACK, self.port, reuse_address=True)

    async def shut(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._target)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, far_writer}
        self._writers |= both
        try:
            await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        finally:
            self._writers -= both
            for one in both:
                one.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        writer.transport.abort()


class HttpDoor:
    """What the two HTTP doors share: a server on loopback and a client behind it."""

    def __init__(self, port: int, target: str) -> None:
        self.port, self._target = port, target
        self._runner: web.AppRunner | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self.client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60), auto_decompress=False)
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.5, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, self.port).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        assert self._runner is not None
        await self._runner.cleanup()
        await self.client.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        raise NotImplementedError

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class ModelDoor(HttpDoor):
    """Before the model server. `mode`: None, or `slow silent 429 500 nonsense`; `delay` seconds when slow."""

    mode: str | None = None
    delay = 0.0

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        match self.mode:
            case "slow":
                await asyncio.sleep(self.delay)
            case "silent":
                while self.mode == "silent":
                    await asyncio.sleep(0.1)
                if request.transport is not None:
                    request.transport.abort()
                return web.Response(status=503)
            case "429" | "500":
                error = {"error": {"message": "a drawn fault", "type": "fault", "code": self.mode}}
                return web.json_response(error, status=int(self.mode))
            case "nonsense":
                return web.Response(body=b"\x00<html>purple elephants</html>", content_type="text/html")
        try:
            return await self._forward(request, body)
        except (aiohttp.ClientError, ConnectionError):
            return web.Response(status=502)  # one of the two sides has gone away

    async def _forward(self, request: web.Request, body: bytes) -> web.StreamResponse:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
        url = f"{self._target}{request.raw_path}"
        async with self.client.request(request.method, url, data=body, headers=headers) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
            response = web.StreamResponse(status=answer.status, headers=kept)
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            await response.write_eof()
            return response


class WebhookDoor(HttpDoor):
    """Takes LiveKit's webhooks, writes each down, and passes them on in the order of each room, trying as long as
    LiveKit would. `mode`: None, or `lost doubled shuffled delayed`; `share` of them is lost, `delay` holds them up."""

    mode: str | None = None
    share = 1.0
    delay = 2.0

    def __init__(self, port: int, target: str, dice: random.Random) -> None:
        super().__init__(port, target)
        self.hooks: list[Hook] = []
        self._seen: set[str] = set()
        self._dice = dice
        self._rooms: dict[str, asyncio.Queue[tuple[bytes, dict[str, str], float]]] = {}

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        now, body = time.time(), await request.read()
        value = json.loads(body)
        if value.get("id") not in self._seen:
            self._seen.add(value.get("id"))
            self.hooks.append(hook_of(value, now))
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        await self._route(str(value.get("room", {}).get("name", "")), body, headers)
        return web.Response()

    async def _route(self, room: str, body: bytes, headers: dict[str, str]) -> None:
        now, one = time.monotonic(), (body, headers)
        match self.mode:
            case "lost" if self._dice.random() < self.share:
                return
            case "shuffled":
                self._start(self._later(self._dice.uniform(0, 1.5), *one))
                return
            case "doubled":
                self._queue(room).put_nowait((*one, now))
                self._start(self._later(self._dice.uniform(0, 1.0), *one))
                return
            case "delayed":
                now += self.delay
        self._queue(room).put_nowait((*one, now))

    def _queue(self, room: str) -> asyncio.Queue[tuple[bytes, dict[str, str], float]]:
        if room not in self._rooms:
            self._rooms[room] = asyncio.Queue()
            self._start(self._drain(self._rooms[room]))
        return self._rooms[room]

    async def _drain(self, queue: asyncio.Queue[tuple[bytes, dict[str, str], float]]) -> None:
        while True:
            body, headers, due = await queue.get()
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await self._deliver(body, headers)

    async def _later(self, seconds: float, body: bytes, headers: dict[str, str]) -> None:
        await asyncio.sleep(seconds)
        await self._deliver(body, headers)

    async def _deliver(self, body: bytes, headers: dict[str, str]) -> None:
        deadline, pause = time.monotonic() + RETRY_SECONDS, 0.1
        while time.monotonic() < deadline:
            try:
                limit = aiohttp.ClientTimeout(total=10)
                async with self.client.post(self._target, data=body, headers=headers, timeout=limit) as answer:
                    if answer.status < 500:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(pause)
            pause = min(1.0, 2 * pause)


def hook_of(value: dict[str, Any], at: float) -> Hook:
    """LiveKit leaves out what has its default: a track without a type is audio (livekit_models.proto, TrackType)."""
    participant, track = value.get("participant", {}), value.get("track", {})
    attributes = participant.get("attributes", {})
    return Hook(
        at=at,
        event=str(value.get("event", "")),
        room=str(value.get("room", {}).get("name", "")),
        identity=str(participant.get("identity", "")),
        sip_call_id=str(attributes.get("sip.callIDFull") or attributes.get("sip.callID", "")),
        track=str(track.get("sid", "")),
        audio=bool(track) and track.get("type", "AUDIO") == "AUDIO",
    )
