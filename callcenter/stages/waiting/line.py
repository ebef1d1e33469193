"""All SQL of taking calls out of the line in their order.

Calls of one queue, profile and priority that ask for the same skills wait side by side in the index
`ix_waiting_entries_wishes`. Few such groups hold the whole line, and within each the order is that of arrival, however
priorities age: so a router looks at their fronts alone. Calls that nobody can serve cost nothing, however many stand
first, and nobody has to write down every minute that all who wait have become older.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.plumbing.sets import given
from callcenter.records.calls.model import Call
from callcenter.setup.queues import ageing
from callcenter.setup.queues.model import Queue
from callcenter.stages.waiting.model import WaitingEntry, WaitingState

Condition = Callable[[Any], sa.ColumnElement[bool]]  # of a column that holds a call id
# Written out, not bound: only so does Postgres know that the partial index holds all of them, whatever the plan.
IN_LINE = sa.and_(
    WaitingEntry.state == sa.literal_column(f"'{WaitingState.WAITING}'"), WaitingEntry.treatment.is_(None)
)
_WISH = (WaitingEntry.queue, WaitingEntry.profile, WaitingEntry.required_skills, WaitingEntry.priority)
NOBODY: Mapping[str, int] = {}


def aged(entry: Any = WaitingEntry) -> sa.ColumnElement[int]:
    """`rules.aged_priority` of a waiting entry joined with its queue."""
    return ageing.aged(entry.priority, entry.entered_at)


def order() -> tuple[Any, ...]:
    """The order of the line, for waiting entries joined with their queues."""
    return aged().desc(), WaitingEntry.entered_at, WaitingEntry.call_id


@dataclass(frozen=True)
class Place:
    """A call in line, its row and the call's row locked, and what who comes to it needs to know."""

    call_id: CallId
    profile: str
    required_skills: tuple[str, ...]
    preferred_skills: tuple[str, ...]
    room: str
    caller_identity: str


async def front(
    tx: Tx, free: sa.Select[list[str], int], fenced: Condition, limit: int,
    look: int | None = None, room: Mapping[str, int] = NOBODY, until: sa.Select[Any] | None = None,
) -> list[Place]:  # fmt: skip
    """The first calls in line that `free` seats (columns `skills` and `seats`) can serve, locked, in their order, at
    most `limit`. Calls that others work on are skipped, and so are those for which `fenced` holds. `room`: of profiles
    that have a ceiling, how many calls more they may have. `until`: at most one place (columns `aged`, `entered_at` and
    `id`); nobody who stands behind it is looked at.

    It looks at the first `look` servable calls, those of others among them; without it, at the first `limit`.
    """
    look = look or limit
    servable = _servable(free, room).cte("servable")
    deeper = look - limit
    most = sa.func.least(look, servable.c.seats + deeper, servable.c.room + deeper)
    of_wish = _of_wish(servable, fenced, most, until)
    first = (
        sa.select(of_wish.c.call_id)
        .select_from(servable)
        .join(of_wish, sa.true())
        .order_by(of_wish.c.aged.desc(), of_wish.c.entered_at, of_wish.c.call_id)
        .limit(look)
    )
    chosen = WaitingEntry.call_id == sa.any_(sa.func.array(first.scalar_subquery()))
    return _within(await _locked(tx, sa.and_(chosen, IN_LINE), order(), limit), room)


async def anybody_before(
    tx: Tx, free: sa.Select[list[str], int], fenced: Condition, place: sa.Select[Any],
    room: Mapping[str, int] = NOBODY,
) -> bool:  # fmt: skip
    """Whether a call in line that `front` would choose from stands before this place (as its `until`)."""
    servable = _servable(free, room).cte("servable")
    of_wish = _of_wish(servable, fenced, 1, place)
    found = sa.select(of_wish.c.call_id).select_from(servable).join(of_wish, sa.true())
    return bool(await tx.scalar(sa.select(found.exists())))


def _of_wish(servable: sa.CTE, fenced: Condition, most: Any, until: sa.Select[Any] | None) -> sa.FromClause:
    """The first calls of each servable group."""
    where = [*(column == servable.c[column.key] for column in _WISH), IN_LINE, ~fenced(WaitingEntry.call_id)]
    if until is not None:
        where.append(~_behind(until))
    return (
        sa.select(WaitingEntry.call_id, WaitingEntry.entered_at, aged().label("aged"))
        .select_from(sa.outerjoin(WaitingEntry, Queue, Queue.name == WaitingEntry.queue))
        .where(*where)
        .order_by(WaitingEntry.entered_at, WaitingEntry.call_id)
        .limit(most)
        .lateral("of_wish")
    )


