"""Helps the human who leads the call, unheard by the caller: fills the fields that the profile names, keeps a summary,
and suggests what could be answered. It thinks once at a time, about everything that was said by then."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from livekit.agents import AgentSession, llm

from callcenter.inroom.client.text import storable
from callcenter.platform.wire.brief import NamedField
from callcenter.platform.wire.supervision import LONGEST_NOTE, MOST_SUGGESTED, Assistance

logger = logging.getLogger(__name__)

SETTLE_SECONDS = 0.3  # what is said in one breath comes in several parts
THINK_SECONDS = 10.0
ASSIST = (
    "A human colleague leads this call now, and you help them without a word to the caller. Answer with one "
    'JSON object and nothing else: {{"summary": what the call is about, in two sentences; "suggestions": up to '
    'three facts or answers that your colleague could use now; "fields": an object with those of these fields '
    "that were said, as text: {fields}}}"
)


def instruction(fields: tuple[NamedField, ...]) -> str:
    """What the model is asked, with the fields that it is to fill."""
    named = "; ".join(f"{one.name} ({one.description})" if one.description else one.name for one in fields)
    return ASSIST.format(fields=named or "none")


def read(answer: str, offer_id: str) -> Assistance | None:
    """The model's answer as it is told to the desk; None where there is no object in it. Models wrap JSON in words and
    fences: what counts is from the first brace to the last."""
    begin, end = answer.find("{"), answer.rfind("}")
    try:
        found = json.loads(answer[begin : end + 1]) if 0 <= begin < end else None
    except ValueError:
        found = None
    if not isinstance(found, Mapping):
        return None
    fields, suggestions = found.get("fields"), found.get("suggestions")
    return Assistance(
        offer_id=offer_id,
        summary=_words(found.get("summary")),
        fields={str(k): _words(v) for k, v in fields.items() if _words(v)} if isinstance(fields, Mapping) else {},
        suggestions=tuple(filter(None, map(_words, suggestions)))[:MOST_SUGGESTED]
        if isinstance(suggestions, list)
        else (),
    )


def _words(value: Any) -> str:
    return storable(str(value)).strip()[:LONGEST_NOTE] if isinstance(value, str | int | float) else ""


class Assistant:
    """`context` gives what the model knows, with what was said since the human leads; `tell` is told what comes of it.
    `wanted` is called with each utterance."""

    def __init__(
        self,
        session: AgentSession[None],
        fields: tuple[NamedField, ...],
        context: Callable[[], llm.ChatContext],
        tell: Callable[[Assistance], None],
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        self._session = session
        self._instruction = instruction(fields)
        self._context = context
        self._tell = tell
        self._settle_seconds = settle_seconds
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wanted(self) -> None:
        """Something was said that the human may need help with."""
        self._news.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            await asyncio.sleep(self._settle_seconds)
            self._news.clear()
            try:
                await self._think()
            except Exception as error:
                logger.warning("no help for the human who leads", extra={"error": type(error).__name__})

    async def _think(self) -> None:
        context = self._context()
        context.add_message(role="system", content=self._instruction)
        model, words = self._session.llm, ""
        assert isinstance(model, llm.LLM)
        async with asyncio.timeout(THINK_SECONDS), model.chat(chat_ctx=context) as answer:
            async for chunk in answer:
                words += chunk.delta.content or "" if chunk.delta else ""
        found = read(words, "")
        if found is not None:
            self._tell(found)
