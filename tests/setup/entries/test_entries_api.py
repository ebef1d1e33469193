"""Every kind of thing that is kept by name is read, written and deleted in the same way."""

from typing import Any

import pytest

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.profiles import store as profiles
from callcenter.setup.profiles.rules import ProfileBody
from callcenter.setup.users.model import Role
from tests.platform.api.world import World

pytestmark = pytest.mark.postgres

NEW = {"If-None-Match": "*"}
OFFICE = {"zone": "Europe/Berlin", "weekly": {"mon": ["08:00-18:00"]}}
# For each kind: where it is, a body, and another.
KINDS: dict[str, tuple[str, Any, Any]] = {
    "calendar": ("/api/calendars/office", OFFICE, {**OFFICE, "zone": "Asia/Tokyo"}),
    "caller_list": ("/api/caller-lists/vip", {"entries": [{"number": "+15551230001"}]}, {"note": "nobody any more"}),
    "caller": ("/api/callers/+15551230001", {"attributes": {"tier": "gold"}}, {"attributes": {"tier": "silver"}}),
    "queue": ("/api/queues/sales", {"profile": "shop"}, {"profile": "shop", "required_skills": ["sales"]}),
    "number": ("/api/numbers/+15550120", {"name": "Sales"}, {"name": "Sales and orders"}),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


async def add_profile(tx: Tx) -> None:
    await profiles.put(tx, "shop", ProfileBody(instructions="Sell.", greeting="Hello."))


@pytest.fixture
async def shop(world: World) -> World:
    async with world.database.transaction() as tx:
        await add_profile(tx)
    return world


@every_kind
async def test_what_is_written_is_read_changed_and_deleted_by_its_edition(shop: World, kind: str) -> None:
    path, body, other = KINDS[kind]
    async with await shop.reader(Role.ADMIN) as admin:
        made = await admin.put(path, json=body, headers=NEW)
        assert made.status_code == 201, made.text
        read = await admin.get(path)
        assert read.json() == made.json()
        assert read.headers["etag"] == made.headers["etag"] == read.json()["etag"]
        assert body.items() <= read.json().items() or kind in ("calendar", "caller_list")

        changed = await admin.put(path, json=other, headers={"If-Match": read.headers["etag"]})
        assert changed.status_code == 200, changed.text
        assert changed.headers["etag"] != read.headers["etag"]
        stale = await admin.put(path, json=body, headers={"If-Match": read.headers["etag"]})
        assert stale.status_code == 412
        assert (await admin.get(path)).json() == changed.json()

        assert (await admin.delete(path, headers={"If-Match": read.headers["etag"]})).status_code == 412
        assert (await admin.delete(path, headers={"If-Match": changed.headers["etag"]})).status_code == 204
        assert (await admin.get(path)).status_code == 404
        assert (await admin.delete(path, headers={"If-Match": changed.headers["etag"]})).status_code == 404


@every_kind
async def test_a_change_that_names_no_edition_is_refused(shop: World, kind: str) -> None:
    path, body, other = KINDS[kind]
    async with await shop.reader(Role.ADMIN) as admin:
        assert (await admin.put(path, json=body)).status_code == 428
        await admin.put(path, json=body, headers=NEW)
        assert (await admin.put(path, json=other)).status_code == 428
        assert (await admin.put(path, json=other, headers=NEW)).status_code == 412
        assert (await admin.delete(path)).status_code == 428


@every_kind
async def test_what_is_read_can_be_sent_back_without_the_reading_fields(shop: World, kind: str) -> None:
    path, body, _ = KINDS[kind]
    async with await shop.reader(Role.ADMIN) as admin:
        read = (await admin.put(path, json=body, headers=NEW)).json()
        key = path.rpartition("/")[2]
        again = {k: v for k, v in read.items() if k not in ("etag", "changed_at") and v != key}
        answer = await admin.put(path, json=again, headers={"If-Match": read["etag"]})
    assert (answer.status_code, answer.json()) == (200, read)


@every_kind
@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ANALYST, Role.VIEWER])
async def test_everybody_reads_and_only_admins_write(shop: World, kind: str, role: Role) -> None:
    path, body, _ = KINDS[kind]
    async with await shop.reader(Role.ADMIN) as admin, await shop.reader(role) as other:
        assert (await other.put(path, json=body, headers=NEW)).status_code == 403
        await admin.put(path, json=body, headers=NEW)
        hidden = kind == "caller" and role is not Role.SUPERVISOR  # One number's caller: for who sees numbers.
        assert (await other.get(path)).status_code == (403 if hidden else 200)
        assert len((await other.get(path.rpartition("/")[0])).json()["items"]) == 1
        assert (await other.delete(path, headers={"If-Match": "*"})).status_code == 403


