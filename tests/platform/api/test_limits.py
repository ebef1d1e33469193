"""A request that is sent too slowly holds nothing: it is refused and its connection closed."""

import asyncio

import pytest
from starlette.types import Message

from callcenter.platform.api.console import Console
from callcenter.platform.api.limits import BodyLimit
from callcenter.platform.entrypoints.api import server_config
from callcenter.platform.wire.settings import Settings
from tests.platform.api.world import World

LENGTH = b"100"


async def asked(world: World, pieces: list[bytes], seconds: float) -> list[Message]:
    """What is answered to a sign-in of which only these pieces of the body ever arrive."""
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    for piece in pieces:
        incoming.put_nowait({"type": "http.request", "body": piece, "more_body": True})
    answer: list[Message] = []

    async def send(message: Message) -> None:
        answer.append(message)

    headers = [(b"host", b"console.test"), (b"content-type", b"application/json"), (b"content-length", LENGTH)]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/api/session", "raw_path": b"/api/session", "query_string": b"", "root_path": "", "headers": headers,
        "client": ("192.0.2.1", 50000), "server": ("console.test", 80),
    }  # fmt: skip
    async with asyncio.timeout(20):
        await BodyLimit(world.app, seconds)(scope, incoming.get, send)
    return answer


@pytest.mark.postgres
@pytest.mark.parametrize("pieces", [[], [b'{"email":']])
async def test_a_body_that_does_not_come_is_refused_and_its_connection_closed(
    world: World, pieces: list[bytes]
) -> None:
    start, body = await asked(world, pieces, 0.05)
    headers = dict(start["headers"])
    assert start["status"] == 408
    assert headers[b"content-type"] == b"application/problem+json"
    assert headers[b"connection"] == b"close"
    assert b"seconds" in body["body"]


@pytest.mark.pure
async def test_the_time_counts_for_the_whole_body_and_not_for_what_comes_after_it() -> None:
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    received: list[Message] = []
    answered = asyncio.Event()

    async def app(_scope: object, receive: object, _send: object) -> None:
        assert callable(receive)
        received.append(await receive())
        answered.set()
        received.append(await receive())

    async def send(_: Message) -> None: ...

    incoming.put_nowait({"type": "http.request", "body": b"all", "more_body": False})
    running = asyncio.create_task(BodyLimit(app, 0.02)({"type": "http", "headers": []}, incoming.get, send))
    await answered.wait()
    still_waiting, _ = await asyncio.wait([running], timeout=0.1)
    assert not still_waiting
    incoming.put_nowait({"type": "http.disconnect"})
    await running
    assert [message["type"] for message in received] == ["http.request", "http.disconnect"]


@pytest.mark.pure
def test_the_server_has_an_end_to_its_connections() -> None:
    config = server_config(Console(), Settings(http_port=8123))
    assert config.port == 8123
    assert config.limit_concurrency is not None
    assert config.limit_concurrency < 1024
    assert config.timeout_keep_alive <= 10
