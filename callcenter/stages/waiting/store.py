"""All SQL of the line."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Channel, Tx, from_now, seconds
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.plumbing.states import move
from callcenter.records.calls.model import Call
from callcenter.stages.waiting.model import WAITING_TRANSITIONS, WaitingEntry, WaitingState

TELLING_SECONDS = 60.0  # for the attendant that is there to say it and end the call
LAST_WORDS_SECONDS = 30.0  # for an attendant to come and say a sentence

Condition = Callable[[Any], sa.ColumnElement[bool]]  # of a column that holds a call id


@dataclass(frozen=True)
class Place:
    """A call in line, its row and the call's row locked."""

    call_id: CallId
    required_skills: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    state: WaitingState
    queue: str | None
    message: str | None
    message_outcome: str | None


async def enter(
    tx: Tx, call_id: CallId, *, queue: str | None, priority: int, required_skills: tuple[str, ...],
    attendant_after_seconds: float, gives_up_after_seconds: float | None, message: str | None,
    message_outcome: str | None,
) -> None:  # fmt: skip
    """Stand in line from now on."""
    tx.news.add(Channel.LINE)
    after = seconds(attendant_after_seconds)
    gives_up: sa.ColumnElement[datetime] | None = None
    if gives_up_after_seconds is not None:
        gives_up = from_now(gives_up_after_seconds)
    await tx.execute(
        sa.insert(WaitingEntry).values(
            call_id=call_id, state=WaitingState.WAITING, queue=queue, priority=priority,
            required_skills=list(required_skills), entered_at=sa.func.clock_timestamp(),
            attendant_due_at=sa.func.clock_timestamp() + after, gives_up_at=gives_up,
            message=message, message_outcome=message_outcome,
        )
    )  # fmt: skip


async def next_for_skills(tx: Tx, skill_sets: list[list[str]], fenced: Condition) -> Place | None:
    """The first call in line that one of these skill sets can serve, locked; calls that others work on are skipped, and
    so are those for which `fenced` holds."""
    found = await first_for_skills(tx, skill_sets, fenced, 1)
    return found[0] if found else None


async def first_for_skills(tx: Tx, skill_sets: list[list[str]], fenced: Condition, limit: int) -> list[Place]:
    """The first so many calls of those that `next_for_skills` chooses from, in their order."""
    if not skill_sets:
        return []
    servable = sa.or_(
        *(WaitingEntry.required_skills.op("<@")(sa.cast(skills, sa.ARRAY(sa.Text))) for skills in skill_sets)
    )
    where = sa.and_(
        WaitingEntry.state == WaitingState.WAITING,
        WaitingEntry.queue.is_not(None),
        servable,
        ~fenced(WaitingEntry.call_id),
    )
    return await _first(tx, where, (WaitingEntry.priority.desc(), WaitingEntry.entered_at, WaitingEntry.call_id), limit)


async def next_for_attendant(tx: Tx, has_one: Condition) -> Place | None:
    """The call that has rung longest past its answering time and has no attendant, locked."""
    found = await _first(
        tx,
        sa.and_(
            WaitingEntry.attendant_due_at <= sa.func.clock_timestamp(),
            ~has_one(WaitingEntry.call_id),
        ),
        (WaitingEntry.attendant_due_at,),
        1,
    )
    return found[0] if found else None


async def _first(tx: Tx, where: sa.ColumnElement[bool], order: tuple[Any, ...], limit: int) -> list[Place]:
    rows = await tx.rows(
        sa.select(WaitingEntry.call_id, WaitingEntry.required_skills)
        .join(Call, Call.id == WaitingEntry.call_id)
        .where(where)
        .order_by(*order)
        .limit(limit)
        .with_for_update(of=(WaitingEntry, Call), skip_locked=True)
    )
    return [Place(row["call_id"], tuple(row["required_skills"])) for row in rows]


async def entry(tx: Tx, call_id: CallId) -> Entry | None:
    row = await tx.row(
        sa.select(WaitingEntry.state, WaitingEntry.queue, WaitingEntry.message, WaitingEntry.message_outcome).where(
            WaitingEntry.call_id == call_id
        )
    )
    return Entry(**{**row, "state": WaitingState(row["state"])}) if row else None


async def offered(tx: Tx, *call_ids: CallId) -> bool:
    """A seat is asked for each of these calls; False when one of them was not waiting."""
    result = await tx.execute(
        move(WaitingEntry, WAITING_TRANSITIONS, WaitingState.OFFERED).where(WaitingEntry.call_id.in_(call_ids))
    )
    return result.rowcount == len(call_ids)


