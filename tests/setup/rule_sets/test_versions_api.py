"""Versions over HTTP: one draft, edited without overwriting anybody; what was published stays as it is."""

import asyncio
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from callcenter.setup.users.model import Role
from tests.platform.api.world import World

pytestmark = pytest.mark.postgres

NUMBERS = ["+15550100", "+15550101", "+15550102", "+15550103", "+15550104", "+15550105", "+15550110"]
SUPPORT = {"action": "queue", "queue": "support"}
MAIN = {"name": "Main", "when": {"to": NUMBERS}, "then": SUPPORT}


def rules(*items: dict[str, Any], note: str = "") -> dict[str, Any]:
    return {"rules": list(items), "note": note}


async def put(client: httpx.AsyncClient, body: Any, **headers: str) -> httpx.Response:
    return await client.put("/api/rule-sets/draft", json=body, headers=headers)


async def publish(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    """A draft of these rules, published."""
    draft = await put(client, body)
    assert draft.status_code == 201, draft.text
    answer = await client.post("/api/rule-sets/draft/publish", headers={"If-Match": draft.headers["etag"]})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_draft_is_written_read_changed_and_published(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        assert (await client.get("/api/rule-sets/draft")).status_code == 404
        new = await put(client, rules(MAIN, note="first try"))
        assert new.status_code == 201
        draft = new.json()
        assert (draft["version"], draft["state"], draft["revision"], draft["based_on"]) == (2, "draft", 1, 1)
        assert draft["rules"] == [MAIN | {"then": draft["rules"][0]["then"]}]
        again = await put(client, rules(MAIN, note="better"), **{"If-Match": new.headers["etag"]})
        assert (again.status_code, again.json()["revision"], again.json()["note"]) == (200, 2, "better")
        read = await client.get("/api/rule-sets/draft")
        assert (read.json(), read.headers["etag"]) == (again.json(), again.headers["etag"])
        live = await client.post("/api/rule-sets/draft/publish", headers={"If-Match": read.headers["etag"]})
        assert (live.json()["version"], live.json()["state"], live.json()["published_version"]) == (2, "published", 2)
        assert live.json()["published_by"] == "an API key with the role admin"
        items = (await client.get("/api/rule-sets")).json()["items"]
        assert [(item["version"], item["state"]) for item in items] == [(2, "published"), (1, "retired")]
        assert items[0]["rules"] == 1


async def test_what_the_api_shows_of_a_version_can_be_sent_back_as_a_draft(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        shown = (await client.get("/api/rule-sets/published")).json()
        draft = (await put(client, {"rules": shown["rules"]})).json()
        assert draft["rules"] == shown["rules"]
        compared = (await client.get("/api/rule-sets/compare?from=published&to=draft")).json()
        assert compared["differences"] == []


async def test_an_edit_says_what_it_read_and_is_refused_when_that_has_changed(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        etag = (await put(client, rules(MAIN))).headers["etag"]
        assert (await put(client, rules(MAIN))).status_code == 428
        assert (await put(client, rules(MAIN), **{"If-None-Match": "*"})).status_code == 412
        assert (await put(client, rules(MAIN, note="mine"), **{"If-Match": etag})).status_code == 200
        assert (await put(client, rules(MAIN, note="theirs"), **{"If-Match": etag})).status_code == 412
        for method, path in (("POST", "/api/rule-sets/draft/publish"), ("DELETE", "/api/rule-sets/draft")):
            assert (await client.request(method, path)).status_code == 428
            assert (await client.request(method, path, headers={"If-Match": etag})).status_code == 412
        assert (await client.get("/api/rule-sets/draft")).json()["note"] == "mine"


async def test_a_new_draft_may_name_the_published_version_that_it_begins_with(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        published = (await client.get("/api/rule-sets/published")).headers["etag"]
        assert (await put(client, rules(MAIN), **{"If-Match": '"another"'})).status_code == 412
        assert (await put(client, rules(MAIN), **{"If-Match": published})).status_code == 201


async def test_of_two_who_begin_a_draft_at_once_only_one_does(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        answers = await asyncio.gather(*(put(client, rules(MAIN, note=str(n))) for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 428, 428, 428]


async def test_who_publishes_knows_what_the_draft_replaces(world: World) -> None:
    """A version published in between changes the draft's ETag, though the draft is as it was."""
    async with await world.reader(Role.ADMIN) as client:
        await publish(client, rules(MAIN))
        etag = (await put(client, rules(MAIN, note="next"))).headers["etag"]
        assert (await client.post("/api/rule-sets/1/roll-back")).status_code == 200
        late = await client.post("/api/rule-sets/draft/publish", headers={"If-Match": etag})
        assert late.status_code == 412
        assert (await client.get("/api/rule-sets/published")).json()["version"] == 1


async def test_a_draft_with_mistakes_can_be_kept_but_not_published(world: World) -> None:
    wrong = MAIN | {"then": {"action": "queue", "queue": "suport"}}
    async with await world.reader(Role.ADMIN) as client:
        draft = await put(client, rules(wrong))
        assert draft.status_code == 201
        verdict = (await client.post("/api/rule-sets/draft/validate")).json()
        refused = await client.post("/api/rule-sets/draft/publish", headers={"If-Match": draft.headers["etag"]})
        assert refused.status_code == 422
        assert refused.json()["errors"] == verdict["errors"]
        assert not verdict["valid"]
        assert [(e["field"], e["value"]) for e in verdict["errors"]] == [("rules.0.then.queue", "suport")]
        assert (await client.get("/api/rule-sets/published")).json()["version"] == 1
        assert (await client.post("/api/rule-sets/published/validate")).json() == {"valid": True, "errors": []}


NO_RULES: list[tuple[Any, str]] = [
    ([], "rules"),
    ({"rules": []}, "rules"),
    (rules(MAIN | {"when": {"tow": []}}), "rules.0.when.tow"),
    (rules(MAIN | {"name": "A\x00"}), "rules.0.name"),
    (rules(MAIN) | {"note": 7}, "note"),
    (rules(MAIN) | {"note": "A\x00"}, "note"),
    (rules(MAIN) | {"note": "x" * 501}, "note"),
    (rules(MAIN) | {"version": 3}, "version"),
]


async def test_what_is_no_rule_set_is_refused_with_the_field(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        for sent, field in NO_RULES:
            answer = await put(client, sent)
            assert answer.status_code == 422, sent
            assert field in [error["field"] for error in answer.json()["errors"]]


async def test_a_trunk_that_the_media_server_does_not_have_is_refused_if_it_can_be_asked(
    world: World,
) -> None:
    async def tell() -> frozenset[str]:
        return frozenset({"carrier"})

    async def fail() -> frozenset[str]:
        raise ConnectionError

    away = MAIN | {"then": {"action": "transfer", "number": "+4930111", "trunk": "carier"}}
    async with await world.reader(Role.ADMIN) as client:
        await put(client, rules(away))
        world.app.state.trunks = fail
        assert (await client.post("/api/rule-sets/draft/validate")).json()["valid"]
        world.app.state.trunks = tell
        verdict = (await client.post("/api/rule-sets/draft/validate")).json()
        assert [error["expected"] for error in verdict["errors"]] == ["an existing outbound trunk: carrier"]
        assert (await client.post("/api/rule-sets/draft/publish", headers={"If-Match": "*"})).status_code == 422


async def test_a_discarded_draft_is_gone_and_its_number_is_not_used_again(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        draft = await put(client, rules(MAIN))
        gone = await client.delete("/api/rule-sets/draft", headers={"If-Match": draft.headers["etag"]})
        assert gone.status_code == 204
        assert (await client.get("/api/rule-sets/draft")).status_code == 404
        assert (await client.delete("/api/rule-sets/draft", headers={"If-Match": "*"})).status_code == 404
        assert (await put(client, rules(MAIN))).json()["version"] == draft.json()["version"] + 1


async def test_rolling_back_makes_the_old_version_live_again_under_its_number(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        before = (await client.get("/api/rule-sets/1")).json()
        await publish(client, rules(MAIN))
        back = await client.post("/api/rule-sets/1/roll-back")
        assert (back.status_code, back.json()["version"], back.json()["state"]) == (200, 1, "published")
        assert back.json()["rules"] == before["rules"]
        assert (await client.get("/api/rule-sets/2")).json()["state"] == "retired"
        assert (await client.post("/api/rule-sets/1/roll-back")).status_code == 409
        assert (await client.post("/api/rule-sets/9/roll-back")).status_code == 404


async def test_a_version_whose_queue_is_gone_is_not_rolled_back_to(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        await publish(client, rules(MAIN))
        await world.run("DELETE FROM queues WHERE name = 'back_office'")
        refused = await client.post("/api/rule-sets/1/roll-back")
        assert refused.status_code == 422
        assert [error["value"] for error in refused.json()["errors"]] == ["back_office"]
        assert (await client.get("/api/rule-sets/published")).json()["version"] == 2


async def test_a_comparison_says_the_differences_in_words(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        await publish(client, rules(MAIN, note="one rule"))
        urgent = MAIN | {"then": SUPPORT | {"priority": 10}}
        await put(client, rules({"name": "New", "when": {"anonymous": True}, "then": {"action": "reject"}}, urgent))
        answer = (await client.get("/api/rule-sets/compare", params={"from": "published", "to": "draft"})).json()
        assert answer["from"] == {"version": 2, "state": "published", "revision": 1}
        assert answer["to"] == {"version": 3, "state": "draft", "revision": 1}
        assert [found["words"] for found in answer["differences"]] == [
            "rule 1 'New' is new: reject", "rule 2 'Main': priority 0 → 10",
        ]  # fmt: skip
        assert answer["differences"][1]["field"] == "rules.1.then.priority"
        assert (await client.get("/api/rule-sets/compare?from=1&to=77")).status_code == 404
        strange = await client.get("/api/rule-sets/compare?from=newest&to=1")
        assert strange.json()["errors"][0]["expected"] == "draft, published, or the number of a version"


async def test_the_list_of_versions_is_paged(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        for note in ("a", "b"):
            await publish(client, rules(MAIN, note=note))
        first = (await client.get("/api/rule-sets?limit=2")).json()
        rest = (await client.get("/api/rule-sets", params={"limit": 2, "cursor": first["next_cursor"]})).json()
        assert [item["version"] for item in first["items"] + rest["items"]] == [3, 2, 1]
        assert rest["next_cursor"] is None


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ANALYST, Role.VIEWER])
async def test_everybody_reads_and_only_admins_edit(world: World, role: Role) -> None:
    async with await world.reader(role) as client:
        for path in ("", "/published", "/1", "/compare?from=1&to=1"):
            assert (await client.get(f"/api/rule-sets{path}")).status_code == 200
        judged = (await client.post("/api/rule-sets/published/validate")).status_code
        assert judged == (200 if role is Role.ANALYST else 403), "it costs seconds: for who may replay as well"
        for method, path in (("PUT", "draft"), ("DELETE", "draft"), ("POST", "draft/publish"), ("POST", "1/roll-back")):
            answer = await client.request(method, f"/api/rule-sets/{path}", json=rules(MAIN))
            assert answer.status_code == 403, path


async def test_the_audit_tells_who_drafted_published_rolled_back_and_discarded(world: World) -> None:
    await world.user("admin@shop.test", Role.ADMIN)
    async with await world.browser("admin@shop.test") as client:
        client.headers["X-CSRF"] = "1"
        draft = await put(client, rules(MAIN))
        await put(client, rules(MAIN | {"name": "Line"}), **{"If-Match": draft.headers["etag"]})
        await client.post("/api/rule-sets/draft/publish", headers={"If-Match": "*"})
        await client.post("/api/rule-sets/1/roll-back")
        await put(client, rules(MAIN))
        await client.delete("/api/rule-sets/draft", headers={"If-Match": "*"})
        entries = (await client.get("/api/audit?thing=rule_set")).json()["items"]
    told = [(entry["change"], entry["name"], entry["who"]) for entry in reversed(entries)]
    assert told[1:] == [
        (change, name, "admin@shop.test")
        for change, name in (
            ("created", "2"), ("changed", "2"), ("published", "2"), ("rolled_back", "1"), ("created", "3"),
            ("deleted", "3"),
        )
    ]  # fmt: skip
    assert entries[4]["after"]["differences"] == ["rule 1 'Main' is now called 'Line'"]
    assert (entries[3]["before"], entries[3]["after"]["published"]) == ({"published": 1}, 2)
    assert [rule["name"] for rule in entries[0]["before"]["rules"]] == ["Main"]


FORBIDDEN = (
    "UPDATE rule_sets SET body = '{}' WHERE version = 1",
    "UPDATE rule_sets SET note = 'other' WHERE version = 1",
    "UPDATE rule_sets SET based_on = 7 WHERE version = 1",
    "UPDATE rule_sets SET created_by = 'me' WHERE version = 1",
    "UPDATE rule_sets SET state = 'draft' WHERE version = 1",
    "DELETE FROM rule_sets WHERE version = 1",
)


async def test_postgres_itself_keeps_a_version_as_it_was_published(world: World) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="versions of the rules stay as they are"):
        await world.run("TRUNCATE rule_sets")
    for statement in FORBIDDEN:
        with pytest.raises(sa.exc.IntegrityError, match="version 1 of the rules was published: it stays as it is"):
            await world.run(statement)
    async with await world.reader(Role.ADMIN) as client:
        await publish(client, rules(MAIN))
    for statement in FORBIDDEN:
        with pytest.raises(sa.exc.IntegrityError, match="it stays as it is"):
            await world.run(statement)


async def test_postgres_itself_keeps_one_draft_at_most(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        await put(client, rules(MAIN))
    with pytest.raises(sa.exc.IntegrityError, match="uq_rule_sets_draft"):
        await world.run("INSERT INTO rule_sets (state, body) VALUES ('draft', '{}')")
