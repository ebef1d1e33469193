"""Lessons: what a human answered in a call, drafted by a model, reviewed by a person, found by agents."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of
from callcenter.platform.wire.base import Speaker


class LessonState(StrEnum):
    DRAFT = "draft"  # waits for somebody who reviews it; no agent finds it
    APPROVED = "approved"  # an article: agents find it until it expires
    REJECTED = "rejected"  # not to be learned; what is like it is not drafted again
    MERGED = "merged"  # says what `merged_into` says


LESSON_TRANSITIONS: dict[LessonState, frozenset[LessonState]] = {
    LessonState.DRAFT: frozenset({LessonState.APPROVED, LessonState.REJECTED, LessonState.MERGED}),
    LessonState.APPROVED: frozenset({LessonState.DRAFT, LessonState.MERGED}),
    LessonState.REJECTED: frozenset({LessonState.DRAFT}),
    LessonState.MERGED: frozenset({LessonState.DRAFT}),
}

_DEFAULT = "''"
# Question and conditions find an article, the answer helps; how words are inflected is the lesson's language's own.
WORDS_SQL = (
    "setweight(to_tsvector(segment_config(language), question), 'A') || "
    "setweight(to_tsvector(segment_config(language), applies_when), 'B') || "
    "setweight(to_tsvector(segment_config(language), answer), 'C')"
)


class Lesson(Base):
    """`similar_to` is an older lesson that asks much the same and answers something else. `decided_by` is the e-mail
    address (or what else they are) of whoever approved, rejected or merged it."""

    __tablename__ = "lessons"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    state: Mapped[str]
    question: Mapped[str]
    answer: Mapped[str]
    applies_when: Mapped[str] = mapped_column(server_default=sa.text(_DEFAULT))
    tags: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default=sa.text("'{}'"))
    language: Mapped[str]
    profile: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    merged_into: Mapped[str | None] = mapped_column(sa.ForeignKey("lessons.id", deferrable=True, initially="DEFERRED"))
    similar_to: Mapped[str | None] = mapped_column(sa.ForeignKey("lessons.id"))
    drafted_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    changed_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    words: Mapped[Any] = mapped_column(TSVECTOR, sa.Computed(WORDS_SQL, persisted=True))
    __table_args__ = (
        one_of("state", LessonState),
        sa.CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="merged_into_another"),
        sa.CheckConstraint("merged_into <> id", name="not_into_itself"),
        sa.CheckConstraint("(state = 'draft') = (decided_at IS NULL)", name="decided_unless_draft"),
        sa.Index("ix_lessons_drafted_at", sa.text("drafted_at DESC"), sa.text("id DESC")),
        sa.Index("ix_lessons_merged_into", "merged_into", postgresql_where=sa.text("merged_into IS NOT NULL")),
        sa.Index("ix_lessons_words", "words", postgresql_using="gin"),
    )


class LessonQuote(Base):
    """One utterance that a lesson comes from, without personal data: it outlives the call it was said in."""

    __tablename__ = "lesson_quotes"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    lesson_id: Mapped[str] = mapped_column(sa.ForeignKey("lessons.id", ondelete="CASCADE"))
    call_id: Mapped[str | None] = mapped_column(sa.ForeignKey("calls.id", ondelete="SET NULL"))
    segment_id: Mapped[str | None] = mapped_column(sa.ForeignKey("segments.id", ondelete="SET NULL"))
    speaker: Mapped[str]
    text: Mapped[str]
    said_at: Mapped[datetime]
    __table_args__ = (
        one_of("speaker", Speaker),
        sa.Index("uq_lesson_quotes_lesson_id_segment_id", "lesson_id", "segment_id", unique=True),
        sa.Index("ix_lesson_quotes_call_id", "call_id"),
        sa.Index("ix_lesson_quotes_segment_id", "segment_id"),
    )


class TaskState(StrEnum):
    DUE = "due"  # lessons are to be drafted from this call
    DRAFTED = "drafted"
    FAILED = "failed"  # no model drafted any


TASK_TRANSITIONS: dict[TaskState, frozenset[TaskState]] = {
    TaskState.DUE: frozenset({TaskState.DRAFTED, TaskState.FAILED}),
    TaskState.DRAFTED: frozenset(),
    TaskState.FAILED: frozenset({TaskState.DUE}),  # somebody asks for it once more
}


class LessonTask(Base):
    """A call in which a human led, once: whoever works on it moves `due_at` on, so that it is taken up again should
    they die."""

    __tablename__ = "lesson_tasks"
    call_id: Mapped[str] = mapped_column(sa.ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(server_default=TaskState.DUE)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    due_at: Mapped[datetime | None]
    error: Mapped[str | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    __table_args__ = (
        one_of("state", TaskState),
        sa.CheckConstraint("(state = 'due') = (due_at IS NOT NULL)", name="due_while_due"),
        sa.Index("ix_lesson_tasks_due", "due_at", postgresql_where=sa.text("state = 'due'")),
    )
