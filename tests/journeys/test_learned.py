"""What a human answered in one call, the agent answers in the next: two telephone calls to a whole stack, whose models
are the test's own, so that nothing that is said here is known to the product."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from callcenter.platform.wire.knowledge import DRAFT_LESSONS, SEARCH_KNOWLEDGE
from tests.inroom.conftest import last_words
from tests.inroom.fake_models import FakeModels, Reply
from tests.journeys.caller import Caller, Callers, until
from tests.journeys.supervisor import Supervisor
from tests.stack import Stack
from tests.stages.learning.lessons import ANSWER, QUESTION

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(240)]

ASKED_AGAIN = "Can I use the descaler in my espresso machine?"
LEARNED = "Half a sachet will do, and rinse it twice."


def think(messages: list[dict[str, Any]]) -> Reply:
    """Looks everything up; asks a human where nothing is known; drafts from what was said, line by line."""
    told = last_words(messages)
    if told.startswith("The call:"):
        return Reply(tools=((DRAFT_LESSONS, _lessons(told)),))
    if "JSON object" in told:
        return Reply("{}")
    if messages[-1]["role"] == "tool" and "articles" in told:
        return Reply(LEARNED) if ANSWER in told else Reply(tools=(("ask_supervisor", {"reason": QUESTION}),))
    if messages[-1]["role"] == "tool":
        return Reply("I am asking somebody who knows.")
    return Reply(tools=((SEARCH_KNOWLEDGE, {"question": told}),))


def _lessons(call: str) -> dict[str, Any]:
    lines = [int(line[1 : line.index("]")]) for line in call.splitlines() if QUESTION in line or ANSWER in line]
    return {"lessons": [{"question": QUESTION, "answer": ANSWER, "applies_when": "", "lines": lines}], "personal": []}


@asynccontextmanager
async def company(models: FakeModels, folder: Path) -> AsyncIterator[tuple[Callers, Supervisor]]:
    """A stack with these models, an admin who looks on, and Sam."""
    stack = Stack.planned(folder / "data", OPENAI_BASE_URL=models.url)
    try:
        await asyncio.to_thread(stack.up)
        keys = [stack.key("admin"), stack.key("supervisor", "sam@demo.test")]
        admin, sam = (
            httpx.AsyncClient(base_url=stack.url, headers={"Authorization": f"Bearer {key}"}, timeout=10)
            for key in keys
        )
        async with admin, sam:
            yield Callers(stack, admin, folder), Supervisor(sam)
    finally:
        await asyncio.to_thread(stack.down)


async def test_a_lesson_learned_in_one_call_answers_the_next(tmp_path: Path) -> None:
    async with FakeModels(think) as models, company(models, tmp_path) as (callers, sam):
        async with callers.ring() as caller:
            first = await a_human_answers(caller, sam, models)
        lesson = await approved(callers.api, first)
        async with callers.ring(from_="+15551230002") as caller:
            await asks(caller, models, ASKED_AGAIN)
            await said(caller, "agent", LEARNED)
            (used,) = [e for e in await caller.timeline() if e["type"] == "knowledge_used"]
            assert [article["lesson_id"] for article in used["data"]["articles"]] == [lesson]
            record = await caller.record()
            assert (record["lead"], record["escalations"]) == ("agent", []), "nobody had to be asked"


async def asks(caller: Caller, models: FakeModels, question: str) -> None:
    """Greeted, the caller asks this."""
    await caller.call.answered(timeout=10)
    await caller.hears_a_turn()
    models.heard[:] = [question]
    await caller.says("hello there")
    await said(caller, "caller", question)


async def a_human_answers(caller: Caller, sam: Supervisor, models: FakeModels) -> str:
    """The agent does not know, and Sam takes the call and answers; the call's id."""
    (await sam.api.put("/api/presence", json={"status": "available", "for_seconds": 120})).raise_for_status()
    await asks(caller, models, QUESTION)

    async def inbox() -> dict[str, Any]:
        items = (await sam.api.get("/api/escalations", params={"limit": 1})).json()["items"]
        return dict(items[0]) if items else {}

    asked = await until(inbox, lambda found: bool(found.get("offered_to_me")), 15)
    await sam.enter(await sam.post(f"/api/escalations/{asked['id']}/accept", 200))
    record = await caller.until(lambda found: found["lead"] == "supervisor")
    await caller.call.hears_silence(0.5, 10)
    models.heard[:] = [ANSWER]
    await sam.says("you will get your money back")
    await said(caller, "supervisor", ANSWER)
    await sam.leave()
    return str(record["id"])


async def approved(api: httpx.AsyncClient, call_id: str) -> str:
    """The lesson that was drafted from this call, once an admin has approved it."""

    async def drafts() -> dict[str, Any]:
        return dict((await api.get("/api/lessons", params={"call_id": call_id})).json())

    (draft,) = (await until(drafts, lambda page: bool(page["items"]), 30))["items"]
    assert (draft["question"], draft["answer"], draft["state"]) == (QUESTION, ANSWER, "draft")
    decided = await api.post(f"/api/lessons/{draft['id']}/approve", headers={"If-Match": draft["etag"]})
    assert decided.status_code == 200, decided.text
    return str(draft["id"])


async def said(caller: Caller, speaker: str, text: str, timeout: float = 15) -> None:
    """Wait until this speaker has said this."""
    deadline = time.monotonic() + timeout
    while True:
        words = [(each["speaker"], each["text"]) for each in await caller.transcript()]
        if (speaker, text) in words:
            return
        assert time.monotonic() < deadline, f"{speaker} did not say '{text}': {words}"
        await asyncio.sleep(0.1)
