"""Reviewing lessons: each change from the edition that was read, and audited."""

from collections.abc import Awaitable
from typing import Any

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.editions import Expected, edition_of
from callcenter.platform.plumbing.errors import Conflict, FieldError, Invalid, NotFound
from callcenter.platform.plumbing.ids import CallId
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import Author
from callcenter.stages.learning import read, store
from callcenter.stages.learning.model import LESSON_TRANSITIONS, LessonState
from callcenter.stages.learning.read import LessonRow
from callcenter.stages.learning.rules import LessonBody

CHANGES = {
    LessonState.APPROVED: Change.APPROVED,
    LessonState.REJECTED: Change.REJECTED,
    LessonState.DRAFT: Change.REOPENED,
}


class NotFromHere(Conflict):
    """A lesson in this state cannot become that."""


class NotFailed(Conflict):
    """Of this call no drafting of lessons has failed: they are drafted, or on the way, or no human led in it."""


def plain(lesson: LessonRow) -> dict[str, Any]:
    """What of a lesson people change, as JSON: what its edition is made from, and what the audit keeps."""
    return lesson.body.model_dump(mode="json") | {"state": lesson.state.value, "merged_into": lesson.merged_into}


def edition(lesson: LessonRow) -> str:
    """The name of a lesson's edition, without quotes."""
    return edition_of(plain(lesson))


async def _locked(tx: Tx, lesson_id: str, expected: Expected) -> LessonRow:
    await store.lock_all(tx)
    found = await read.lesson(tx, lesson_id, lock=True)
    expected.check(edition(found))
    return found


async def _told(tx: Tx, author: Author, change: Change, before: LessonRow, work: Awaitable[object]) -> LessonRow:
    await work
    after = await read.lesson(tx, before.id)
    told = (plain(before), plain(after))
    await audit.record(tx, author, change, Thing.LESSON, before.id, before=told[0], after=told[1])
    return after


async def edit(tx: Tx, author: Author, lesson_id: str, body: LessonBody, expected: Expected) -> LessonRow:
    """Change what a lesson says. Raises NotFound, EditionMissing, EditionChanged, NotFromHere."""
    found = await _locked(tx, lesson_id, expected)
    if found.state in (LessonState.MERGED, LessonState.REJECTED):
        raise NotFromHere(f"This lesson is {found.state}: open it again to change what it says.")
    if found.body == body:
        return found
    return await _told(tx, author, Change.CHANGED, found, store.change(tx, lesson_id, body))


async def decide(tx: Tx, author: Author, lesson_id: str, after: LessonState, expected: Expected) -> LessonRow:
    """Approve, reject, or open it again (`DRAFT`). Raises NotFound, EditionMissing, EditionChanged, NotFromHere."""
    found = await _locked(tx, lesson_id, expected)
    _refuse_unless(found, after)
    return await _told(tx, author, CHANGES[after], found, store.decide(tx, lesson_id, after, author.who))


async def merge(tx: Tx, author: Author, lesson_id: str, into: str, expected: Expected) -> LessonRow:
    """Let this lesson go up in another, which keeps its own words and has this one's quotes as well.

    Raises NotFound, Invalid, EditionMissing, EditionChanged, NotFromHere.
    """
    found = await _locked(tx, lesson_id, expected)
    _refuse_unless(found, LessonState.MERGED)
    try:
        target = await read.lesson(tx, into, lock=True)
    except NotFound as error:
        raise Invalid(errors=(FieldError("into", into, "the id of another lesson"),)) from error
    if target.id == lesson_id or target.state not in (LessonState.DRAFT, LessonState.APPROVED):
        wanted = "another lesson, which is a draft or approved"
        raise Invalid(errors=(FieldError("into", into, wanted),))
    await store.follow(tx, lesson_id, into)
    return await _told(
        tx, author, Change.MERGED, found, store.decide(tx, lesson_id, LessonState.MERGED, author.who, into)
    )


def _refuse_unless(found: LessonRow, after: LessonState) -> None:
    if after not in LESSON_TRANSITIONS[found.state]:
        raise NotFromHere(f"This lesson is {found.state}, which cannot become {after}.")


async def draft_again(tx: Tx, author: Author, call_id: CallId) -> None:
    """Let lessons be drafted once more from a call from which none could be. Raises NotFailed."""
    failed = await read.failed_tasks(tx, 1, call_id)
    if not failed or not await store.restart(tx, call_id):
        raise NotFailed()
    before = {"lessons": "failed", "error": failed[0].error, "attempts": failed[0].attempts}
    await audit.record(tx, author, Change.CHANGED, Thing.CALL, call_id, before=before, after={"lessons": "due"})
