"""Reading lessons: for people who review them, and for agents who ask what the company knows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import NotFound
from callcenter.stages.learning.model import Lesson, LessonQuote, LessonState, LessonTask, TaskState
from callcenter.stages.learning.rules import Article, LessonBody

MOST_ARTICLES = 3
ENOUGH_WORDS = 3  # of a long question; of a short one half have to be found
_COLUMNS = tuple(column for column in Lesson.__table__.c if column.name != "words")


@dataclass(frozen=True)
class LessonRow:
    """A lesson as it stands; `calls` is in how many calls it came up."""

    id: str
    state: LessonState
    body: LessonBody
    language: str
    profile: str | None
    merged_into: str | None
    similar_to: str | None
    drafted_at: datetime
    changed_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    calls: int
    expired: bool


@dataclass(frozen=True)
class Quote:
    """An utterance that a lesson comes from; without ids where the call is no longer kept."""

    call_id: str | None
    segment_id: str | None
    speaker: str
    text: str
    said_at: datetime


@dataclass(frozen=True)
class FailedTask:
    """A call from which no model drafted lessons, and what the last one that was asked said."""

    call_id: str
    error: str
    attempts: int
    failed_at: datetime


@dataclass(frozen=True)
class Filter:
    """Which lessons are asked for; None for any."""

    state: LessonState | None = None
    tag: str | None = None
    words: str | None = None
    call_id: str | None = None


def _own_and_merged() -> sa.Select[tuple[str]]:
    other = sa.alias(Lesson.__table__, "other")
    return sa.select(other.c.id).where(sa.or_(other.c.id == Lesson.id, other.c.merged_into == Lesson.id))


def _selected() -> sa.Select[tuple[object, ...]]:
    calls = (
        sa.select(sa.func.count(sa.distinct(LessonQuote.call_id)))
        .where(LessonQuote.lesson_id.in_(_own_and_merged().correlate(Lesson)))
        .correlate(Lesson)
        .scalar_subquery()
    )
    expired = sa.func.coalesce(Lesson.expires_at <= sa.func.clock_timestamp(), sa.false())
    return sa.select(*_COLUMNS, calls.label("calls"), expired.label("expired"))


def _lesson(row: sa.RowMapping) -> LessonRow:
    own = {name: row[name] for name in LessonRow.__dataclass_fields__ if name not in ("state", "body")}
    body = LessonBody.model_validate({name: row[name] for name in LessonBody.model_fields})
    return LessonRow(state=LessonState(row["state"]), body=body, **own)


async def lesson(tx: Tx, lesson_id: str, *, lock: bool = False) -> LessonRow:
    """One lesson; with `lock` nobody else changes it until the transaction ends. Raises NotFound."""
    if lock:
        await tx.execute(sa.select(Lesson.id).where(Lesson.id == lesson_id).with_for_update())
    row = await tx.row(_selected().where(Lesson.id == lesson_id))
    if row is None:
        raise NotFound("There is no such lesson.")
    return _lesson(row)


async def lessons(
    tx: Tx, limit: int, before: tuple[datetime, str] | None = None, wanted: Filter = Filter()
) -> list[LessonRow]:
    """Latest first; `before` is the last one of the page before."""
    query = _selected().order_by(Lesson.drafted_at.desc(), Lesson.id.desc()).limit(limit)
    if before is not None:
        place = sa.tuple_(sa.literal(before[0]), sa.literal(before[1], Lesson.id.type))
        query = query.where(sa.tuple_(Lesson.drafted_at, Lesson.id) < place)
    if wanted.state is not None:
        query = query.where(Lesson.state == wanted.state)
    if wanted.tag is not None:
        query = query.where(sa.literal(wanted.tag) == sa.any_(Lesson.tags))
    if wanted.words is not None:
        query = query.where(Lesson.words.op("@@")(_any_word(Lesson.language, wanted.words)))
    if wanted.call_id is not None:
        query = query.where(
            sa.exists().where(LessonQuote.lesson_id == Lesson.id, LessonQuote.call_id == wanted.call_id)
        )
    return [_lesson(row) for row in await tx.rows(query)]


async def counts(tx: Tx) -> dict[LessonState, int]:
    """How many lessons there are in each state."""
    rows = await tx.rows(sa.select(Lesson.state, sa.func.count().label("n")).group_by(Lesson.state))
    return {state: 0 for state in LessonState} | {LessonState(row["state"]): row["n"] for row in rows}


async def tags(tx: Tx) -> list[str]:
    """Every tag in use, in the order of the alphabet."""
    tag = sa.func.unnest(Lesson.tags).label("tag")
    return [row["tag"] for row in await tx.rows(sa.select(tag).distinct().order_by(tag))]


async def quotes(tx: Tx, lesson_id: str) -> list[Quote]:
    """What a lesson, and what was merged into it, comes from: call by call, as it was said."""
    of = sa.select(Lesson.id).where(sa.or_(Lesson.id == lesson_id, Lesson.merged_into == lesson_id))
    rows = await tx.rows(
        sa.select(*(getattr(LessonQuote, name) for name in Quote.__dataclass_fields__))
        .where(LessonQuote.lesson_id.in_(of))
        .order_by(LessonQuote.call_id, LessonQuote.said_at, LessonQuote.id)
    )
    return [Quote(**row) for row in rows]


def _config(language: Any) -> sa.ColumnElement[object]:
    return sa.func.segment_config(language)


def _any_word(language: Any, words: str) -> sa.ColumnElement[object]:
    """A question's words, any of them: callers ask in whole sentences, of which articles have only some."""
    every = sa.cast(sa.func.plainto_tsquery(_config(language), words), sa.Text)
    return sa.cast(sa.func.replace(every, " & ", " | "), sa.dialects.postgresql.TSQUERY)


