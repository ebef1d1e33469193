"""Fixtures of every test that speaks to the API; a folder's conftest.py imports them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from callcenter.platform.api.app import create_app
from callcenter.platform.entrypoints.api import application
from callcenter.platform.entrypoints.wiring import control_plane
from callcenter.platform.plumbing.db import Database
from callcenter.platform.wire.settings import Settings
from tests.platform.api.world import World

KEY, LIVEKIT, DESK = "key", "livekit-livekit-livekit-livekit-livekit", "desk-desk-desk-desk-desk-desk-desk-desk"


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    database = Database(database_url, pool_size=4)
    app = create_app(database, Settings(database_url=database_url), console=tmp_path)
    async with app.router.lifespan_context(app):
        await app.state.feed.ready.wait()
        yield World(app, database)
    await database.close()


@pytest.fixture
async def api_process(world: World) -> AsyncIterator[FastAPI]:
    """Every door of the api process over the world's database, without the work that goes on beside its routes."""
    url = world.database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    settings = Settings(
        database_url=url, livekit_url="ws://127.0.0.1:1", livekit_api_key=KEY, livekit_api_secret=LIVEKIT,
        desk_secret=DESK,
    )  # fmt: skip
    plane = control_plane(settings)
    yield application(plane)
    await plane.close()
