"""The campaign's doors do to their traffic what the round's fault says, and nothing without one."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from callcenter.platform.embedded.ports import LOOPBACK, free_port
from tests.campaign.proxies import ModelDoor, TcpDoor, WebhookDoor

pytestmark = pytest.mark.pure

EVENTS = 12


@dataclass
class Server:
    """Behind a door: notes the ids it is told, and fails the first `failing` requests."""

    port: int
    failing: int = 0
    ids: list[str] = field(default_factory=list)
    came_at: list[float] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        if self.failing:
            self.failing -= 1
            return web.Response(status=503)
        body = await request.json()
        self.ids.append(body["id"])
        self.came_at.append(time.monotonic())
        return web.json_response({"said": body["id"]})

    async def has(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.ids) < count:
                await asyncio.sleep(0.02)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    one = Server(free_port())
    app = web.Application()
    app.router.add_post("/{path:.*}", one.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, one.port).start()
    yield one
    await runner.cleanup()


@pytest.fixture
async def webhooks(server: Server) -> AsyncIterator[WebhookDoor]:
    async with WebhookDoor(free_port(), f"http://{LOOPBACK}:{server.port}/hook", random.Random(1)) as door:
        yield door


@pytest.fixture
async def models(server: Server) -> AsyncIterator[ModelDoor]:
    async with ModelDoor(free_port(), f"http://{LOOPBACK}:{server.port}") as door:
        yield door


async def send(door: WebhookDoor) -> list[str]:
    """As LiveKit would; returns the ids."""
    ids = [f"EV_{number}" for number in range(EVENTS)]
    async with aiohttp.ClientSession() as client:
        for one in ids:
            body = {"id": one, "event": "room_started", "room": {"name": "call-1"}}
            async with client.post(f"http://{LOOPBACK}:{door.port}/livekit/webhook", json=body) as answer:
                assert answer.status == 200
    return ids


async def ask(port: int) -> tuple[int, str]:
    limit = aiohttp.ClientTimeout(total=2)
    url = f"http://{LOOPBACK}:{port}/v1/chat"
    async with aiohttp.ClientSession(timeout=limit) as client, client.post(url, json={"id": "one"}) as answer:
        return answer.status, await answer.text()


async def test_webhooks_pass_in_their_order_also_when_the_receiver_was_away(
    server: Server, webhooks: WebhookDoor
) -> None:
    server.failing = 2
    ids = await send(webhooks)
    await server.has(EVENTS)
    assert server.ids == ids
    assert len(webhooks.hooks) == EVENTS


async def test_lost_webhooks_are_written_down_but_do_not_come(server: Server, webhooks: WebhookDoor) -> None:
    webhooks.mode = "lost"
    await send(webhooks)
    webhooks.mode = None
    await send(webhooks)
    await server.has(EVENTS)
    assert len(server.ids) == EVENTS
    assert len(webhooks.hooks) == EVENTS, "each once, however often it is sent"


async def test_doubled_webhooks_come_twice(server: Server, webhooks: WebhookDoor) -> None:
    webhooks.mode = "doubled"
    ids = await send(webhooks)
    await server.has(2 * EVENTS)
    assert sorted(server.ids) == sorted(2 * ids)


async def test_shuffled_webhooks_come_in_another_order(server: Server, webhooks: WebhookDoor) -> None:
    webhooks.mode = "shuffled"
    ids = await send(webhooks)
    await server.has(EVENTS)
    assert server.ids != ids
    assert sorted(server.ids) == sorted(ids)


async def test_delayed_webhooks_come_late_and_in_their_order(server: Server, webhooks: WebhookDoor) -> None:
    webhooks.mode, webhooks.delay = "delayed", 0.5
    sent_at = time.monotonic()
    ids = await send(webhooks)
    await server.has(EVENTS)
    assert server.ids == ids
    assert server.came_at[0] - sent_at >= 0.5


async def test_a_shut_door_cuts_and_refuses_and_an_opened_one_passes_again(server: Server) -> None:
    door = TcpDoor(free_port(), server.port)
    await door.open()
    assert (await ask(door.port))[0] == 200
    reader, writer = await asyncio.open_connection(LOOPBACK, door.port)
    await asyncio.sleep(0.1)
    await door.shut()
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    writer.close()
    with pytest.raises(aiohttp.ClientConnectorError):
        await ask(door.port)
    await door.open()
    assert (await ask(door.port))[0] == 200
    await door.shut()


@pytest.mark.parametrize("status", ["429", "500"])
async def test_models_that_answer_with_an_error(server: Server, models: ModelDoor, status: str) -> None:
    models.mode = status
    assert (await ask(models.port))[0] == int(status)
    assert server.ids == []


async def test_models_that_answer_nonsense_slowly_or_never(models: ModelDoor) -> None:
    models.mode = "nonsense"
    status, text = await ask(models.port)
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    assert status == 200
    models.mode, models.delay = "slow", 0.4
    began = time.monotonic()
    assert await ask(models.port) == (200, '{"said": "one"}')
    assert time.monotonic() - began >= 0.4
    models.mode = "silent"
    with pytest.raises(TimeoutError):
        await ask(models.port)
