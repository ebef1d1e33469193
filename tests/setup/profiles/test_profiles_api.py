"""Profiles over HTTP: versions that stay, keys that nobody reads, and no deletion of what is used."""

from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from callcenter.setup.profiles import store
from callcenter.setup.users.model import Role
from tests.platform.api.world import World

pytestmark = pytest.mark.postgres

NEW = {"If-None-Match": "*"}
BODY = {"instructions": "Sell.", "greeting": "Hello.", "tools": ["end_call"]}
SECRET = "sk-live-abcdefghijklmnop-WXYZ"


@pytest.fixture
async def admin(world: World) -> httpx.AsyncClient:
    world.app.state.settings = world.app.state.settings.model_copy(update={"secrets_key": SecretStr("k" * 32)})
    return await world.reader(Role.ADMIN)


async def made(admin: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    answer = await admin.put("/api/profiles/shop", json=BODY | changes, headers=NEW)
    assert answer.status_code == 201, answer.text
    return answer


async def change(admin: httpx.AsyncClient, before: httpx.Response, **changes: Any) -> httpx.Response:
    return await admin.put("/api/profiles/shop", json=BODY | changes, headers={"If-Match": before.headers["etag"]})


async def test_each_change_is_a_version_that_can_be_compared_and_rolled_back(admin: httpx.AsyncClient) -> None:
    first = await made(admin)
    assert (first.json()["version"], first.json()["queues"]) == (1, [])
    second = await change(admin, first, greeting="Good day.")
    assert second.json()["version"] == 2
    assert (await change(admin, second, greeting="Good day.")).json()["version"] == 2
    assert (await change(admin, first, greeting="Hi.")).status_code == 412

    compared = (await admin.get("/api/profiles/shop/compare", params={"before": 1, "after": 2})).json()["items"]
    assert [found["words"] for found in compared] == ["greeting: “Hello.” → “Good day.”"]
    tag = {"If-Match": second.headers["etag"]}
    back = await admin.post("/api/profiles/shop/roll-back", json={"version": 1}, headers=tag)
    assert (back.json()["version"], back.json()["greeting"]) == (3, "Hello.")
    history = (await admin.get("/api/profiles/shop/versions")).json()["items"]
    assert [(each["version"], each["restores"]) for each in history] == [(3, 1), (2, None), (1, None)]
    assert history[1]["body"]["greeting"] == "Good day."
    audited = (await admin.get("/api/audit", params={"thing": "profile"})).json()["items"]
    assert [each["change"] for each in audited] == ["rolled_back", "changed", "created"]
    assert (await admin.get("/api/profiles/shop/compare", params={"before": 1, "after": 9})).status_code == 404


async def test_a_version_cannot_be_rewritten(admin: httpx.AsyncClient, world: World) -> None:
    await made(admin)
    for statement in ("UPDATE profile_versions SET made_by = 'x'", "DELETE FROM profile_versions"):
        with pytest.raises(sa.exc.DBAPIError, match="append"):
            await world.run(statement)


async def test_a_key_is_written_and_never_read(admin: httpx.AsyncClient, world: World) -> None:
    await made(admin, llm={"model": "m", "base_url": "https://models.example/v1"})
    answer = await admin.put("/api/profiles/shop/keys/llm", json={"key": SECRET})
    assert (answer.status_code, answer.json()["ends_in"], answer.json()["used"]) == (200, "WXYZ", True)
    read = await admin.get("/api/profiles/shop")
    assert read.json()["keys"]["llm"]["ends_in"] == "WXYZ"
    assert read.json()["keys"]["tts"] is None
    audit = await admin.get("/api/audit")
    assert audit.json()["items"][0]["after"]["llm.key"] == "set, ends in WXYZ"
    async with world.database.transaction() as tx:
        kept = str(await tx.rows(sa.text("SELECT * FROM profile_keys")))
        ready = await store.get(tx, "shop")
    for told in (answer.text, read.text, audit.text, kept, repr(ready)):
        assert SECRET not in told
    assert ready.llm.sealed_key

    moved = await change(admin, read, llm={"model": "m", "base_url": "https://evil.example/v1"})
    assert moved.json()["keys"]["llm"]["used"] is False
    async with world.database.transaction() as tx:
        assert (await store.get(tx, "shop")).llm.sealed_key == ""
    assert (await admin.delete("/api/profiles/shop/keys/llm")).status_code == 204
    assert (await admin.delete("/api/profiles/shop/keys/llm")).status_code == 404


async def test_what_cannot_be_a_key_is_not_repeated(admin: httpx.AsyncClient) -> None:
    await made(admin)
    for wrong in ("short", "has a space in it", "x" * 501, "schlüssel-mit-umlaut"):
        answer = await admin.put("/api/profiles/shop/keys/stt", json={"key": wrong})
        assert answer.status_code == 422
        assert wrong not in answer.text
        assert answer.json()["errors"][0]["field"] == "key"


async def test_without_a_secret_of_its_own_the_product_keeps_no_keys(world: World) -> None:
    async with await world.reader(Role.ADMIN) as admin:
        await made(admin)
        answer = await admin.put("/api/profiles/shop/keys/stt", json={"key": SECRET})
    assert answer.status_code == 409
    assert "CALLCENTER_SECRETS_KEY" in answer.json()["detail"]


async def test_wrong_addresses_and_tools_are_named(admin: httpx.AsyncClient) -> None:
    body = BODY | {"llm": {"model": "m", "base_url": "http://10.0.0.1/v1"}, "tools": ["end_call", "fly"]}
    answer = await admin.put("/api/profiles/shop", json=body, headers=NEW)
    found = {error["field"]: error for error in answer.json()["errors"]}
    assert set(found) == {"llm.base_url", "tools.1"}
    assert found["tools.1"]["value"] == "fly"
    assert "end_call" in found["tools.1"]["expected"]
    tools = (await admin.get("/api/tools")).json()["items"]
    assert {"order_status", "report_problem", "search_knowledge", "ask_supervisor", "end_call"} == {
        tool["name"] for tool in tools
    }


async def test_the_houses_own_key_is_for_the_houses_own_address(admin: httpx.AsyncClient, world: World) -> None:
    own = "https://models.house.example/v1"
    settings = world.app.state.settings
    world.app.state.settings = settings.model_copy(update={"openai_base_url": own})
    named = {"model": "m", "api_key_env": "OPENAI_API_KEY"}
    first = await made(admin, llm=named | {"base_url": own}, stt=named | {"base_url": ""})
    refused = await change(admin, first, llm=named | {"base_url": "https://evil.example/v1"})
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["field"] == "llm.api_key_env"  # the API repeats no value of a field with such a name
    assert f"OPENAI_API_KEY goes to {own} alone" in error["expected"]
    other = {"model": "m", "base_url": "https://other.example/v1", "api_key_env": "OPENAI_OTHER_KEY"}
    assert (await change(admin, first, llm=other)).status_code == 200

    world.app.state.settings = settings.model_copy(update={"openai_base_url": ""})
    now = await admin.get("/api/profiles/shop")
    tag = {"If-Match": now.headers["etag"]}
    back = await admin.post("/api/profiles/shop/roll-back", json={"version": 1}, headers=tag)
    assert (back.status_code, back.json()["errors"][0]["field"]) == (422, "llm.api_key_env")


async def test_a_profile_in_use_stays_and_its_users_are_named(admin: httpx.AsyncClient) -> None:
    first = await made(admin)
    tag = {"If-Match": first.headers["etag"]}
    await admin.put("/api/queues/sales", json={"profile": "shop"}, headers=NEW)
    rules = {"rules": [{"name": "All", "then": {"action": "queue", "queue": "sales", "profile": "shop"}}]}
    draft = await admin.put("/api/rule-sets/draft", json=rules, headers=NEW)
    assert draft.status_code in (200, 201), draft.text
    refused = await admin.delete("/api/profiles/shop", headers=tag)
    assert refused.status_code == 409
    fields = [error["field"] for error in refused.json()["errors"]]
    assert fields == ["queues.sales.profile", "draft.rules.0.then.profile"]
    assert (await admin.get("/api/profiles/shop")).json()["queues"] == ["sales"]


async def test_a_deleted_profile_serves_the_calls_that_have_it_to_their_end(
    admin: httpx.AsyncClient, world: World
) -> None:
    first = await made(admin)
    assert (await admin.delete("/api/profiles/shop", headers={"If-Match": first.headers["etag"]})).status_code == 204
    assert (await admin.get("/api/profiles/shop")).status_code == 404
    async with world.database.transaction() as tx:
        assert (await store.current(tx, "shop")).version == 1
    assert (await made(admin, greeting="Anew.")).json()["version"] == 2


async def test_who_may_only_read_changes_nothing(admin: httpx.AsyncClient, world: World) -> None:
    first = await made(admin)
    tag = {"If-Match": first.headers["etag"]}
    async with await world.reader(Role.SUPERVISOR) as other:
        assert (await other.get("/api/profiles")).status_code == 200
        assert (await other.put("/api/profiles/shop", json=BODY, headers=tag)).status_code == 403
        assert (await other.put("/api/profiles/shop/keys/llm", json={"key": SECRET})).status_code == 403
        assert (await other.post("/api/profiles/shop/roll-back", json={"version": 1}, headers=tag)).status_code == 403


async def test_a_human_is_asked_for_only_by_what_can_happen(admin: httpx.AsyncClient) -> None:
    rules = {"after_misunderstandings": 3, "keywords": ["lawyer", "??"], "caller_list": "vip"}
    fields = [{"name": "Who"}, {"name": "Where"}, {"name": "who "}]
    turns = {"goes_on_after": ["my number is", "…"]}
    body = BODY | {"not_understood": "…", "escalation": rules, "fields": fields, "turn_taking": turns}
    refused = await admin.put("/api/profiles/shop", json=body, headers=NEW)
    assert refused.status_code == 422
    found = {error["field"]: (error["value"], error["expected"]) for error in refused.json()["errors"]}
    assert found == {
        "escalation.after_misunderstandings": (
            3, "nothing, or a sentence in not_understood: misunderstandings are counted by it",
        ),
        "escalation.keywords.1": (None, "a word, or words in a row, such as money back"),  # `key` may be a secret
        "escalation.caller_list": ("vip", "an existing caller list: none is set up yet"),
        "turn_taking.goes_on_after.1": ("…", "words that callers pause after, such as my number is"),
        "fields.2.name": ("who ", "a name of its own: field 1 has this one"),
    }  # fmt: skip
    await admin.put("/api/caller-lists/press", json={}, headers=NEW)
    refused = await admin.put("/api/profiles/shop", json=BODY | {"escalation": {"caller_list": "vip"}}, headers=NEW)
    assert refused.json()["errors"][0]["expected"] == "an existing caller list: press"


async def test_a_caller_list_that_a_profile_names_is_not_deleted_until_it_names_it_no_more(
    admin: httpx.AsyncClient,
) -> None:
    await admin.put("/api/caller-lists/vip", json={}, headers=NEW)
    first = await made(admin, escalation={"caller_list": "vip"})
    refused = await admin.delete("/api/caller-lists/vip", headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:callcenter:problem:still-needed")
    assert refused.json()["detail"].startswith("Others of the set-up name it")
    (error,) = refused.json()["errors"]
    assert error == {
        "field": "profiles.shop.escalation.caller_list", "value": "vip", "expected": "another caller list, or none",
    }  # fmt: skip
    second = await change(admin, first)
    assert (await admin.delete("/api/caller-lists/vip", headers={"If-Match": "*"})).status_code == 204
    tag = {"If-Match": second.headers["etag"]}
    back = await admin.post("/api/profiles/shop/roll-back", json={"version": 1}, headers=tag)
    assert (back.status_code, back.json()["errors"][0]["field"]) == (422, "escalation.caller_list")


async def test_what_is_noted_and_when_a_human_is_asked_for_are_compared_in_words(admin: httpx.AsyncClient) -> None:
    who, what = {"name": "Who", "description": "the caller's name"}, {"name": "What", "description": ""}
    first = await made(admin, fields=[who, what])
    changed = {"fields": [who | {"description": "first and last name"}, {"name": "Where"}]}
    await change(admin, first, escalation={"after_misunderstandings": 3, "keywords": ["lawyer"]}, **changed)
    compared = await admin.get("/api/profiles/shop/compare", params={"before": 1, "after": 2})
    assert compared.status_code == 200, compared.text
    assert [found["words"] for found in compared.json()["items"]] == [
        "escalation, after misunderstandings: nothing → 3",
        "escalation, keywords: with lawyer",
        "noted fields: without What and with Where and another description of Who",
    ]
