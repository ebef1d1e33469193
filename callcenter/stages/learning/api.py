"""Lessons over HTTP: lists, what each comes from, review, and asking the agent."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from callcenter.platform.api.editions import Expects, tag
from callcenter.platform.api.inputs import CallPath, Cursor, PlainText, read_time_and_id, write_cursor
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.plumbing.chat import Chat
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import FieldError, Invalid
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.knowledge import SEARCH_KNOWLEDGE
from callcenter.setup.audit.rules import author
from callcenter.setup.profiles import store as profiles
from callcenter.setup.users.rules import Permission, Principal
from callcenter.stages.learning import flow, read
from callcenter.stages.learning.model import LessonState
from callcenter.stages.learning.personal import patterns
from callcenter.stages.learning.read import Filter, LessonRow, Quote
from callcenter.stages.learning.rehearsal import Rehearsed, with_and_without
from callcenter.stages.learning.rules import LONGEST_QUESTION, LessonBody, Words

router = APIRouter(tags=["lessons"])

MOST_LESSONS = 200
Reader = Depends(Permit(Permission.READ_CALLS))
Reviewer = Annotated[Principal, Depends(Permit(Permission.REVIEW_LESSONS))]
LessonPath = Annotated[UUID, Path(alias="lesson_id", description="The lesson's id.")]
_EDITED: dict[int | str, dict[str, Any]] = {404: {}, 409: {}, 412: {}, 428: {}}


class LessonSummary(LessonBody):
    """A lesson, as lists have it."""

    id: str
    state: LessonState
    language: str
    profile: str | None = Field(description="Of the call it was first drafted from.")
    drafted_at: datetime
    changed_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    merged_into: str | None = Field(description="The lesson that says it now.")
    similar_to: str | None = Field(description="An older lesson that asks much the same and answers something else.")
    calls: int = Field(description="In how many calls it came up.")
    expired: bool
    etag: str = Field(description="As in the header ETag; send it as If-Match to change this.")


class LessonPage(BaseModel):
    items: list[LessonSummary]
    next_cursor: str | None
    counts: dict[LessonState, int] = Field(description="How many lessons there are in each state.")


class QuoteRead(BaseModel):
    """An utterance that the lesson comes from, without personal data."""

    call_id: str | None = Field(description="Empty when the call is no longer kept.")
    segment_id: str | None
    speaker: Speaker
    text: str
    said_at: datetime


class LooksPersonal(BaseModel):
    """A piece of the lesson that may be personal data; whether it is one, a person decides."""

    field: str
    kind: str
    text: str


class Lesson(LessonSummary):
    """A lesson with what it comes from."""

    quotes: list[QuoteRead]
    looks_personal: list[LooksPersonal]


class MergeInto(BaseModel):
    model_config = ConfigDict(extra="forbid")

    into: UUID


class AskAgent(BaseModel):
    model_config = ConfigDict(extra="forbid")

    question: Words | None = Field(None, max_length=LONGEST_QUESTION, description="Empty: the lesson's own.")
    profile: PlainText | None = Field(None, max_length=80, description="Empty: that of the lesson's call.")


class ArticleRead(BaseModel):
    id: str
    question: str


class AgentsAnswer(BaseModel):
    text: str
    error: str | None = Field(description="Why there is no answer.")
    searched: list[str] = Field(description="What the agent looked up.")
    found: list[ArticleRead] = Field(description="The lessons that it was given.")
    seconds: float


class AskedAgent(BaseModel):
    question: str
    profile: str
    searches: bool = Field(description="The profile has the tool search_knowledge; without it no lesson is found.")
    with_lesson: AgentsAnswer
    without_lesson: AgentsAnswer


class TagList(BaseModel):
    items: list[str]
    next_cursor: None = None


class FailedDraft(BaseModel):
    """A call from which no lessons could be drafted."""

    call_id: str
    error: str = Field(description="What went wrong the last time.")
    attempts: int
    failed_at: datetime


class FailedDraftList(BaseModel):
    items: list[FailedDraft]
    next_cursor: None = None


def _summary(row: LessonRow) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in LessonSummary.model_fields if hasattr(row, name)}
    return row.body.model_dump() | own | {"etag": f'"{flow.edition(row)}"'}


def _quote(quote: Quote) -> QuoteRead:
    return QuoteRead(**{**vars(quote), "speaker": Speaker(quote.speaker)})


def _personal(body: LessonBody) -> list[LooksPersonal]:
    fields = ("question", "answer", "applies_when")
    return [
        LooksPersonal(field=name, kind=found.kind, text=found.text)
        for name in fields
        for found in dict.fromkeys(patterns(getattr(body, name)))
    ]


async def _whole(tx: Tx, row: LessonRow, response: Response) -> Lesson:
    tag(response, flow.edition(row))
    quotes = [_quote(quote) for quote in await read.quotes(tx, row.id)]
    return Lesson(**_summary(row), quotes=quotes, looks_personal=_personal(row.body))


@router.get("/api/lessons", dependencies=[Reader])
async def list_lessons(
    db: TheDatabase,
    state: Annotated[LessonState | None, Query(description="Lessons in this state only.")] = None,
    tag: Annotated[PlainText | None, Query(max_length=40, description="Lessons with this tag only.")] = None,
    q: Annotated[PlainText | None, Query(max_length=500, description="Lessons with any of these words.")] = None,
    call_id: Annotated[UUID | None, Query(description="Lessons that come from this call only.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LESSONS)] = 50,
    cursor: Cursor = None,
) -> LessonPage:
    """Lessons, latest first."""
    before = read_time_and_id(cursor) if cursor is not None else None
    wanted = Filter(state, tag, q, str(call_id) if call_id else None)
    async with snapshot(db) as tx:
        rows = await read.lessons(tx, limit + 1, before, wanted)
        counts = await read.counts(tx)
    page = rows[:limit]
    more = write_cursor(page[-1].drafted_at, page[-1].id) if len(rows) > limit else None
    return LessonPage(items=[LessonSummary(**_summary(row)) for row in page], next_cursor=more, counts=counts)


@router.get("/api/lessons/tags", dependencies=[Reader])
async def list_lesson_tags(db: TheDatabase) -> TagList:
    """Every tag that a lesson has, in the order of the alphabet."""
    async with snapshot(db) as tx:
        return TagList(items=await read.tags(tx))


@router.get("/api/lessons/failed", dependencies=[Reader])
async def list_failed_drafts(db: TheDatabase) -> FailedDraftList:
    """Calls from which no lessons could be drafted, latest first, the last 200."""
    async with snapshot(db) as tx:
        return FailedDraftList(items=[FailedDraft(**vars(task)) for task in await read.failed_tasks(tx, MOST_LESSONS)])


@router.post("/api/lessons/failed/{call_id}/retry", status_code=204, responses={409: {}})
async def draft_lessons_again(call_id: CallPath, reviewer: Reviewer, db: TheDatabase) -> None:
    """Let lessons be drafted once more from this call; 409 when that has not failed. The audit says who asked."""
    async with db.transaction() as tx:
        await flow.draft_again(tx, author(reviewer), CallId(str(call_id)))


@router.get("/api/lessons/{lesson_id}", dependencies=[Reader], responses={404: {}})
async def get_lesson(lesson_id: LessonPath, db: TheDatabase, response: Response) -> Lesson:
    """One lesson with what it comes from. The header ETag names its edition."""
    async with snapshot(db) as tx:
        return await _whole(tx, await read.lesson(tx, str(lesson_id)), response)


@router.put("/api/lessons/{lesson_id}", responses=_EDITED)
async def edit_lesson(
    lesson_id: LessonPath, body: LessonBody, reviewer: Reviewer, expected: Expects, db: TheDatabase, response: Response
) -> Lesson:
    """Change what the lesson you have read (If-Match) says. Of an approved one agents find the new words at once."""
    async with db.transaction() as tx:
        row = await flow.edit(tx, author(reviewer), str(lesson_id), body, expected)
        return await _whole(tx, row, response)


@router.post("/api/lessons/{lesson_id}/approve", responses=_EDITED)
async def approve_lesson(
    lesson_id: LessonPath, reviewer: Reviewer, expected: Expects, db: TheDatabase, response: Response
) -> Lesson:
    """Make the draft you have read (If-Match) an article: agents find it from now on."""
    return await _decide(lesson_id, LessonState.APPROVED, reviewer, expected, db, response)


@router.post("/api/lessons/{lesson_id}/reject", responses=_EDITED)
async def reject_lesson(
    lesson_id: LessonPath, reviewer: Reviewer, expected: Expects, db: TheDatabase, response: Response
) -> Lesson:
    """Reject the draft you have read (If-Match): what is like it is not drafted again."""
    return await _decide(lesson_id, LessonState.REJECTED, reviewer, expected, db, response)


@router.post("/api/lessons/{lesson_id}/reopen", responses=_EDITED)
async def reopen_lesson(
    lesson_id: LessonPath, reviewer: Reviewer, expected: Expects, db: TheDatabase, response: Response
) -> Lesson:
    """Make the lesson you have read (If-Match) a draft again, whatever was decided: no agent finds it any more."""
    return await _decide(lesson_id, LessonState.DRAFT, reviewer, expected, db, response)


async def _decide(
    lesson_id: UUID, after: LessonState, reviewer: Principal, expected: Expects, db: TheDatabase, response: Response
) -> Lesson:
    async with db.transaction() as tx:
        row = await flow.decide(tx, author(reviewer), str(lesson_id), after, expected)
        return await _whole(tx, row, response)


@router.post("/api/lessons/{lesson_id}/merge", responses=_EDITED)
async def merge_lesson(
    lesson_id: LessonPath, into: MergeInto, reviewer: Reviewer, expected: Expects, db: TheDatabase, response: Response
) -> Lesson:
    """Let the lesson you have read (If-Match) go up in another one, which keeps its words and gets its quotes."""
    async with db.transaction() as tx:
        row = await flow.merge(tx, author(reviewer), str(lesson_id), str(into.into), expected)
        return await _whole(tx, row, response)


@router.post(
    "/api/lessons/{lesson_id}/ask", responses={404: {}}, dependencies=[Depends(Permit(Permission.REVIEW_LESSONS))]
)
async def ask_agent(lesson_id: LessonPath, asked: AskAgent, db: TheDatabase, request: Request) -> AskedAgent:
    """Put a question to the profile's own model as in a call, once with this lesson and once without it. Nothing is
    changed; of the profile's tools only the search for lessons is there."""
    async with snapshot(db) as tx:
        lesson = await read.lesson(tx, str(lesson_id))
        name = asked.profile or lesson.profile or ""
        profile = await profiles.find(tx, name)
        known = sorted(await profiles.names(tx)) if profile is None else []
    if profile is None:
        raise Invalid(errors=(FieldError("profile", name, f"a profile: {', '.join(known)}"),))
    question = asked.question or lesson.body.question
    learned, not_learned = await with_and_without(
        db, Chat(request.app.state.settings), profile, str(lesson_id), question
    )
    return AskedAgent(
        question=question, profile=name, searches=SEARCH_KNOWLEDGE in profile.tools,
        with_lesson=_answer(learned), without_lesson=_answer(not_learned),
    )  # fmt: skip


def _answer(rehearsed: Rehearsed) -> AgentsAnswer:
    return AgentsAnswer(
        text=rehearsed.text, error=rehearsed.error, searched=list(rehearsed.searched),
        found=[ArticleRead(id=article.id, question=article.question) for article in rehearsed.found],
        seconds=round(rehearsed.seconds, 3),
    )  # fmt: skip
