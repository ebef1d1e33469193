"""Fixtures of every test that speaks to the API; a folder's conftest.py imports them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callcenter.platform.api.app import create_app
from callcenter.platform.plumbing.db import Database
from callcenter.platform.wire.settings import Settings
from tests.platform.api.world import World


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    database = Database(database_url, pool_size=4)
    app = create_app(database, Settings(database_url=database_url), console=tmp_path)
    async with app.router.lifespan_context(app):
        await app.state.feed.ready.wait()
        yield World(app, database)
    await database.close()
