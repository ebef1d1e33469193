"""Skills over HTTP: announced before anybody has them, and forgotten when nobody needs them."""

import pytest

from callcenter.setup.users.model import Role
from tests.platform.api.world import World
from tests.setup.entries.test_entries_api import NEW, add_profile

pytestmark = pytest.mark.postgres


async def test_a_skill_is_announced_asked_for_by_a_queue_and_forgotten(world: World) -> None:
    async with world.database.transaction() as tx:
        await add_profile(tx)
    async with await world.reader(Role.ADMIN) as admin:
        made = await admin.put("/api/skills/german")
        assert (made.status_code, made.json()["seats"], made.json()["queues"]) == (201, 0, [])
        assert (await admin.put("/api/skills/german")).status_code == 200
        queue = {"profile": "shop", "required_skills": ["german"]}
        kept = await admin.put("/api/queues/sales", json=queue, headers=NEW)
        (skill,) = (await admin.get("/api/skills")).json()["items"]
        assert skill["queues"] == ["sales"]
        refused = await admin.delete("/api/skills/german")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "queues.sales.required_skills")
        await admin.delete("/api/queues/sales", headers={"If-Match": kept.headers["etag"]})
        assert (await admin.delete("/api/skills/german")).status_code == 204
        assert (await admin.delete("/api/skills/german")).status_code == 404
        audit = (await admin.get("/api/audit", params={"thing": "skill", "name": "german"})).json()["items"]
        assert sorted(entry["change"] for entry in audit) == ["created", "deleted"]


async def test_a_skill_that_agents_bring_cannot_be_forgotten(world: World) -> None:
    async def one_seat(*_: object, **__: object) -> dict[frozenset[str], int]:
        return {frozenset({"german", "billing"}): 4, frozenset({"billing"}): 1}

    world.app.state.skilled = one_seat
    async with await world.reader(Role.ADMIN) as admin:
        assert (await admin.put("/api/skills/german")).json()["seats"] == 4
        assert (await admin.delete("/api/skills/german")).status_code == 409


@pytest.mark.parametrize("name", ["%20german", "german,billing", "x" * 81, "a%00b"])
async def test_a_name_that_agents_could_not_bring_is_refused(world: World, name: str) -> None:
    async with await world.reader(Role.ADMIN) as admin:
        refused = await admin.put(f"/api/skills/{name}")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "path.name")


async def test_only_admins_announce_and_forget(world: World) -> None:
    async with await world.reader(Role.SUPERVISOR) as supervisor:
        assert (await supervisor.put("/api/skills/german")).status_code == 403
        assert (await supervisor.delete("/api/skills/german")).status_code == 403
        assert (await supervisor.get("/api/skills")).status_code == 200
