"""What an attacker tries first: every door of the process without a credential, files outside the console, markup."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from callcenter.platform.api.app import create_app
from callcenter.platform.entrypoints.api import application
from callcenter.platform.entrypoints.wiring import control_plane
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.ids import new_id
from callcenter.platform.wire.settings import Settings
from tests.platform.api.world import SITE

pytestmark = pytest.mark.pure

CONSOLE = Path(__file__).parents[3] / "admin" / "src"
NO_DATABASE = "postgresql://127.0.0.1:1/none"
KEY, SECRET = "key", "secret-secret-secret-secret-secret"
# What answers without a credential, and why that is meant: docs/security.md.
OPEN = {
    *(("POST", path) for path in ("/api/session", "/api/welcome", "/api/welcome/accept")),
    *(("GET", path) for path in ("/healthz", "/metrics", "/openapi.json", "/edge/state")),
}
DESK = {"/desk/worker", "/desk/job", "/desk/replay", "/api/presence/line", "/api/calls/{call_id}/line"}


async def served() -> FastAPI:
    """The api process's application as it is served: console, API, webhooks, desk; behind it, no database."""
    settings = Settings(
        database_url=NO_DATABASE, livekit_url="ws://127.0.0.1:1", livekit_api_key=KEY, livekit_api_secret=SECRET,
        desk_secret=SECRET,
    )  # fmt: skip
    plane = control_plane(settings)
    app = application(plane)
    await plane.rooms.close()
    return app


def doors(app: FastAPI) -> set[tuple[str, str]]:
    return {
        (method, route.path or "")
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or set()) - {"HEAD"}
    }


async def test_no_door_of_the_process_opens_without_a_credential() -> None:
    everything = await served()
    found = doors(everything)
    assert ("POST", "/livekit/webhook") in found
    assert ("GET", "/desk/parts") in found
    transport = httpx.ASGITransport(everything, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        for method, path in sorted(found - OPEN):
            url = re.sub(r"\{\w+\}", new_id(), path)
            for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Basic YTpi"}):
                answer = await client.request(method, url, headers=headers | {"X-CSRF": "1"}, content=b"{}")
                assert answer.status_code in (401, 403), f"{method} {path}: {answer.status_code}"


def test_no_socket_of_the_desk_opens_without_a_token() -> None:
    app = asyncio.run(served())
    sockets = {route.path or "" for route in iter_route_contexts(app.routes) if not route.methods}
    assert sockets == DESK
    for path in sorted(sockets):
        for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {SECRET[:-1]}"}):
            client = TestClient(app)  # not entered: the process's own work is not started
            with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(path, headers=headers):
                pass
            assert refused.value.code == 1008, path


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/..%5csecret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/%252e%252e/secret.txt",
        "//etc/passwd.txt",
        "/assets/outside.txt",
    ],
)
async def test_no_path_of_the_console_leaves_its_folder(tmp_path: Path, path: str) -> None:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<p>console")
    (tmp_path / "secret.txt").write_text("secret")
    (dist / "assets" / "outside.txt").symlink_to(tmp_path / "secret.txt")
    app = create_app(Database(NO_DATABASE), Settings(), console=dist)
    raw = path.encode()
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": httpx.URL(SITE + "/x").copy_with(raw_path=raw).path, "raw_path": raw, "query_string": b"",
        "root_path": "", "headers": [(b"host", b"console.test")], "client": None, "server": None,
    }  # fmt: skip
    body = bytearray()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        body.extend(message.get("body", b""))

    await app(scope, receive, send)
    assert b"secret" not in body


def test_the_console_puts_no_text_into_a_page_as_markup() -> None:
    """React escapes what callers bring in (names, numbers, words), unless it is told not to."""
    written = [(path, path.read_text()) for path in CONSOLE.rglob("*.ts*")]
    assert len(written) > 30
    ways = re.compile(
        r"dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    )
    assert [path.name for path, text in written if ways.search(text)] == []


def test_the_console_keeps_no_credential_where_scripts_can_read_it() -> None:
    stored = re.compile(r"(?:local|session)Storage\.setItem\(([^,]+),")
    kept = {match[1] for path in CONSOLE.rglob("*.ts*") for match in stored.finditer(path.read_text())}
    assert kept <= {"STORED", "KEYS[kind]"}  # the language; which microphone and loudspeaker
