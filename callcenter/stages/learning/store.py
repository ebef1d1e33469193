"""All writing of lessons, and of the calls that they are drafted from."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.platform.plumbing.ids import CallId, new_id
from callcenter.platform.plumbing.states import move
from callcenter.records.calls.model import Lead
from callcenter.records.timeline.model import EventType, TimelineEvent
from callcenter.stages.learning.drafting import Drafted
from callcenter.stages.learning.model import (
    LESSON_TRANSITIONS,
    TASK_TRANSITIONS,
    Lesson,
    LessonQuote,
    LessonState,
    LessonTask,
    TaskState,
)
from callcenter.stages.learning.rules import LessonBody, Line

SETTLING_SECONDS = 5.0  # the last words of a call may come after its end
WORKING_SECONDS = 180.0  # then whoever drafts is dead
SAME_QUESTION, SAME_ANSWER = 0.6, 0.45  # pg_trgm's similarity (docs/decisions/0030-lessons.md)
_LOCK = 0x6C65736E  # "lesn"
_NOW = sa.func.clock_timestamp()


@dataclass(frozen=True)
class Task:
    """A call that lessons are to be drafted from."""

    call_id: CallId
    attempts: int


@dataclass(frozen=True)
class Near:
    """A lesson that asks much the same; `same` when it also answers much the same."""

    id: str
    state: LessonState
    same: bool


async def begin(tx: Tx, call_id: CallId) -> None:
    """The call has ended: lessons are drafted from it soon, where a human led in it."""
    led = sa.exists().where(
        TimelineEvent.call_id == call_id, TimelineEvent.type == EventType.LEAD_CHANGED,
        TimelineEvent.data["lead"].astext == Lead.SUPERVISOR,
    )  # fmt: skip
    due = sa.select(sa.literal(call_id, LessonTask.call_id.type), from_now(SETTLING_SECONDS)).where(led)
    await tx.execute(insert(LessonTask).from_select(["call_id", "due_at"], due).on_conflict_do_nothing())


async def claim_due(tx: Tx) -> Task | None:
    """The next call that lessons are to be drafted from; nobody else takes it for a while."""
    first = (
        sa.select(LessonTask.call_id)
        .where(LessonTask.state == TaskState.DUE, LessonTask.due_at <= _NOW)
        .order_by(LessonTask.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    row = await tx.row(
        sa.update(LessonTask)
        .where(LessonTask.call_id == first)
        .values(due_at=from_now(WORKING_SECONDS), attempts=LessonTask.attempts + 1)
        .returning(LessonTask.call_id, LessonTask.attempts)
    )
    return Task(CallId(row["call_id"]), row["attempts"]) if row else None


async def finish(tx: Tx, call_id: CallId) -> bool:
    """The call's lessons are drafted; False when they were before."""
    done = move(LessonTask, TASK_TRANSITIONS, TaskState.DRAFTED).where(LessonTask.call_id == call_id)
    return (await tx.execute(done.values(due_at=None, error=None, changed_at=_NOW))).rowcount == 1


async def fail(tx: Tx, call_id: CallId, error: str, again_seconds: float | None) -> bool:
    """It did not work: it is tried again after so many seconds, or never. False when it was done before."""
    if again_seconds is not None:
        again = sa.update(LessonTask).where(LessonTask.call_id == call_id, LessonTask.state == TaskState.DUE)
        return (await tx.execute(again.values(due_at=from_now(again_seconds), error=error))).rowcount == 1
    over = move(LessonTask, TASK_TRANSITIONS, TaskState.FAILED).where(LessonTask.call_id == call_id)
    return (await tx.execute(over.values(due_at=None, error=error, changed_at=_NOW))).rowcount == 1


async def lock_all(tx: Tx) -> None:
    """Whoever looks for what is alike and then writes does so alone."""
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


async def nearest(tx: Tx, body: LessonBody, language: str) -> Near | None:
    """The lesson that is most like this one, if one asks the same. One that was merged stands for what it went into."""
    alike = sa.func.similarity(sa.func.lower(Lesson.question), body.question.lower())
    answers = sa.func.similarity(sa.func.lower(Lesson.answer), body.answer.lower()) >= SAME_ANSWER
    row = await tx.row(
        sa.select(Lesson.id, Lesson.state, answers.label("same"), Lesson.merged_into)
        .where(Lesson.language == language, alike >= SAME_QUESTION)
        .order_by(answers.desc(), (Lesson.state == LessonState.MERGED), alike.desc(), Lesson.id)
        .limit(1)
    )
    if row is None:
        return None
    if row["merged_into"] is not None:
        return Near(row["merged_into"], LessonState.APPROVED, row["same"])
    return Near(row["id"], LessonState(row["state"]), row["same"])


async def add_draft(tx: Tx, drafted: Drafted, language: str, profile: str | None, similar_to: str | None) -> str:
    """Keep a new draft, without its quotes; its id."""
    lesson_id = new_id()
    body = drafted.body
    await tx.execute(
        sa.insert(Lesson).values(
            id=lesson_id, state=LessonState.DRAFT, question=body.question, answer=body.answer,
            applies_when=body.applies_when, tags=list(body.tags), language=language, profile=profile,
            expires_at=body.expires_at, similar_to=similar_to,
        )
    )  # fmt: skip
    return lesson_id


async def quote(tx: Tx, lesson_id: str, call_id: CallId, lines: Sequence[Line]) -> None:
    """Keep which utterances a lesson comes from; those it has already are left as they are."""
    rows = [
        {"id": new_id(), "lesson_id": lesson_id, "call_id": call_id, "segment_id": line.segment_id,
         "speaker": line.speaker, "text": line.text, "said_at": line.said_at}
        for line in lines
    ]  # fmt: skip
    if rows:
        await tx.execute(insert(LessonQuote).values(rows).on_conflict_do_nothing())


async def change(tx: Tx, lesson_id: str, body: LessonBody) -> None:
    """Write what a lesson says; it is locked."""
    values = {name: getattr(body, name) for name in LessonBody.model_fields} | {"tags": list(body.tags)}
    await tx.execute(sa.update(Lesson).where(Lesson.id == lesson_id).values(**values, changed_at=_NOW))


async def decide(tx: Tx, lesson_id: str, after: LessonState, by: str | None, into: str | None = None) -> bool:
    """Bring a lesson into another state; False where it cannot come into that one."""
    decided = {"decided_at": None, "decided_by": None} if after is LessonState.DRAFT else {
        "decided_at": _NOW, "decided_by": by
    }  # fmt: skip
    moved = move(Lesson, LESSON_TRANSITIONS, after).where(Lesson.id == lesson_id)
    return (await tx.execute(moved.values(merged_into=into, changed_at=_NOW, **decided))).rowcount == 1


async def follow(tx: Tx, lesson_id: str, into: str) -> None:
    """What was merged into this lesson goes with it into the other: nothing is merged into what is merged itself."""
    await tx.execute(sa.update(Lesson).where(Lesson.merged_into == lesson_id).values(merged_into=into))


async def restart(tx: Tx, call_id: CallId) -> bool:
    """A task that failed is due again, with as many attempts as at first; False when none of this call has."""
    again = move(LessonTask, TASK_TRANSITIONS, TaskState.DUE).where(LessonTask.call_id == call_id)
    return (await tx.execute(again.values(due_at=_NOW, attempts=0, error=None, changed_at=_NOW))).rowcount == 1
