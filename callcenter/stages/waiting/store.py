"""All SQL of standing in line; taking calls out of it is in line.py."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Channel, Tx, from_now
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.plumbing.sets import among
from callcenter.platform.plumbing.states import move
from callcenter.records.calls.model import Leg, LegKind
from callcenter.setup.queues.model import Queue
from callcenter.stages.waiting.line import aged
from callcenter.stages.waiting.model import WAITING_TRANSITIONS, WaitingEntry, WaitingState
from callcenter.stages.waiting.rules import PERIOD_SECONDS, Answer, Skills
from callcenter.stages.waiting.treatment import MAY_LEAD_BACK, TREATMENT, Treatment, takes_seconds

LAST_WORDS_SECONDS = 30.0  # for an attendant to come and say a sentence, or begin another treatment
MOST_ANSWERS = 50
NO_SKILLS = Skills(())
# How long after `counted_from` the first fallback happens that has not happened yet; null when there is none.
FIRST_AFTER = sa.func.make_interval(0, 0, 0, 0, 0, 0, WaitingEntry.fallbacks[0]["after_seconds"].astext.cast(sa.Float))


# Written out, as the partial index has it.
UNSERVED = sa.literal_column("waiting_entries.state IN ('waiting', 'offered')", sa.Boolean())


@dataclass(frozen=True)
class Entry:
    """A call's place. `required_skills` are those that it asks for when it has waited long enough for others: the
    preferred ones are insisted on for `prefer_seconds` more."""

    state: WaitingState
    queue: str | None
    treatment: Treatment | None
    entered_at: datetime
    priority: int = 0
    required_skills: tuple[str, ...] = ()
    preferred_skills: tuple[str, ...] = ()
    prefer_seconds: float = 0.0


async def enter(
    tx: Tx, call_id: CallId, *, queue: str | None, priority: int, attendant_after_seconds: float | None,
    gives_up_after_seconds: float | None, skills: Skills = NO_SKILLS, prefer_seconds: float = 0, profile: str = "",
    treatment: Treatment | None = None, entered_at: datetime | None = None,
) -> None:  # fmt: skip
    """Wait from now on: in a queue, or for an attendant who begins a treatment. A call that waited already goes there
    with its original arrival, with the attendant that it has or is to get, and with its fallbacks. `entered_at`: the
    place of an earlier call that this one goes on with, if that is better. Without `attendant_after_seconds` none is
    wanted yet."""
    tx.news.add(Channel.LINE)
    gives_up: sa.ColumnElement[datetime] | None = None
    if gives_up_after_seconds is not None:
        gives_up = from_now(gives_up_after_seconds)
    values: dict[str, Any] = {
        "state": WaitingState.WAITING, "queue": queue, "profile": profile, "priority": priority,
        "gives_up_at": gives_up, "treatment": kept(treatment), **_skills(skills, prefer_seconds),
    }  # fmt: skip
    if treatment is not None:
        values |= {"fallbacks": [], "next_fallback_at": None}
    first = {
        "entered_at": sa.func.clock_timestamp() if entered_at is None else entered_at,
        "attendant_due_at": None if attendant_after_seconds is None else from_now(attendant_after_seconds),
    }
    place = {} if entered_at is None else {"entered_at": sa.func.least(WaitingEntry.entered_at, entered_at)}
    await tx.execute(
        insert(WaitingEntry)
        .values(call_id=call_id, **first, **values)
        .on_conflict_do_update(
            index_elements=[WaitingEntry.call_id], set_=values | place,
            where=WaitingEntry.state == WaitingState.WAITING,
        )
    )  # fmt: skip


def _skills(skills: Skills, prefer_seconds: float) -> dict[str, Any]:
    return {
        "required_skills": list(skills.required),
        "preferred_skills": list(skills.preferred),
        "prefer_until": from_now(prefer_seconds) if skills.insisted else None,
    }


def kept(treatment: Treatment | None) -> dict[str, Any] | None:
    """A treatment as it is stored."""
    return None if treatment is None else treatment.model_dump(mode="json")


async def entry(tx: Tx, call_id: CallId) -> Entry | None:
    insisting = sa.extract("epoch", WaitingEntry.prefer_until - sa.func.clock_timestamp()).cast(sa.Float)
    row = await tx.row(
        sa.select(
            WaitingEntry.state, WaitingEntry.queue, WaitingEntry.treatment, WaitingEntry.entered_at,
            WaitingEntry.priority, WaitingEntry.required_skills, WaitingEntry.preferred_skills,
            WaitingEntry.prefer_until, insisting.label("prefer_seconds"),
        ).where(WaitingEntry.call_id == call_id)
    )  # fmt: skip
    if row is None:
        return None
    treatment = None if row["treatment"] is None else TREATMENT.validate_python(row["treatment"])
    insisted = () if row["prefer_until"] is None else row["preferred_skills"]
    required = tuple(skill for skill in row["required_skills"] if skill not in insisted)
    return Entry(
        WaitingState(row["state"]), row["queue"], treatment, row["entered_at"], row["priority"], required,
        tuple(row["preferred_skills"]), max(0.0, row["prefer_seconds"] or 0.0),
    )  # fmt: skip


async def offered(tx: Tx, *call_ids: CallId) -> bool:
    """A seat is asked for each of these calls; False when one of them was not waiting."""
    result = await tx.execute(
        move(WaitingEntry, WAITING_TRANSITIONS, WaitingState.OFFERED).where(among(WaitingEntry.call_id, call_ids))
    )
    return result.rowcount == len(call_ids)


async def served(tx: Tx, call_id: CallId) -> bool:
    """A seat, or somebody outside, has the call: it waits for nobody any more."""
    result = await tx.execute(
        move(WaitingEntry, WAITING_TRANSITIONS, WaitingState.SERVED)
        .where(WaitingEntry.call_id == call_id)
        .values(attendant_due_at=None, gives_up_at=None)
    )
    return result.rowcount == 1


async def back(tx: Tx, call_id: CallId, max_wait_seconds: float | None) -> bool:
    """Back to its old place. A call that was served and lost its agent may wait its full time again, for what
    it still has of fallbacks as well."""
    tx.news.add(Channel.LINE)
    anew = None if max_wait_seconds is None else from_now(max_wait_seconds)
    was_served = WaitingEntry.state == WaitingState.SERVED
    counted = sa.case((was_served, sa.func.clock_timestamp()), else_=WaitingEntry.counted_from)
    result = await tx.execute(
        move(WaitingEntry, WAITING_TRANSITIONS, WaitingState.WAITING)
        .where(WaitingEntry.call_id == call_id)
        .values(
            gives_up_at=sa.case((was_served, anew), else_=WaitingEntry.gives_up_at),
            counted_from=counted,
            next_fallback_at=counted + FIRST_AFTER,
        )
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
    """An attendant has the call; for a treatment it gets the time that one takes."""
    found = await entry(tx, call_id)
    values: dict[str, Any] = {"attendant_due_at": None}
    if found is not None and found.treatment is not None:
        values["gives_up_at"] = from_now(takes_seconds(found.treatment))
    await tx.execute(
        sa.update(WaitingEntry)
        .where(WaitingEntry.call_id == call_id, WaitingEntry.state != WaitingState.LEFT)
        .values(**values)
    )


async def attendant_gone(tx: Tx, call_id: CallId, retry_seconds: float) -> None:
    """The attendant failed: another one soon, and a limit again for what only an attendant can do."""
    await attendant_wanted(tx, call_id, retry_seconds)
    await tx.execute(
        sa.update(WaitingEntry)
        .where(WaitingEntry.call_id == call_id, WaitingEntry.treatment.is_not(None), WaitingEntry.gives_up_at.is_(None))
        .values(gives_up_at=from_now(LAST_WORDS_SECONDS))
    )


async def treat(tx: Tx, call_id: CallId, treatment: Treatment, *, told: bool) -> None:
    """The call waits for no agent any more, only for an attendant (unless one is `told`) to begin this; if nobody can,
    the wait ends soon. What may lead back into the line keeps the fallbacks that are still to come."""
    tx.news.add(Channel.LINE)
    kept_beside: dict[str, Any] = {} if isinstance(treatment, MAY_LEAD_BACK) else {"fallbacks": []}
    await tx.execute(
        move(WaitingEntry, WAITING_TRANSITIONS, WaitingState.WAITING, or_still=True)
        .where(WaitingEntry.call_id == call_id)
        .values(
            treatment=kept(treatment),
            **kept_beside,
            next_fallback_at=None,
            attendant_due_at=None if told else sa.func.clock_timestamp(),
            gives_up_at=from_now(LAST_WORDS_SECONDS),
        )
    )


def in_queue(call_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether this call waits in a queue and nobody is asked for it at this moment."""
    return sa.exists().where(
        WaitingEntry.call_id == call_id, WaitingEntry.state == WaitingState.WAITING, WaitingEntry.treatment.is_(None)
    )


