"""The console and the real API over the demo company's database, without an engine: no call can come in.

Most of what people do at a desk (rules, calendars, people) needs no telephone; a whole stack for it would cost every
run of the tests a minute.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from callcenter.platform.api.app import create_app
from callcenter.platform.api.console import DIST
from callcenter.platform.embedded.ports import free_port
from callcenter.platform.entrypoints.api import server_config
from callcenter.platform.plumbing.db import Database
from callcenter.platform.wire.settings import Settings
from callcenter.setup.users import flow
from callcenter.setup.users.model import Role
from tests.browser.playwright import playwright

PASSWORD = "correct horse battery"


def email_of(role: Role) -> str:
    return f"{role}@office.test"


@dataclass(frozen=True)
class Office:
    url: str
    database: Database
    app: FastAPI

    async def see(self, spec: str, role: Role = Role.ADMIN, **environment: str) -> None:
        """Let admin/e2e/SPEC.spec.ts pass in a browser; it finds address, email and password in CONSOLE_*."""
        status, output = await playwright(
            spec, CONSOLE_URL=self.url, CONSOLE_EMAIL=email_of(role), CONSOLE_PASSWORD=PASSWORD, **environment
        )
        assert status == 0, output
        assert re.search(r"^\s+\d+ passed", output, re.MULTILINE), output
        assert "skipped" not in output, output


@pytest.fixture
async def office(company_database_url: str) -> AsyncIterator[Office]:
    """A desk for somebody of each role."""
    database = Database(company_database_url, pool_size=8)
    async with database.transaction() as tx:
        await flow.seed_users(tx, [(email_of(role), role.title(), role, PASSWORD) for role in Role])
    settings = Settings(database_url=company_database_url, http_port=free_port(), secrets_key=SecretStr("k" * 32))
    app = create_app(database, settings, console=DIST)
    server = uvicorn.Server(server_config(app, settings))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done(), "the API did not start"
        await asyncio.sleep(0.02)
    yield Office(f"http://127.0.0.1:{settings.http_port}", database, app)
    app.state.feed.close()
    server.should_exit = True
    await serving
    await database.close()
