"""The API on a real port, with the demo company behind it, and its people's keys."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
import websockets
from fastapi import FastAPI

from callcenter.platform.api.app import create_app
from callcenter.platform.api.security import COOKIE
from callcenter.platform.plumbing.livekit_rooms import LiveKitRooms
from callcenter.platform.wire.settings import Settings
from callcenter.setup.users import flow, rules, store
from callcenter.setup.users.model import Role
from tests.journey.company import Company
from tests.stages.escalation.supervisors import SAM

SECRET = "s" * 32


@dataclass
class Office:
    """Where supervisors' consoles reach the product."""

    company: Company
    port: int
    app: FastAPI

    async def key(self, email: str | None = SAM, role: Role = Role.SUPERVISOR) -> dict[str, str]:
        """What a program of theirs sends with each request."""
        async with self.company.j.db.transaction() as tx:
            return {"Authorization": f"Bearer {await flow.add_key(tx, role, email)}"}

    async def cookie(self, email: str = SAM) -> dict[str, str]:
        """What a browser of theirs sends with each request, wherever the page is from."""
        token = rules.new_token()
        async with self.company.j.db.transaction() as tx:
            known = await store.user_by_email(tx, email)
            assert known is not None
            await store.add_session(tx, known.person.id, rules.token_hash(token), "Firefox on Linux", "192.0.2.1")
        return {"Cookie": f"{COOKIE}={token}"}

    async def post(
        self, path: str, email: str | None = SAM, role: Role = Role.SUPERVISOR, **body: Any
    ) -> httpx.Response:
        return await self._ask("POST", path, await self.key(email, role), body)

    async def put(self, path: str, email: str = SAM, role: Role = Role.SUPERVISOR, **body: Any) -> httpx.Response:
        return await self._ask("PUT", path, await self.key(email, role), body)

    async def get(self, path: str, email: str | None = SAM) -> Any:
        answer = await self._ask("GET", path, await self.key(email), None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def _ask(self, method: str, path: str, headers: dict[str, str], body: Any) -> httpx.Response:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=20) as client:
            return await client.request(method, path, headers=headers, json=body)

    async def line(self, path: str, headers: dict[str, str]) -> websockets.ClientConnection:
        return await websockets.connect(f"ws://127.0.0.1:{self.port}{path}", additional_headers=headers)


@asynccontextmanager
async def open_office(company: Company, console: Path) -> AsyncIterator[Office]:
    """Serve the API until the end of the block."""
    settings = Settings(livekit_url="ws://127.0.0.1:9", livekit_api_key="k", livekit_api_secret=SECRET)
    app = create_app(company.j.db, settings, console=console, journey=company.j)
    app.state.rooms = LiveKitRooms(settings)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="on"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield Office(company, server.servers[0].sockets[0].getsockname()[1], app)
    server.should_exit = True
    await serving
    await app.state.rooms.close()
