"""Lessons over HTTP: lists, review from the edition that was read, asking the agent."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from callcenter.platform.api.app import create_app
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.knowledge import SEARCH_KNOWLEDGE
from callcenter.platform.wire.settings import Settings
from callcenter.setup.users.model import Role
from callcenter.stages.learning.rules import RETRY_SECONDS
from tests.inroom.fake_models import Reply
from tests.platform.api.world import World
from tests.stages.learning.lessons import ANSWER, QUESTION, Learning, hands_in, lesson

pytestmark = pytest.mark.postgres

BODY: dict[str, Any] = {"question": QUESTION, "answer": ANSWER, "applies_when": "", "tags": [], "expires_at": None}


@pytest.fixture
def app(learning: Learning) -> FastAPI:
    return create_app(learning.company.j.db, Settings(openai_base_url=learning.models.url))


@pytest.fixture
async def ada(app: FastAPI, learning: Learning) -> AsyncIterator[httpx.AsyncClient]:
    async with await World(app, learning.company.j.db).somebody(Role.ADMIN, "ada@x.test") as browser:
        yield browser


async def drafts(ada: httpx.AsyncClient, learning: Learning, *others: tuple[str, str]) -> list[dict[str, Any]]:
    """As the list has them, oldest first: the usual one, and these."""
    for question, answer in ((QUESTION, ANSWER), *others):
        await learning.asked(question, answer)
    items: list[dict[str, Any]] = (await ada.get("/api/lessons")).json()["items"]
    return items[::-1]


async def post(ada: httpx.AsyncClient, lesson: dict[str, Any], verb: str, **body: str) -> httpx.Response:
    path = f"/api/lessons/{lesson['id']}/{verb}"
    return await ada.post(path, json=body or None, headers={"If-Match": lesson["etag"]})


async def test_a_draft_shows_what_it_comes_from_and_is_found_by_state_words_and_call(
    ada: httpx.AsyncClient, learning: Learning
) -> None:
    one, other = await drafts(ada, learning, ("Where can I park a cargo bike?", "Behind the red gate."))
    whole = (await ada.get(f"/api/lessons/{one['id']}")).json()
    assert [(quote["speaker"], quote["text"]) for quote in whole["quotes"]] == [
        ("caller", QUESTION), ("supervisor", ANSWER),
    ]  # fmt: skip
    call_id = whole["quotes"][0]["call_id"]
    assert (whole["state"], whole["calls"], whole["profile"], whole["looks_personal"]) == ("draft", 1, "shop", [])

    async def listed(**query: str) -> list[str]:
        return [item["id"] for item in (await ada.get("/api/lessons", params=query)).json()["items"]]

    assert await listed(q="espresso machines") == [one["id"]]
    assert await listed(call_id=call_id) == [one["id"]]
    assert await listed(state="draft") == [other["id"], one["id"]]
    assert await listed(state="approved") == []
    first = (await ada.get("/api/lessons", params={"limit": 1})).json()
    assert await listed(cursor=first["next_cursor"]) == [one["id"]]
    assert first["counts"] == {"draft": 2, "approved": 0, "rejected": 0, "merged": 0}


async def test_a_lesson_is_edited_approved_and_opened_again_and_each_step_is_audited(
    ada: httpx.AsyncClient, learning: Learning
) -> None:
    (draft,) = await drafts(ada, learning)
    path = f"/api/lessons/{draft['id']}"
    body = BODY | {"tags": ["Kettles", "kettles"], "answer": "Yes. Ask at +49 30 1234567.", "expires_at": None}
    assert (await ada.put(path, json=body)).status_code == 428
    edited = await ada.put(path, json=body, headers={"If-Match": draft["etag"]})
    assert (edited.json()["tags"], edited.headers["etag"]) == (["kettles"], edited.json()["etag"])
    assert edited.json()["looks_personal"][0]["kind"] == "phone number"
    stale = await ada.put(path, json=BODY, headers={"If-Match": draft["etag"]})
    assert stale.status_code == 412
    assert (await post(ada, draft, "approve")).status_code == 412
    approved = (await post(ada, edited.json(), "approve")).json()
    assert (approved["state"], approved["decided_by"]) == ("approved", "ada@x.test")
    again = await post(ada, approved, "reject")
    assert (again.status_code, again.json()["title"]) == (409, "Conflict")
    opened = (await post(ada, approved, "reopen")).json()
    assert (opened["state"], opened["decided_by"]) == ("draft", None)
    assert (await ada.get("/api/lessons/tags")).json()["items"] == ["kettles"]
    entries = (await ada.get("/api/audit", params={"thing": "lesson"})).json()["items"]
    assert [entry["change"] for entry in entries] == ["reopened", "approved", "changed"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"question": "  "}, "question"),
        ({"answer": "x" * 2001}, "answer"),
        ({"expires_at": "2026-12-01T00:00:00"}, "expires_at"),
        ({"tags": [""]}, "tags.0"),
        ({"state": "approved"}, "state"),
    ],
)
async def test_what_a_lesson_cannot_say_is_refused_with_its_field(
    ada: httpx.AsyncClient, learning: Learning, change: dict[str, Any], field: str
) -> None:
    (draft,) = await drafts(ada, learning)
    answer = await ada.put(f"/api/lessons/{draft['id']}", json=BODY | change, headers={"If-Match": draft["etag"]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_a_merged_lesson_gives_its_quotes_to_the_other_and_can_be_taken_out_again(
    ada: httpx.AsyncClient, learning: Learning
) -> None:
    one, other = await drafts(ada, learning, ("May espresso people have the descaler?", "Half a sachet."))
    for wrong in (one["id"], "00000000-0000-7000-8000-000000000000"):
        refused = await post(ada, one, "merge", into=wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "into")
    merged = (await post(ada, other, "merge", into=one["id"])).json()
    assert (merged["state"], merged["merged_into"]) == ("merged", one["id"])
    whole = (await ada.get(f"/api/lessons/{one['id']}")).json()
    assert (len(whole["quotes"]), whole["calls"]) == (4, 2)
    assert (await ada.put(f"/api/lessons/{other['id']}", json=BODY, headers={"If-Match": "*"})).status_code == 409
    assert (await post(ada, merged, "reopen")).json()["state"] == "draft"
    assert (await ada.get(f"/api/lessons/{one['id']}")).json()["calls"] == 1


async def test_the_agent_is_asked_with_and_without_the_lesson_through_its_own_model(
    ada: httpx.AsyncClient, learning: Learning
) -> None:
    (draft,) = await drafts(ada, learning)

    def think(messages: list[dict[str, Any]]) -> Reply:
        last = messages[-1]
        if last["role"] == "user":
            return Reply(tools=((SEARCH_KNOWLEDGE, {"question": "descaler for espresso machine?"}),))
        return Reply("Half a sachet will do." if ANSWER in last["content"] else "That I cannot say.")

    learning.models.think = think
    path = f"/api/lessons/{draft['id']}/ask"
    asked = (await ada.post(path, json={})).json()
    assert (asked["question"], asked["profile"], asked["searches"]) == (QUESTION, "shop", True)
    assert (asked["with_lesson"]["text"], asked["without_lesson"]["text"]) == (
        "Half a sachet will do.", "That I cannot say.",
    )  # fmt: skip
    assert asked["with_lesson"]["found"] == [{"id": draft["id"], "question": QUESTION}]
    assert asked["without_lesson"]["found"] == []
    assert (await ada.get(f"/api/lessons/{draft['id']}")).json()["state"] == "draft"
    learning.models.failing.add("llm")
    failed = (await ada.post(path, json={"question": "And a samovar?"})).json()
    assert (failed["question"], failed["with_lesson"]["error"]) == (
        "And a samovar?", "the model's server answered 503",
    )  # fmt: skip
    unknown = await ada.post(path, json={"profile": "nobody"})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "profile")


async def test_drafting_that_failed_is_begun_again_by_hand(
    ada: httpx.AsyncClient, app: FastAPI, learning: Learning
) -> None:
    call_id = await learning.led_call((Speaker.CALLER, QUESTION), (Speaker.SUPERVISOR, ANSWER))
    path = f"/api/lessons/failed/{call_id}/retry"
    refused = await ada.post(path)
    assert (refused.status_code, refused.json()["title"]) == (409, "Conflict"), "it has not failed yet"
    learning.models.failing.add("llm")
    for _ in range(len(RETRY_SECONDS) + 1):
        await learning.due_now()
        await learning.drafter.draft_once()
    (failed,) = (await ada.get("/api/lessons/failed")).json()["items"]
    assert (failed["call_id"], failed["attempts"]) == (call_id, 5)
    assert failed["error"] == "the model's server answered 503"
    async with await World(app, learning.company.j.db).somebody(Role.SUPERVISOR, "sue@x.test") as sue:
        assert (await sue.post(path)).status_code == 403

    learning.models.failing.clear()
    learning.models.think = lambda _: hands_in(lesson())
    assert (await ada.post(path)).status_code == 204
    assert (await ada.get("/api/lessons/failed")).json()["items"] == []
    assert (await ada.post(path)).status_code == 409
    assert await learning.drafter.draft_once() == 1
    assert [draft.body.question for draft in await learning.lessons()] == [QUESTION]
    (entry,) = (await ada.get("/api/audit", params={"thing": "call"})).json()["items"]
    assert (entry["name"], entry["who"], entry["after"]) == (call_id, "ada@x.test", {"lessons": "due"})
