"""What routing rules name is not deleted, and what calls need neither."""

import asyncio
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.audit.rules import command
from callcenter.setup.calendars.rules import CalendarBody
from callcenter.setup.calendars.store import CALENDARS
from callcenter.setup.entries import flow, naming
from callcenter.setup.entries.naming import places_of
from callcenter.setup.queues.rules import QueueBody
from callcenter.setup.queues.store import QUEUES
from callcenter.setup.rule_sets.model import RuleSet
from callcenter.setup.users.model import Role
from tests.platform.api.world import World
from tests.setup.entries.test_entries_api import KINDS, NEW, add_profile

RULES: dict[str, Any] = {
    "rules": [
        {"name": "VIP", "when": {"in_list": ["vip"], "none": [{"closed": "office"}]}, "then": {"action": "reject"}},
        {
            "name": "sales",
            "when": {"to": ["+15550120"], "any": [{"queue": {"name": "sales", "waiting": {"below": 3}}}]},
            "then": {
                "action": "menu",
                "prompt": "office",
                "options": {"1": {"name": "sales", "say": ["sales"], "then": {"action": "queue", "queue": "sales"}}},
                "otherwise": {
                    "action": "queue",
                    "queue": "support",
                    "fallbacks": [{"after_seconds": 60, "then": {"action": "queue", "queue": "sales"}}],
                },
            },
        },
        {"name": "office", "when": {"header": {"open": ["office"]}, "attribute": {"queue": ["sales"]}}, "then": {}},
    ]
}


@pytest.mark.pure
@pytest.mark.parametrize(
    ("fields", "name", "places"),
    [
        ({"in_list"}, "vip", ["rules.0.when.in_list"]),
        ({"open", "closed"}, "office", ["rules.0.when.none.0.closed"]),
        ({"to"}, "+15550120", ["rules.1.when.to"]),
        ({"to"}, "+15550121", []),
        (
            {"queue", "last_queue"},
            "sales",
            [
                "rules.1.when.any.0.queue",
                "rules.1.then.options.1.then.queue",
                "rules.1.then.otherwise.fallbacks.0.then.queue",
            ],
        ),
    ],
)
def test_rules_name_things_in_conditions_and_actions_however_deep_and_not_in_what_is_free_text(
    fields: set[str], name: str, places: list[str]
) -> None:
    assert list(places_of(RULES, frozenset(fields), name)) == places


async def rule_set(world: World, state: str) -> None:
    async with world.database.transaction() as tx:
        await tx.execute(sa.insert(RuleSet).values(state=state, body=RULES))


@pytest.fixture
async def shop(world: World) -> World:
    async with world.database.transaction() as tx:
        await add_profile(tx)
    return world


async def made(admin: httpx.AsyncClient, kind: str) -> str:
    path, body, _ = KINDS[kind]
    assert (await admin.put(path, json=body, headers=NEW)).status_code == 201
    return path


@pytest.mark.postgres
@pytest.mark.parametrize("state", ["published", "draft"])
@pytest.mark.parametrize("kind", ["calendar", "caller_list", "queue", "number"])
async def test_what_rules_name_is_not_deleted_until_they_name_it_no_more(shop: World, kind: str, state: str) -> None:
    await rule_set(shop, state)
    async with await shop.reader(Role.ADMIN) as admin:
        path = await made(admin, kind)
        refused = await admin.delete(path, headers={"If-Match": "*"})
        assert refused.status_code == 409
        assert refused.json()["type"] == "urn:callcenter:problem:named-by-rules"
        assert all(error["field"].startswith(f"{state}.rules.") for error in refused.json()["errors"])
        assert (await admin.get(path)).status_code == 200
        await shop.run("UPDATE rule_sets SET state = 'retired'")
        assert (await admin.delete(path, headers={"If-Match": "*"})).status_code == 204


