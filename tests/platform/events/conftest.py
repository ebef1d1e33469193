"""The API as a process that is listened to."""

from collections.abc import AsyncIterator

import pytest

from tests.platform.api.fixtures import world
from tests.platform.api.world import World
from tests.platform.events.listening import served

__all__ = ["world"]


@pytest.fixture
async def url(world: World) -> AsyncIterator[str]:
    async with served(world.app) as address:
        yield address


@pytest.fixture
async def key(world: World) -> dict[str, str]:
    return {"Authorization": f"Bearer {await world.key()}"}