async def served(tx: Tx, call_id: CallId) -> bool:
    """A seat has the call: it waits for nobody any more."""
    result = await tx.execute(
        move(WaitingEntry, WAITING_TRANSITIONS, WaitingState.SERVED)
        .where(WaitingEntry.call_id == call_id)
        .values(attendant_due_at=None, gives_up_at=None)
    )
    return result.rowcount == 1


async def back(tx: Tx, call_id: CallId, max_wait_seconds: float | None) -> bool:
    """Back to its old place. A call that was served and lost its agent may wait its full time again."""
    tx.news.add(Channel.LINE)
    anew = None if max_wait_seconds is None else from_now(max_wait_seconds)
    result = await tx.execute(
        move(WaitingEntry, WAITING_TRANSITIONS, WaitingState.WAITING)
        .where(WaitingEntry.call_id == call_id)
        .values(gives_up_at=sa.case((WaitingEntry.state == WaitingState.SERVED, anew), else_=WaitingEntry.gives_up_at))
    )
    return result.rowcount == 1


async def attendant_wanted(tx: Tx, call_id: CallId, after_seconds: float | None) -> None:
    """Ask for an attendant after so many seconds, or for none any more."""
    tx.news.add(Channel.LINE)
    await tx.execute(
        sa.update(WaitingEntry)
        .where(WaitingEntry.call_id == call_id, WaitingEntry.state != WaitingState.LEFT)
        .values(attendant_due_at=None if after_seconds is None else from_now(after_seconds))
    )


async def attendant_there(tx: Tx, call_id: CallId) -> None:
    """An attendant has the call; where it is there to say the last words, it gets the time it takes, and some more: the
    command may be lost on its way."""
    await tx.execute(
        sa.update(WaitingEntry)
        .where(WaitingEntry.call_id == call_id, WaitingEntry.state != WaitingState.LEFT)
        .values(
            attendant_due_at=None,
            gives_up_at=sa.case(
                (WaitingEntry.queue.is_(None), from_now(TELLING_SECONDS)), else_=WaitingEntry.gives_up_at
            ),
        )
    )


async def attendant_gone(tx: Tx, call_id: CallId, retry_seconds: float) -> None:
    """The attendant failed: another one soon, and a limit again for the last words."""
    await attendant_wanted(tx, call_id, retry_seconds)
    await tx.execute(
        sa.update(WaitingEntry)
        .where(WaitingEntry.call_id == call_id, WaitingEntry.queue.is_(None), WaitingEntry.gives_up_at.is_(None))
        .values(gives_up_at=from_now(LAST_WORDS_SECONDS))
    )


async def only_message(tx: Tx, call_id: CallId, text: str, outcome: str, *, told: bool) -> None:
    """The call waits for no agent any more, only for an attendant (unless one is `told`) to say this; if nobody can,
    the wait ends soon."""
    tx.news.add(Channel.LINE)
    await tx.execute(
        move(WaitingEntry, WAITING_TRANSITIONS, WaitingState.WAITING, or_still=True)
        .where(WaitingEntry.call_id == call_id)
        .values(
            queue=None, message=text, message_outcome=outcome,
            attendant_due_at=None if told else sa.func.clock_timestamp(),
            gives_up_at=from_now(LAST_WORDS_SECONDS),
        )
    )  # fmt: skip


def in_queue(call_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether this call waits in a queue and nobody is asked for it at this moment."""
    return sa.exists().where(
        WaitingEntry.call_id == call_id, WaitingEntry.state == WaitingState.WAITING, WaitingEntry.queue.is_not(None)
    )


async def leave(tx: Tx, call_id: CallId) -> None:
    await tx.execute(
        move(WaitingEntry, WAITING_TRANSITIONS, WaitingState.LEFT)
        .where(WaitingEntry.call_id == call_id)
        .values(attendant_due_at=None, gives_up_at=None)
    )


def moving() -> sa.Select[str]:
    """Calls that an agent's seat or an attendant may be found for."""
    return sa.select(WaitingEntry.call_id).where(
        sa.or_(
            sa.and_(WaitingEntry.state == WaitingState.WAITING, WaitingEntry.queue.is_not(None)),
            WaitingEntry.attendant_due_at <= sa.func.clock_timestamp(),
        )
    )


def giving_up() -> sa.Select[str]:
    """Calls in line whose time is up."""
    return sa.select(WaitingEntry.call_id).where(
        WaitingEntry.state == WaitingState.WAITING, WaitingEntry.gives_up_at <= sa.func.clock_timestamp()
    )


async def waited_too_long(tx: Tx, limit: int = 20) -> list[CallId]:
    """Those of `giving_up` that have waited longest."""
    rows = await tx.rows(giving_up().order_by(WaitingEntry.gives_up_at).limit(limit))
    return [row["call_id"] for row in rows]