@pytest.mark.postgres
async def test_a_queue_is_not_deleted_while_a_call_that_has_not_ended_is_its(shop: World) -> None:
    async with await shop.reader(Role.ADMIN) as admin:
        path = await made(admin, "queue")
        call_id = await shop.call(queue="sales", state="waiting", answered_at=None)
        refused = await admin.delete(path, headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:callcenter:problem:in-use")
        await shop.run(
            "UPDATE calls SET state = 'ended', outcome = 'abandoned', ended_at = now() WHERE id = :id", id=call_id
        )
        assert (await admin.delete(path, headers={"If-Match": "*"})).status_code == 204


@pytest.mark.postgres
async def test_a_queue_is_not_deleted_while_limits_queues_or_promises_need_it(shop: World) -> None:
    then = {"action": "queue", "queue": "sales"}
    others = {
        "/api/limits/crowd": {"per": "waiting", "then": then},
        "/api/queues/full": {"profile": "shop", "when_full": then},
        "/api/queues/keys": {"profile": "shop", "keys": {"3": {"name": "Sales", "then": {"queue": "sales"}}}},
    }
    async with await shop.reader(Role.ADMIN) as admin:
        path = await made(admin, "queue")
        for place, body in others.items():
            answer = await admin.put(place, json=body, headers=NEW)
            assert answer.status_code == 201, answer.text
        await shop.run(
            "INSERT INTO call_backs (id, number, queue, entered_at, state, next_attempt_at)"
            " VALUES ('00000000-0000-7000-8000-000000000001', '+4930231250', 'sales', now(), 'planned', now())"
        )
        refused = await admin.delete(path, headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:callcenter:problem:still-needed")
        errors = refused.json()["errors"]
        assert [error["field"] for error in errors] == [
            "limits.crowd.then.queue", "queues.full.when_full.queue", "queues.keys.keys.3.then.queue",
            "call_backs.00000000-0000-7000-8000-000000000001.queue",
        ]  # fmt: skip
        assert errors[0]["value"] == "sales"
        for place in others:
            assert (await admin.delete(place, headers={"If-Match": "*"})).status_code == 204
        assert (await admin.delete(path, headers={"If-Match": "*"})).status_code == 409, "the promise is left"
        await shop.run("UPDATE call_backs SET state = 'done', next_attempt_at = NULL, ended_at = now()")
        assert (await admin.delete(path, headers={"If-Match": "*"})).status_code == 204


@pytest.mark.postgres
async def test_a_deletion_waits_for_others_that_come_to_name_it(shop: World) -> None:
    async with await shop.reader(Role.ADMIN) as admin:
        path = await made(admin, "queue")
        async with shop.database.transaction() as tx:
            body = QueueBody.model_validate({"profile": "shop", "when_full": {"action": "queue", "queue": "sales"}})
            await flow.put(tx, QUEUES, command("test"), "full", body, None)
            deletion = asyncio.create_task(admin.delete(path, headers={"If-Match": "*"}))
            await _somebody_waits(shop)
        assert (await deletion).status_code == 409


@pytest.mark.postgres
async def test_a_deletion_waits_for_rules_that_are_being_published(shop: World) -> None:
    async with await shop.reader(Role.ADMIN) as admin:
        path = await made(admin, "calendar")
        async with shop.database.transaction() as tx:
            await naming.lock(tx)
            deletion = asyncio.create_task(admin.delete(path, headers={"If-Match": "*"}))
            await _somebody_waits(shop)
            await tx.execute(sa.insert(RuleSet).values(state="published", body=RULES))
        assert (await deletion).status_code == 409


async def _somebody_waits(world: World) -> None:
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    async with asyncio.timeout(10):
        while True:
            async with world.database.transaction() as tx:
                if await tx.scalar(waiting):
                    return


@pytest.mark.postgres
async def test_of_many_who_change_the_same_edition_at_once_one_succeeds(shop: World) -> None:
    async with await shop.reader(Role.ADMIN) as admin:
        path = await made(admin, "calendar")
        read = (await admin.get(path)).headers["etag"]
        zones = ("UTC", "Asia/Tokyo", "Europe/Paris", "Africa/Cairo")
        answers = await asyncio.gather(
            *(admin.put(path, json={"zone": zone}, headers={"If-Match": read}) for zone in zones)
        )
        assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
        made_at_once = await asyncio.gather(
            *(admin.put("/api/calendars/new", json={"zone": zone}, headers=NEW) for zone in zones)
        )
        assert sorted(answer.status_code for answer in made_at_once) == [201, 412, 412, 412]


@pytest.mark.postgres
async def test_what_is_rolled_back_is_not_in_the_audit(shop: World) -> None:
    async def fail(tx: Tx) -> None:
        await flow.put(tx, CALENDARS, command("a test"), "office", CalendarBody(zone="UTC"), None)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        async with shop.database.transaction() as tx:
            await fail(tx)
    async with await shop.reader(Role.ADMIN) as admin:
        assert (await admin.get("/api/audit")).json()["items"] == []