async def articles(
    tx: Tx, question: str, language: str, *, also: str | None = None, without: str | None = None
) -> list[Article]:
    """The approved lessons that have not expired and answer this best, best first. `also` counts as approved,
    `without` as not there: for trying out what one lesson changes."""
    approved = sa.and_(
        Lesson.state == LessonState.APPROVED,
        sa.or_(Lesson.expires_at.is_(None), Lesson.expires_at > sa.func.clock_timestamp()),
    )
    if also is not None:
        approved = sa.or_(approved, Lesson.id == also)
    wanted = sa.func.tsvector_to_array(sa.func.to_tsvector(_config(language), question))
    found = sa.func.cardinality(
        sa.func.array(
            sa.intersect(
                sa.select(sa.func.unnest(wanted)), sa.select(sa.func.unnest(sa.func.tsvector_to_array(Lesson.words)))
            ).scalar_subquery()
        )
    )
    enough = sa.func.least(ENOUGH_WORDS, sa.func.ceil(sa.func.cardinality(wanted) / sa.literal(2.0)))
    query = _any_word(language, question)
    rows = await tx.rows(
        sa.select(Lesson.id, Lesson.question, Lesson.answer, Lesson.applies_when)
        .where(approved, Lesson.words.op("@@")(query), found >= enough, Lesson.id.is_distinct_from(without))
        .order_by(sa.func.ts_rank(Lesson.words, query).desc(), Lesson.changed_at.desc(), Lesson.id)
        .limit(MOST_ARTICLES)
    )
    return [Article(**row) for row in rows]


async def failed_tasks(tx: Tx, limit: int, call_id: str | None = None) -> list[FailedTask]:
    """Calls from which no lessons could be drafted, latest first; or this one, if it is among them."""
    query = (
        sa.select(
            LessonTask.call_id, sa.func.coalesce(LessonTask.error, "").label("error"), LessonTask.attempts,
            LessonTask.changed_at.label("failed_at"),
        )
        .where(LessonTask.state == TaskState.FAILED)
        .order_by(LessonTask.changed_at.desc(), LessonTask.call_id)
        .limit(limit)
    )  # fmt: skip
    if call_id is not None:
        query = query.where(LessonTask.call_id == call_id)
    return [FailedTask(**row) for row in await tx.rows(query)]
