"""Who changed what in the set-up, from what to what."""

import pytest
import sqlalchemy as sa

from callcenter.setup.audit import store
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import author, command
from callcenter.setup.users.model import Role
from callcenter.setup.users.rules import Credential, Person, Principal
from tests.platform.api.world import World

HASH = "0123456789abcdef" * 4
SHELL = command("callcenter rules publish")


async def record(world: World, name: str, thing: Thing = Thing.CALENDAR) -> None:
    async with world.database.transaction() as tx:
        await store.record(tx, SHELL, Change.CHANGED, thing, name, before={"zone": "UTC"}, after={"zone": "Asia/Tokyo"})


@pytest.mark.pure
def test_an_author_is_a_person_with_their_address_or_a_key_that_can_be_found() -> None:
    sam = Principal(Role.ADMIN, Person("7", "sam@demo.test", "Sam", Role.ADMIN), Credential.SESSION, HASH)
    assert (author(sam).actor, author(sam).who) == ("user:7", "sam@demo.test")
    key = Principal(Role.ADMIN, None, Credential.KEY, HASH)
    assert (author(key).actor, author(key).who) == ("key:0123456789ab", "an API key with the role admin")


@pytest.mark.postgres
@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entries SET who = 'x'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"]
)
async def test_nobody_rewrites_the_audit(world: World, statement: str) -> None:
    await record(world, "office")
    with pytest.raises(sa.exc.IntegrityError, match="audit_entries is append-only"):
        await world.run(statement)


@pytest.mark.postgres
async def test_an_admin_reads_the_audit_latest_first_in_pages_and_by_thing(world: World) -> None:
    for name in ("a", "b", "c"):
        await record(world, name)
    await record(world, "a", Thing.QUEUE)
    async with await world.reader(Role.ADMIN) as admin:
        first = (await admin.get("/api/audit?limit=3")).json()
        rest = (await admin.get("/api/audit", params={"limit": 3, "cursor": first["next_cursor"]})).json()
        named = (await admin.get("/api/audit?thing=calendar&name=a")).json()["items"]
    assert [(e["thing"], e["name"]) for e in first["items"] + rest["items"]] == [
        ("queue", "a"), ("calendar", "c"), ("calendar", "b"), ("calendar", "a"),
    ]  # fmt: skip
    assert rest["next_cursor"] is None
    (entry,) = named
    assert entry | {"id": 0, "at": ""} == {
        "id": 0, "at": "", "actor": "system", "who": "callcenter rules publish", "thing": "calendar", "name": "a",
        "change": "changed", "before": {"zone": "UTC"}, "after": {"zone": "Asia/Tokyo"},
    }  # fmt: skip


@pytest.mark.postgres
@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ANALYST, Role.VIEWER])
async def test_the_audit_is_for_admins(world: World, role: Role) -> None:
    async with await world.reader(role) as client:
        assert (await client.get("/api/audit")).status_code == 403