async def position(tx: Tx, call_id: CallId) -> int | None:
    """Where a call stands among those of its queue, in the order in which they are served; 1 is next. None when it does
    not wait in a queue at this moment."""
    mine = sa.orm.aliased(WaitingEntry)
    line = sa.and_(
        WaitingEntry.state == WaitingState.WAITING, WaitingEntry.treatment.is_(None), WaitingEntry.queue == mine.queue
    )
    aged_now, aged_mine = aged(), aged(mine)
    before = sa.or_(
        aged_now > aged_mine,
        sa.and_(
            aged_now == aged_mine,
            sa.tuple_(WaitingEntry.entered_at, WaitingEntry.call_id) <= sa.tuple_(mine.entered_at, mine.call_id),
        ),
    )
    found = await tx.scalar(
        sa.select(sa.func.count())
        .select_from(mine)
        .outerjoin(Queue, Queue.name == mine.queue)
        .join(WaitingEntry, sa.and_(line, before))
        .where(mine.call_id == call_id, mine.state == WaitingState.WAITING, mine.treatment.is_(None))
    )
    return found or None


async def answers(tx: Tx, queue: str) -> list[Answer]:
    """The queue's latest calls that an agent took, of those that `expected_wait` judges by."""
    rows = await tx.rows(
        sa.select(WaitingEntry.entered_at, Leg.joined_at)
        .join(WaitingEntry, WaitingEntry.call_id == Leg.call_id)
        .where(Leg.kind == LegKind.AGENT, Leg.joined_at > from_now(-PERIOD_SECONDS), WaitingEntry.queue == queue)
        .order_by(Leg.joined_at.desc())
        .limit(MOST_ANSWERS)
    )
    return [Answer(row["entered_at"], row["joined_at"]) for row in rows]


async def without_limits(tx: Tx, call_id: CallId) -> None:
    """A human talks to the caller: the place in line is only for an agent that listens, and nothing runs out."""
    await tx.execute(
        sa.update(WaitingEntry)
        .where(WaitingEntry.call_id == call_id, WaitingEntry.state != WaitingState.LEFT)
        .values(attendant_due_at=None, gives_up_at=None, next_fallback_at=None)
    )


async def limited(tx: Tx, call_id: CallId, max_wait_seconds: float | None) -> None:
    """The human is gone: the caller waits in line like any other, from now on."""
    limit = None if max_wait_seconds is None else from_now(max_wait_seconds)
    await tx.execute(
        sa.update(WaitingEntry)
        .where(WaitingEntry.call_id == call_id, WaitingEntry.state != WaitingState.LEFT)
        .values(gives_up_at=limit)
    )


async def leave(tx: Tx, call_id: CallId) -> None:
    await tx.execute(
        move(WaitingEntry, WAITING_TRANSITIONS, WaitingState.LEFT)
        .where(WaitingEntry.call_id == call_id)
        .values(attendant_due_at=None, gives_up_at=None, prefer_until=None, next_fallback_at=None)
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
