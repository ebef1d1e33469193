import asyncio

import pytest

from callcenter.platform.entrypoints import key
from callcenter.platform.plumbing.errors import Invalid, NotFound
from callcenter.platform.wire.settings import Settings
from callcenter.setup.users.model import Role
from tests.platform.api.world import World

pytestmark = pytest.mark.postgres


async def add(world: World, database_url: str, role: str, user: str | None = None) -> str:
    return await asyncio.to_thread(key.add, Settings(database_url=database_url), role, user)


async def test_a_new_key_opens_the_api_at_once_and_is_stored_as_a_hash(world: World, database_url: str) -> None:
    made = await add(world, database_url, "viewer")
    assert made.startswith("cc_")
    async with world.client(Authorization=f"Bearer {made}") as client:
        assert (await client.get("/api/calls")).status_code == 200
    assert await world.run("SELECT FROM api_keys WHERE key_hash = :key", key=made) == 0


async def test_a_key_for_a_person_is_that_persons(world: World, database_url: str) -> None:
    await world.user("kim@demo.test")
    made = await add(world, database_url, "supervisor", "Kim@demo.test")
    async with world.client(Authorization=f"Bearer {made}") as client:
        assert (await client.get("/api/session")).json()["user"]["email"] == "kim@demo.test"


async def test_an_unknown_person_or_role_gets_no_key(world: World, database_url: str) -> None:
    with pytest.raises(NotFound):
        await add(world, database_url, "supervisor", "nobody@demo.test")
    with pytest.raises(Invalid):
        await add(world, database_url, "king")
    assert await world.run("SELECT FROM api_keys") == 0


async def test_a_lent_key_is_gone_afterwards_also_when_the_work_failed(world: World, database_url: str) -> None:
    settings = Settings(database_url=database_url)

    def work() -> None:
        with key.lent(settings, Role.VIEWER) as lent:
            assert lent.startswith("cc_")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await asyncio.to_thread(work)
    assert await world.run("SELECT FROM api_keys") == 0