def _behind(place: sa.Select[Any]) -> sa.ColumnElement[bool]:
    """Whether a waiting entry stands behind this place; nobody does where there is none. It is found once for all."""
    of = place.cte("until").prefix_with("MATERIALIZED", dialect="postgresql")
    before = sa.or_(
        of.c.aged > aged(),
        sa.and_(
            of.c.aged == aged(),
            sa.tuple_(of.c.entered_at, of.c.id) < sa.tuple_(WaitingEntry.entered_at, WaitingEntry.call_id),
        ),
    )
    return sa.exists(sa.select(of.c.id).where(before).correlate(WaitingEntry, Queue))


def _within(places: list[Place], room: Mapping[str, int]) -> list[Place]:
    """Without those that their profiles have no room for: several groups may share a profile."""
    left = dict(room)
    found = []
    for place in places:
        if place.profile in left:
            if left[place.profile] <= 0:
                continue
            left[place.profile] -= 1
        found.append(place)
    return found


def _servable(free: sa.Select[list[str], int], room: Mapping[str, int]) -> sa.Select[Any]:
    """The groups that a free seat can serve and whose profile has room, each with how many seats there are."""
    wishes = _wishes()
    seats = free.cte("free")
    ceilings = given({"profile": sa.Text(), "room": sa.Integer()}, sorted(room.items()))
    return (
        sa.select(*wishes.c, sa.func.sum(seats.c.seats).label("seats"), ceilings.c.room)
        .join(seats, wishes.c.required_skills.op("<@")(seats.c.skills))
        .outerjoin(ceilings, ceilings.c.profile == wishes.c.profile)
        .where(sa.or_(ceilings.c.room.is_(None), ceilings.c.room > 0))
        .group_by(*wishes.c, ceilings.c.room)
    )


def movable(free: sa.Select[list[str], int]) -> sa.Select[str]:
    """Calls in line that one of these free seats can serve, one of each group, and those due for an attendant."""
    servable = _servable(free, NOBODY).cte("servable")
    one = (
        sa.select(WaitingEntry.call_id)
        .where(*(column == servable.c[column.key] for column in _WISH), IN_LINE)
        .limit(1)
        .lateral("one")
    )
    due = sa.select(WaitingEntry.call_id).where(WaitingEntry.attendant_due_at <= sa.func.clock_timestamp())
    in_line = sa.select(one.c.call_id).select_from(servable).join(one, sa.true())
    return sa.select(sa.union_all(in_line, due).subquery("movable").c.call_id)


def _wishes() -> sa.CTE:
    """The groups of the line, found by one step in the index for each
    (https://wiki.postgresql.org/wiki/Loose_indexscan)."""
    one = sa.select(*_WISH).where(IN_LINE).order_by(*_WISH).limit(1)
    wishes = one.cte("wishes", recursive=True)
    following = one.where(sa.tuple_(*_WISH) > sa.tuple_(*wishes.c)).lateral("following")
    return wishes.union_all(sa.select(*following.c).select_from(wishes).join(following, sa.true()))


async def next_for_attendant(tx: Tx, has_one: Condition) -> Place | None:
    """The call that has rung longest past its answering time and has no attendant, locked."""
    due = sa.and_(WaitingEntry.attendant_due_at <= sa.func.clock_timestamp(), ~has_one(WaitingEntry.call_id))
    found = await _locked(tx, due, (WaitingEntry.attendant_due_at,), 1)
    return found[0] if found else None


async def _locked(tx: Tx, where: sa.ColumnElement[bool], by: tuple[Any, ...], limit: int) -> list[Place]:
    rows = await tx.rows(
        sa.select(
            WaitingEntry.call_id, WaitingEntry.profile, WaitingEntry.required_skills, WaitingEntry.preferred_skills,
            Call.room, Call.caller_identity,
        )
        .join(Call, Call.id == WaitingEntry.call_id)
        .outerjoin(Queue, Queue.name == WaitingEntry.queue)
        .where(where)
        .order_by(*by)
        .limit(limit)
        .with_for_update(of=(WaitingEntry, Call), skip_locked=True)
    )  # fmt: skip
    lists = ("required_skills", "preferred_skills")
    return [Place(**{**row, **{name: tuple(row[name]) for name in lists}}) for row in rows]
