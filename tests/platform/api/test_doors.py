"""Console, desk, webhooks and links are doors of their own: what opens one opens none of the others."""

import base64
import hashlib
import json
import time

import httpx
import pytest
from fastapi import FastAPI
from livekit import api as livekit
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from callcenter.platform.api.security import COOKIE
from callcenter.platform.entrypoints.wiring import job_key
from callcenter.platform.plumbing.ids import new_id
from callcenter.platform.plumbing.tokens import JobTokens
from callcenter.setup.users.model import Role
from tests.platform.api.fixtures import DESK, KEY, LIVEKIT
from tests.platform.api.world import SITE, World

pytestmark = pytest.mark.postgres

DOORS = {
    "console": ("GET", "/api/calls"),
    "desk": ("GET", "/desk/parts"),
    "sounds of the desk": ("GET", "/desk/sounds/" + "0" * 64),
    "webhook": ("POST", "/livekit/webhook"),
}


async def credentials(world: World, event: bytes) -> dict[str, str]:
    """Everything that opens some door of ours."""
    async with await world.somebody(Role.ADMIN) as ada:
        invitation = (await ada.post("/api/invitations", json={"email": "n@demo.test", "role": "admin"})).json()
        session = ada.cookies[COOKIE]
    digest = base64.b64encode(hashlib.sha256(event).digest()).decode()
    room = livekit.AccessToken(KEY, LIVEKIT).with_identity("x").with_grants(livekit.VideoGrants(room_admin=True))
    return {
        "API key": await world.key(Role.ADMIN),
        "session": session,
        "invitation": invitation["token"],
        "desk's secret": DESK,
        "job token": JobTokens(job_key(DESK), 600).sign(new_id(), new_id()),
        "LiveKit's secret": LIVEKIT,
        "webhook's signature": livekit.AccessToken(KEY, LIVEKIT).with_sha256(digest).to_jwt(),
        "room token": room.to_jwt(),
    }


async def test_a_credential_of_one_door_opens_none_of_the_others(world: World, api_process: FastAPI) -> None:
    transport = httpx.ASGITransport(api_process, raise_app_exceptions=False)
    opened = set()
    event = json.dumps(
        {"event": "room_started", "id": "EV_1", "createdAt": int(time.time()), "room": {"name": "x"}}
    ).encode()  # fmt: skip
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        for name, text in (await credentials(world, event)).items():
            for door, (method, path) in DOORS.items():
                for header in (f"Bearer {text}", text):
                    answer = await client.request(method, path, headers={"Authorization": header}, content=event)
                    if answer.status_code not in (401, 403):
                        opened.add((name, door))
            client.cookies.set(COOKIE, text)
            if (await client.get("/api/calls")).status_code == 200:
                opened.add((name, "console by cookie"))
            client.cookies.clear()
    assert opened == {
        ("API key", "console"), ("session", "console by cookie"), ("desk's secret", "desk"),
        ("desk's secret", "sounds of the desk"), ("job token", "sounds of the desk"),
        ("webhook's signature", "webhook"),
    }  # fmt: skip


async def test_no_console_credential_opens_a_socket_of_the_desk(world: World, api_process: FastAPI) -> None:
    key = await world.key(Role.ADMIN)
    for path in ("/desk/worker", "/desk/job", "/desk/replay"):
        client = TestClient(api_process)  # not entered: the process's own work is not started
        with (
            pytest.raises(WebSocketDisconnect) as refused,
            client.websocket_connect(path, headers={"Authorization": f"Bearer {key}"}),
        ):
            pass
        assert refused.value.code == 1008, path
