"""All SQL of supervisors in calls: who takes part, in which mode, and whether their console is alive."""

from dataclasses import dataclass

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.platform.plumbing.ids import CallId, new_id
from callcenter.platform.plumbing.livekit_rooms import Rights
from callcenter.platform.plumbing.states import move
from callcenter.records.calls.model import Call
from callcenter.setup.users.model import User
from callcenter.stages.escalation.model import SUPERVISION_TRANSITIONS, Mode, Supervision, SupervisionState
from callcenter.stages.escalation.presences import SUPERVISING
from callcenter.stages.escalation.rules import CONSOLE_CLOSED_SECONDS, CONSOLE_SILENT_SECONDS, identity_of, rights

LOOK_SECONDS = 2.0  # so often whoever is expected in a room, or has no line of a console, is looked for there
LOST = "their console was lost"
_NOW = sa.func.clock_timestamp()
_THERE = Supervision.state.in_([SupervisionState.INVITED, SupervisionState.PRESENT])


@dataclass(frozen=True)
class SupervisionRow:
    """A supervisor's part in a call as it stands."""

    id: str
    call_id: CallId
    user_id: str
    state: SupervisionState
    mode: Mode
    held: bool
    name: str

    @property
    def identity(self) -> str:
        return identity_of(self.id)

    @property
    def there(self) -> bool:
        return self.state is not SupervisionState.LEFT

    @property
    def leads(self) -> bool:
        return self.state is SupervisionState.PRESENT and self.mode is Mode.TAKE_OVER


_COLUMNS = (
    Supervision.id, Supervision.call_id, Supervision.user_id, Supervision.state, Supervision.mode, Supervision.held,
    User.name,
)  # fmt: skip
_SELECT = sa.select(*_COLUMNS).join(User, User.id == Supervision.user_id)


def _row(row: sa.RowMapping | None) -> SupervisionRow | None:
    if row is None:
        return None
    return SupervisionRow(**{**row, "state": SupervisionState(row["state"]), "mode": Mode(row["mode"])})


async def invite(tx: Tx, call_id: CallId, user_id: str, mode: Mode, join_seconds: float) -> str:
    """Expect this supervisor in the room; the id of the new supervision. They must have none in this call."""
    supervision_id = new_id()
    await tx.execute(
        sa.insert(Supervision).values(
            id=supervision_id, call_id=call_id, user_id=user_id, state=SupervisionState.INVITED, mode=mode,
            join_by=from_now(join_seconds),
        )
    )  # fmt: skip
    return supervision_id


async def expect_again(tx: Tx, supervision_id: str, join_seconds: float) -> None:
    """A new token for one that is there: the browser was loaded again, and does not know of a hold."""
    again = sa.update(Supervision).where(Supervision.id == supervision_id, _THERE)
    await tx.execute(again.values(join_by=from_now(join_seconds), line_closed_at=None, looked_at=_NOW, held=False))


async def find(tx: Tx, supervision_id: str) -> SupervisionRow | None:
    return _row(await tx.row(_SELECT.where(Supervision.id == supervision_id)))


async def rights_of(tx: Tx, supervision_id: str) -> Rights | None:
    """What they may do in the room; None when they are out of the call."""
    found = await find(tx, supervision_id)
    return rights(found.mode, held=found.held) if found is not None and found.there else None


async def room_of(tx: Tx, supervision_id: str) -> str | None:
    """The room of their call."""
    query = sa.select(Call.room).join(Supervision, Supervision.call_id == Call.id)
    return await tx.scalar(query.where(Supervision.id == supervision_id))  # type: ignore[no-any-return]


async def there_of(tx: Tx, call_id: CallId) -> list[SupervisionRow]:
    """Who is in the room, or expected there, in the order of coming."""
    rows = await tx.rows(_SELECT.where(Supervision.call_id == call_id, _THERE).order_by(Supervision.invited_at))
    return [found for row in rows if (found := _row(row))]


async def there(tx: Tx, call_id: CallId, user_id: str) -> SupervisionRow | None:
    """This supervisor's part in the call, while they take one."""
    mine = (Supervision.call_id == call_id, Supervision.user_id == user_id, _THERE)
    return _row(await tx.row(_SELECT.where(*mine)))


async def last_mode(tx: Tx, call_id: CallId, user_id: str) -> Mode | None:
    """In which mode they last were in this call."""
    mine = (Supervision.call_id == call_id, Supervision.user_id == user_id)
    query = sa.select(Supervision.mode).where(*mine).order_by(Supervision.invited_at.desc()).limit(1)
    found = await tx.scalar(query)
    return Mode(found) if found is not None else None


