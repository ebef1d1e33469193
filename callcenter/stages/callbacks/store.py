"""All SQL of call-backs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from callcenter.platform.plumbing.db import Channel, Tx, from_now
from callcenter.platform.plumbing.ids import CallId, new_id
from callcenter.platform.plumbing.sets import among
from callcenter.platform.plumbing.states import move
from callcenter.records.calls.model import Call, CallState, Direction
from callcenter.records.calls.model import Channel as CallChannel
from callcenter.setup.queues.ageing import aged
from callcenter.setup.queues.model import Queue
from callcenter.stages.callbacks.model import CALL_BACK_TRANSITIONS, OPEN, OPEN_SQL, CallBack, CallBackState
from callcenter.stages.callbacks.rules import Again

A_DAY_SECONDS = 86_400.0


@dataclass(frozen=True)
class CallBackRow:
    """A call-back as it stands."""

    id: str
    number: str
    queue: str
    profile: str | None
    priority: int
    required_skills: tuple[str, ...]
    entered_at: datetime
    origin_call_id: CallId | None
    state: CallBackState
    attempts: int
    last_failure: str | None
    call_id: CallId | None


_COLUMNS = (
    CallBack.id, CallBack.number, CallBack.queue, CallBack.profile, CallBack.priority, CallBack.required_skills,
    CallBack.entered_at, CallBack.origin_call_id, CallBack.state, CallBack.attempts, CallBack.last_failure,
    CallBack.call_id,
)  # fmt: skip


def _row(row: sa.RowMapping) -> CallBackRow:
    skills = tuple(row["required_skills"])
    return CallBackRow(**{**row, "state": CallBackState(row["state"]), "required_skills": skills})


async def promised_lately(tx: Tx, number: str, asks: str) -> int:
    """How many call-backs were promised within a day to this number, or asked for by this caller (E.164, or "" where
    they withhold theirs)."""
    by_caller = sa.exists().where(Call.id == CallBack.origin_call_id, Call.from_number == asks)
    to_them = CallBack.number == number
    lately = CallBack.asked_at > from_now(-A_DAY_SECONDS)
    query = sa.select(sa.func.count()).where(lately, sa.or_(to_them, by_caller) if asks else to_them)
    return int(await tx.scalar(query))


async def plan(
    tx: Tx, *, number: str, queue: str, profile: str | None, priority: int, required_skills: Sequence[str],
    entered_at: datetime, origin_call_id: CallId,
) -> str:  # fmt: skip
    """Promise a call-back; returns its id. A number that has an open one keeps that one, at the better of both places:
    one for each caller, however often they ask."""
    tx.news.add(Channel.LINE)
    statement = insert(CallBack).values(
        id=new_id(), number=number, queue=queue, profile=profile, priority=priority,
        required_skills=list(required_skills), entered_at=entered_at, origin_call_id=origin_call_id,
        state=CallBackState.PLANNED, next_attempt_at=sa.func.clock_timestamp(),
    )  # fmt: skip
    kept = statement.on_conflict_do_update(
        index_elements=[CallBack.number],
        index_where=sa.text(OPEN_SQL),
        set_={"entered_at": sa.func.least(CallBack.entered_at, statement.excluded.entered_at)},
    )
    return str(await tx.scalar(kept.returning(CallBack.id)))


async def is_open(tx: Tx, number: str) -> bool:
    """Whether this number is to be called back."""
    return bool(await tx.scalar(sa.select(sa.exists().where(CallBack.number == number, CallBack.state.in_(OPEN)))))


async def place_of(tx: Tx, number: str, queue: str) -> datetime | None:
    """The arrival that an open call-back keeps for this number in this queue."""
    return await tx.scalar(  # type: ignore[no-any-return]
        sa.select(CallBack.entered_at).where(
            CallBack.number == number, CallBack.queue == queue, CallBack.state == CallBackState.PLANNED
        )
    )


def _due(table: Any) -> sa.ColumnElement[bool]:
    """It may be dialled now: a caller who is on the line at this moment is not. A test call only says that this
    number is its own."""
    there = aliased(Call)
    calling = sa.exists().where(
        there.from_number == table.number, there.direction == Direction.INBOUND, there.channel == CallChannel.SIP,
        there.state != CallState.ENDED,
    )  # fmt: skip
    return sa.and_(
        table.state == CallBackState.PLANNED, table.next_attempt_at <= sa.func.clock_timestamp(), sa.not_(calling)
    )


def due() -> sa.Select[str]:
    """Call-backs that may be dialled as soon as it is their turn."""
    return sa.select(CallBack.id).where(_due(CallBack))


def _aged() -> sa.ColumnElement[int]:
    return aged(CallBack.priority, CallBack.entered_at)


def _in_line(*columns: Any) -> sa.Select[Any]:
    """Call-backs that may be dialled, in the order of the line."""
    return (
        sa.select(*columns)
        .select_from(sa.outerjoin(CallBack, Queue, Queue.name == CallBack.queue))
        .where(_due(CallBack))
        .order_by(_aged().desc(), CallBack.entered_at, CallBack.id)
    )


def foremost(
    free: sa.Select[list[str], int], company: sa.Select[list[str], int], room: Mapping[str, int]
) -> sa.Select[Any]:  # fmt: skip
    """The place (`id`, `aged`, `entered_at`) of the first call-back that may be dialled now and that one of these
    `free` seats (columns `skills` and `seats`) can serve; no row where there is none. Profiles that `room` gives no
    call more are left out: nobody has to wait for them. Nor for any while `company`, the attendants' free seats, is
    empty: whoever answers is greeted."""
    seats = free.subquery("seats_for_call_backs")
    servable = sa.exists().where(CallBack.required_skills.op("<@")(seats.c.skills))
    full = among(sa.func.coalesce(CallBack.profile, ""), [profile for profile, more in room.items() if more <= 0])
    first = _in_line(CallBack.id, _aged().label("aged"), CallBack.entered_at)
    return first.where(servable, sa.not_(full), sa.exists(company.subquery("company").select())).limit(1)


async def ahead(tx: Tx, queue: str, priority: int, entered_at: datetime) -> int:
    """How many planned call-backs of this queue stand before this place: they count in positions like callers."""
    mine = aged(sa.literal(priority), sa.literal(entered_at, CallBack.entered_at.type))
    before = sa.or_(_aged() > mine, sa.and_(_aged() == mine, CallBack.entered_at < entered_at))
    found = await tx.scalar(
        sa.select(sa.func.count())
        .select_from(sa.outerjoin(CallBack, Queue, Queue.name == CallBack.queue))
        .where(CallBack.state == CallBackState.PLANNED, CallBack.queue == queue, before)
    )
    return int(found or 0)


async def lock_due(tx: Tx, call_back_id: str) -> CallBackRow | None:
    """Lock it if it may be dialled; None where another router has it, or it may not."""
    row = await tx.row(
        sa.select(*_COLUMNS)
        .where(CallBack.id == call_back_id, _due(CallBack))
        .with_for_update(of=CallBack, skip_locked=True)
    )
    return _row(row) if row else None


async def find(tx: Tx, call_back_id: str) -> CallBackRow | None:
    row = await tx.row(sa.select(*_COLUMNS).where(CallBack.id == call_back_id))
    return _row(row) if row else None


async def of_call(tx: Tx, call_id: CallId) -> CallBackRow | None:
    """The open call-back for which this call was placed, locked. The call must be locked before."""
    row = await tx.row(
        sa.select(*_COLUMNS).where(CallBack.call_id == call_id, CallBack.state.in_(OPEN)).with_for_update()
    )
    return _row(row) if row else None


async def planned_for_caller(tx: Tx, call_id: CallId) -> CallBackRow | None:
    """The planned call-back of whoever calls in this inbound call, locked; none for a test call."""
    caller = sa.select(Call.from_number).where(
        Call.id == call_id, Call.direction == Direction.INBOUND, Call.channel == CallChannel.SIP
    )
    row = await tx.row(
        sa.select(*_COLUMNS)
        .where(CallBack.number == caller.scalar_subquery(), CallBack.state == CallBackState.PLANNED)
        .with_for_update()
    )
    return _row(row) if row else None


async def dialling(tx: Tx, call_back_id: str, call_id: CallId) -> bool:
    """A call is placed for it: one more attempt."""
    return await _move(
        tx, CallBack.id == call_back_id, CallBackState.DIALLING,
        call_id=call_id, attempts=CallBack.attempts + 1, next_attempt_at=None, last_failure=None,
    )  # fmt: skip


async def confirming(tx: Tx, call_back_id: str) -> bool:
    """Somebody took the call."""
    return await _move(tx, CallBack.id == call_back_id, CallBackState.CONFIRMING)


async def missed(tx: Tx, call_back_id: str, because: str) -> None:
    """Note why this attempt will have reached nobody; what follows is decided when its call has ended."""
    await tx.execute(sa.update(CallBack).where(CallBack.id == call_back_id).values(last_failure=because))


async def again(tx: Tx, call_back_id: str, because: str, pause: Again) -> bool:
    """Back to its place, to be dialled after a pause. An attempt that does not count is taken back, if it was placed:
    only then has `dialling` counted it."""
    tx.news.add(Channel.LINE)
    placed = CallBack.state != CallBackState.PLANNED
    attempts = CallBack.attempts if pause.counts else sa.case((placed, CallBack.attempts - 1), else_=CallBack.attempts)
    return await _move(
        tx, CallBack.id == call_back_id, CallBackState.PLANNED, or_still=True, last_failure=because,
        next_attempt_at=from_now(pause.after_seconds), attempts=attempts,
    )  # fmt: skip


async def over(
    tx: Tx, call_back_id: str, after: CallBackState, because: str | None = None,
    only_from: CallBackState | None = None,
) -> bool:  # fmt: skip
    """Done, failed or cancelled; False when it was over, may not end so, or is in another state than `only_from`."""
    return await _move(
        tx, CallBack.id == call_back_id, after, only_from=only_from, next_attempt_at=None, last_failure=because,
        ended_at=sa.func.clock_timestamp(),
    )  # fmt: skip


async def _move(
    tx: Tx, which: sa.ColumnElement[bool], after: CallBackState, *, or_still: bool = False,
    only_from: CallBackState | None = None, **values: Any,
) -> bool:  # fmt: skip
    states = None if only_from is None else (only_from,)
    statement = move(CallBack, CALL_BACK_TRANSITIONS, after, only_from=states, or_still=or_still).where(which)
    return (await tx.execute(statement.values(**values) if values else statement)).rowcount == 1


async def page(
    tx: Tx, limit: int, after: tuple[datetime, str] | None, states: Sequence[CallBackState]
) -> list[sa.RowMapping]:
    """Latest promise first; `after` is the last one of the page before."""
    query = sa.select(CallBack.__table__).order_by(CallBack.asked_at.desc(), CallBack.id.desc()).limit(limit)
    if after is not None:
        place = sa.tuple_(sa.literal(after[0]), sa.literal(after[1], CallBack.id.type))
        query = query.where(sa.tuple_(CallBack.asked_at, CallBack.id) < place)
    if states:
        query = query.where(CallBack.state.in_(states))
    return await tx.rows(query)


async def read(tx: Tx, call_back_id: str) -> sa.RowMapping | None:
    return await tx.row(sa.select(CallBack.__table__).where(CallBack.id == call_back_id))