@every_kind
async def test_every_change_is_audited_and_what_changes_nothing_is_not(shop: World, kind: str) -> None:
    path, body, other = KINDS[kind]
    async with await shop.browser_of_an_admin() as admin:
        await admin.put(path, json=body, headers=NEW)
        await admin.put(path, json=body, headers={"If-Match": "*"})
        await admin.put(path, json=other, headers={"If-Match": "*"})
        await admin.delete(path, headers={"If-Match": "*"})
        entries = (await admin.get("/api/audit", params={"thing": kind})).json()["items"]
    assert [entry["change"] for entry in entries] == ["deleted", "changed", "created"]
    assert {(entry["who"], entry["name"]) for entry in entries} == {("ada@demo.test", path.rpartition("/")[2])}
    deleted, changed, created = entries
    assert (created["before"], deleted["after"]) == (None, None)
    assert changed["before"] == created["after"]
    assert changed["after"] == deleted["before"] != changed["before"]


async def test_a_long_list_comes_in_pages_by_name(shop: World) -> None:
    async with await shop.reader(Role.ADMIN) as admin:
        for name in ("c", "a_1", "b", "a-1", "d"):
            assert (await admin.put(f"/api/calendars/{name}", json={"zone": "UTC"}, headers=NEW)).status_code == 201
        found, cursor = [], None
        while True:
            page = (
                await admin.get("/api/calendars", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
            ).json()
            found += [item["name"] for item in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert found == ["a-1", "a_1", "b", "c", "d"]
        assert (await admin.get("/api/calendars?cursor=nonsense")).status_code == 422


@pytest.mark.parametrize(
    ("path", "body", "field", "expected"),
    [
        ("/api/calendars/Office", OFFICE, "path.name", "small letters"),
        ("/api/calendars/office", {"zone": "Mars/Olympus"}, "zone", "an IANA time zone"),
        ("/api/calendars/office", {"zone": "UTC", "open": []}, "open", "no such field"),
        ("/api/calendars/office", {"zone": "UTC", "exceptions": [{"date": "soon"}]}, "exceptions.0.date", "a day like"),
        ("/api/numbers/12", {"name": "Sales"}, "path.number", "is it +12?"),
        ("/api/numbers/0015550120", {"name": "Sales"}, "path.number", "+ in place of 00"),
        ("/api/numbers/sales", {"name": "Sales"}, "path.number", "a telephone number in E.164"),
        ("/api/numbers/+15550120", {"name": ""}, "name", "at least 1 characters"),
        ("/api/callers/anonymous", {}, "path.number", "a telephone number in E.164"),
        ("/api/callers/+15550120", {"attributes": {"tier": 1}}, "attributes.tier", "text"),
        ("/api/callers/+15550120", {"attributes": {"a": "x\x00"}}, "attributes.a", "without null"),
        ("/api/caller-lists/vip", {"entries": [{"number": "4711"}]}, "entries.0.number", "is it +4711?"),
        ("/api/caller-lists/vip", {"entries": [{"prefix": "49"}]}, "entries.0.prefix", "the start of a number"),
        ("/api/caller-lists/vip", {"entries": [{"note": "x"}]}, "entries.0", "either number or prefix"),
        ("/api/caller-lists/vip", {"entries": [{"prefix": "+49"}, {"prefix": "+4 9"}]}, "entries", "every entry once"),
        ("/api/queues/sales", {"profile": "nobody"}, "profile", "an existing profile: shop"),
        ("/api/queues/sales", {"profile": "shop", "max_wait_seconds": 0}, "max_wait_seconds", "more than 0"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_with_its_field_and_what_would_be_right(
    shop: World, path: str, body: Any, field: str, expected: str
) -> None:
    async with await shop.reader(Role.ADMIN) as admin:
        answer = await admin.put(path, json=body, headers=NEW)
    assert answer.status_code == 422, answer.text
    errors = {error["field"]: error["expected"] for error in answer.json()["errors"]}
    assert expected in errors[field]


async def test_a_number_is_kept_in_one_form_however_it_is_written(shop: World) -> None:
    async with await shop.reader(Role.ADMIN) as admin:
        made = await admin.put("/api/numbers/+49 (0)30 1234-567", json={"name": "Berlin"}, headers=NEW)
        assert made.json()["number"] == "+49301234567"
        assert (await admin.get("/api/numbers/+49301234567")).json()["name"] == "Berlin"
        again = await admin.put("/api/numbers/+49 30 1234567", json={"name": "Berlin"}, headers=NEW)
        assert again.status_code == 412