async def present(tx: Tx, supervision_id: str) -> bool:
    """They are in the room; False when that was known, or is over."""
    came = move(Supervision, SUPERVISION_TRANSITIONS, SupervisionState.PRESENT).where(Supervision.id == supervision_id)
    return (await tx.execute(came.values(joined_at=_NOW, looked_at=_NOW))).rowcount == 1


async def left(tx: Tx, supervision_id: str, because: str) -> bool:
    """They are out of the call; False when they were."""
    gone = move(Supervision, SUPERVISION_TRANSITIONS, SupervisionState.LEFT).where(Supervision.id == supervision_id)
    return (await tx.execute(gone.values(left_at=_NOW, because=because))).rowcount == 1


async def set_mode(tx: Tx, supervision_id: str, mode: Mode) -> None:
    await tx.execute(
        sa.update(Supervision).where(Supervision.id == supervision_id, _THERE).values(mode=mode, held=False)
    )


async def hold(tx: Tx, supervision_id: str, held: bool) -> None:
    """The caller is on hold, or not any more. Another mode ends it."""
    await tx.execute(sa.update(Supervision).where(Supervision.id == supervision_id, _THERE).values(held=held))


# --- lines of consoles -----------------------------------------------------------------------------------------------


async def beat(tx: Tx, supervision_id: str) -> bool:
    """Their console is alive; False when they are out of the call."""
    alive = sa.update(Supervision).where(Supervision.id == supervision_id, _THERE)
    return (await tx.execute(alive.values(beat_at=_NOW, line_closed_at=None))).rowcount == 1


async def console_lives(tx: Tx, supervision_id: str) -> bool:
    """Whether their console beats, or was closed so recently that it may be back; False for one that has none."""
    lives = sa.and_(
        Supervision.beat_at > from_now(-CONSOLE_SILENT_SECONDS),
        sa.or_(
            Supervision.line_closed_at.is_(None), Supervision.line_closed_at > from_now(-CONSOLE_CLOSED_SECONDS)
        ),
    )  # fmt: skip
    return bool(await tx.scalar(sa.select(sa.exists().where(Supervision.id == supervision_id, lives))))


async def line_closed(tx: Tx, supervision_id: str) -> None:
    """The console's connection is closed. One that comes back in time says so with its first beat."""
    closed = sa.update(Supervision).where(Supervision.id == supervision_id, _THERE, Supervision.beat_at.is_not(None))
    await tx.execute(closed.values(line_closed_at=_NOW))


_MAY_NO_MORE = sa.exists().where(
    User.id == Supervision.user_id, sa.or_(User.disabled_at.is_not(None), User.role.not_in(SUPERVISING))
)


def _dead() -> sa.ColumnElement[bool]:
    """As `rules.is_dead`; and whoever has not come in time, or may not supervise any more."""
    return sa.and_(
        _THERE,
        sa.or_(
            _MAY_NO_MORE,
            Supervision.line_closed_at <= from_now(-CONSOLE_CLOSED_SECONDS),
            sa.and_(Supervision.line_closed_at.is_(None), Supervision.beat_at <= from_now(-CONSOLE_SILENT_SECONDS)),
            sa.and_(Supervision.state == SupervisionState.INVITED, Supervision.join_by <= _NOW),
        ),
    )


def _to_look_for() -> sa.ColumnElement[bool]:
    return sa.and_(_THERE, Supervision.looked_at <= from_now(-LOOK_SECONDS))


def work() -> sa.Select[str]:
    """Supervisions that the router has something to do about."""
    return sa.select(Supervision.id).where(sa.or_(_dead(), _to_look_for()))


async def dead(tx: Tx) -> dict[str, str]:
    """Whose console has died, who never came, or who may not supervise any more: why they are out, by id."""
    because = sa.case((_MAY_NO_MORE, "they may not supervise any more"), else_=LOST)
    rows = await tx.rows(sa.select(Supervision.id, because.label("because")).where(_dead()))
    return {row["id"]: row["because"] for row in rows}


async def to_look_for(tx: Tx) -> list[str]:
    """Who is to be looked for in their rooms now; it is noted that somebody does."""
    due = sa.select(Supervision.id).where(_to_look_for()).with_for_update(skip_locked=True)
    looked = sa.update(Supervision).where(Supervision.id.in_(due)).values(looked_at=_NOW).returning(Supervision.id)
    return [row["id"] for row in await tx.rows(looked)]


async def names_of(tx: Tx, call_id: CallId) -> list[str]:
    """The names of everybody who has taken part in this call, whatever became of it."""
    query = sa.select(User.name).join(Supervision, Supervision.user_id == User.id).where(Supervision.call_id == call_id)
    return [row["name"] for row in await tx.rows(query.distinct())]
