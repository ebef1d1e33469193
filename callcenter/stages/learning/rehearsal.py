"""Asking the agent: a question is put to a profile's own model as in a call, with and without one lesson."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from callcenter.platform.plumbing.chat import NotAnswered, as_message
from callcenter.platform.plumbing.db import Database
from callcenter.platform.wire.knowledge import SEARCH_KNOWLEDGE, SEARCH_SCHEMA
from callcenter.setup.profiles.rules import ReadyProfile
from callcenter.stages.learning import read
from callcenter.stages.learning.loop import Model
from callcenter.stages.learning.rules import Article, told

MOST_ROUNDS = 4
MODEL_SECONDS = 20.0

Search = Callable[[str], Awaitable[list[Article]]]


@dataclass(frozen=True)
class Rehearsed:
    """What the agent answers, or why it does not; `searched` is what it looked up, `found` the articles
    that it was given."""

    text: str
    error: str | None
    searched: tuple[str, ...]
    found: tuple[Article, ...]
    seconds: float


async def with_and_without(
    db: Database, model: Model, profile: ReadyProfile, lesson_id: str, question: str
) -> tuple[Rehearsed, Rehearsed]:
    """Both answers, asked for at once. All other approved lessons are there in both."""

    def searching(**which: str) -> Search:
        async def search(words: str) -> list[Article]:
            async with db.transaction() as tx:
                return await read.articles(tx, words, profile.language, **which)

        return search

    learned, not_learned = await asyncio.gather(
        rehearse(model, profile, question, searching(also=lesson_id)),
        rehearse(model, profile, question, searching(without=lesson_id)),
    )
    return learned, not_learned


async def rehearse(model: Model, profile: ReadyProfile, question: str, search: Search) -> Rehearsed:
    """One answer. Of the profile's tools only the search is there: others would do something."""
    began = time.monotonic()
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": profile.instructions},
        {"role": "assistant", "content": profile.greeting},
        {"role": "user", "content": question},
    ]
    tools = [SEARCH_SCHEMA] if SEARCH_KNOWLEDGE in profile.tools else []
    searched: list[str] = []
    found: dict[str, Article] = {}
    text, error = "", None
    try:
        for _ in range(MOST_ROUNDS):
            answer = await model.ask(profile.llm, messages, tools, seconds=MODEL_SECONDS)
            text = answer.text
            if not answer.calls:
                break
            messages.append(as_message(answer))
            for call in answer.calls:
                words = " ".join(str(call.arguments.get("question", "")).replace("\x00", "").split())
                articles = await search(words) if call.name == SEARCH_KNOWLEDGE and words else []
                searched.append(words)
                found |= {article.id: article for article in articles}
                messages.append({"role": "tool", "tool_call_id": call.id, "content": json.dumps(told(articles))})
        else:
            error = f"the model did not come to an answer in {MOST_ROUNDS} rounds"
    except NotAnswered as failed:
        error = str(failed)
    return Rehearsed(text, error, tuple(searched), tuple(found.values()), time.monotonic() - began)
