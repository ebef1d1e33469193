"""Lessons are drafted by the language model of the profile that the call was for."""

import logging
from collections.abc import Sequence
from typing import Any, Protocol

from callcenter.journey import learned
from callcenter.journey.learned import Material
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.chat import Answer, NotAnswered
from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.platform.wire.knowledge import DRAFT_LESSONS
from callcenter.stages.learning import store
from callcenter.stages.learning.drafting import SCHEMA, Drafted, NoLessons, question_for, read
from callcenter.stages.learning.store import Task

log = logging.getLogger(__name__)

DRAFT_SECONDS = 2.0
MODEL_SECONDS = 90.0  # well within what a task may be worked on before somebody else takes it


class Model(Protocol):
    """A language model. Raises NotAnswered."""

    async def ask(
        self, endpoint: ModelEndpoint, messages: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]],
        *, seconds: float, only: str | None = None,
    ) -> Answer: ...  # fmt: skip


class Drafter:
    """One call after the other; several routers share the work."""

    def __init__(self, j: Journey, model: Model) -> None:
        self._j = j
        self._model = model

    async def draft_once(self) -> int:
        """Draft the lessons of every call that is due; returns of how many."""
        done = 0
        while True:
            async with self._j.db.transaction() as tx:
                task = await store.claim_due(tx)
                about = await learned.material(tx, task.call_id) if task else None
            if task is None or about is None:
                return done
            done += await self._draft(task, about)

    async def _draft(self, task: Task, about: Material) -> bool:
        of = {"call": task.call_id, "attempt": task.attempts}
        try:
            lessons = await self._lessons(about) if about.lines else []
        except (NotAnswered, NoLessons) as error:
            again = await learned.not_drafted(self._j, task, str(error))
            log.warning("no lessons drafted", extra={**of, "error": str(error), "again": again})
            return False
        new = await learned.drafted(self._j, task, about, lessons)
        if new is not None:
            log.info("lessons drafted", extra={**of, "new": new, "found": len(lessons)})
        return new is not None

    async def _lessons(self, about: Material) -> list[Drafted]:
        asked = question_for(about.lines, about.instructions)
        answer = await self._model.ask(about.endpoint, asked, [SCHEMA], seconds=MODEL_SECONDS, only=DRAFT_LESSONS)
        handed_in = next((call.arguments for call in answer.calls if call.name == DRAFT_LESSONS), None)
        if handed_in is None:
            raise NoLessons("the model handed in no lessons")
        return read(handed_in, about.lines, about.names, about.region)
