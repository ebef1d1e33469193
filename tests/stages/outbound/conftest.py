from collections.abc import AsyncIterator

import pytest

from callcenter.platform.plumbing.db import Database
from tests.stages.outbound.world import World


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """Calls out on a database of their own."""
    db = Database(database_url)
    yield World(database_url, db)
    await db.close()
