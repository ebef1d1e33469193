"""All SQL of calls out."""

from dataclasses import dataclass

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.platform.plumbing.states import move
from callcenter.stages.outbound.model import CALL_OUT_TRANSITIONS, LIVE, CallOut, CallOutState
from sip.guard import Placed

HOUR_SECONDS = 3600.0
DAY_SECONDS = 86400.0
CALLEE = "callee-"
ROOM_PREFIX = "out-"  # not `call-`: arrival takes such rooms for callers'

_LOCK = "calls_out"


@dataclass(frozen=True)
class LiveCallOut:
    """A call out that is not over, as far as the database knows."""

    id: str
    room: str
    state: CallOutState
    overdue: bool
    age_seconds: float  # since it was asked for


def room_of(call_out_id: str) -> str:
    """The room in which the callee's leg will be."""
    return f"{ROOM_PREFIX}{call_out_id}"


def is_shared(room: str) -> bool:
    """Whether this is a call's room, from which only the callee's leg is taken when the call out is over."""
    return not room.startswith(ROOM_PREFIX)


def callee_of(call_out_id: str) -> str:
    """The callee's identity in the room: no number, for identities are logged."""
    return f"{CALLEE}{call_out_id}"


async def state_of(tx: Tx, call_out_id: str) -> tuple[CallOutState, str | None] | None:
    """How a call out stands, and why it ended so."""
    row = await tx.row(sa.select(CallOut.state, CallOut.because).where(CallOut.id == call_out_id))
    return None if row is None else (CallOutState(row["state"]), row["because"])


async def lock_trunk(tx: Tx, trunk: str) -> None:
    """Nobody else counts or places calls on this trunk until this transaction ends. A trunk has no row of ours that
    could be locked."""
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(_LOCK), sa.func.hashtext(trunk))))


async def placed(tx: Tx, trunk: str) -> Placed:
    """What the trunk was used for. What failed counts too: its INVITE was sent."""
    begun = CallOut.requested_at
    row = await tx.row(
        sa.select(
            sa.func.count().filter(begun > from_now(-HOUR_SECONDS)).label("last_hour"),
            sa.func.count().filter(begun > from_now(-DAY_SECONDS)).label("last_day"),
            sa.func.count().filter(CallOut.state.in_(LIVE)).label("live"),
        ).where(
            CallOut.trunk == trunk, CallOut.state != CallOutState.REFUSED,
            sa.or_(begun > from_now(-DAY_SECONDS), CallOut.state.in_(LIVE)),
        )
    )  # fmt: skip
    assert row is not None
    return Placed(**row)


async def insert_asked(
    tx: Tx, call_out_id: str, trunk: str, number: str, purpose: str, room: str, live_seconds: float
) -> None:
    await tx.execute(
        sa.insert(CallOut).values(
            id=call_out_id, trunk=trunk, number=number, purpose=purpose, state=CallOutState.ASKED,
            room=room, live_until=from_now(live_seconds),
        )
    )  # fmt: skip


async def insert_refused(tx: Tx, call_out_id: str, trunk: str, number: str, purpose: str, because: str) -> None:
    await tx.execute(
        sa.insert(CallOut).values(
            id=call_out_id, trunk=trunk, number=number, purpose=purpose, state=CallOutState.REFUSED, because=because,
            room=room_of(call_out_id), ended_at=sa.func.clock_timestamp(),
        )
    )  # fmt: skip


async def dialling(tx: Tx, call_out_id: str, live_seconds: float) -> bool:
    result = await tx.execute(
        move(CallOut, CALL_OUT_TRANSITIONS, CallOutState.DIALLING)
        .where(CallOut.id == call_out_id, CallOut.live_until > sa.func.clock_timestamp())
        .values(live_until=from_now(live_seconds))
    )
    return result.rowcount == 1


async def answered(tx: Tx, call_out_id: str, sip_call_id: str, live_seconds: float) -> bool:
    """Somebody took it, whoever sees that first: the dialler, or who found them in the room. What either knows of the
    SIP Call-ID is kept."""
    result = await tx.execute(
        move(CallOut, CALL_OUT_TRANSITIONS, CallOutState.ANSWERED, or_still=True)
        .where(CallOut.id == call_out_id, CallOut.live_until > sa.func.clock_timestamp())
        .values(
            answered_at=sa.func.coalesce(CallOut.answered_at, sa.func.clock_timestamp()),
            sip_call_id=sa.func.coalesce(CallOut.sip_call_id, sip_call_id or None),
            live_until=from_now(live_seconds),
        )
    )
    return result.rowcount == 1


async def over(tx: Tx, call_out_id: str, after: CallOutState, because: str) -> bool:
    """Bring it to one of its ends; False where it is there already, or may not end so."""
    result = await tx.execute(
        move(CallOut, CALL_OUT_TRANSITIONS, after)
        .where(CallOut.id == call_out_id)
        .values(because=because, ended_at=sa.func.clock_timestamp(), live_until=None)
    )
    return result.rowcount == 1


async def time_is_up(tx: Tx, call_out_id: str) -> None:
    """It is to end now; should whoever says so die, a sweep ends it."""
    await tx.execute(
        sa.update(CallOut)
        .where(CallOut.id == call_out_id, CallOut.live_until.is_not(None))
        .values(live_until=sa.func.clock_timestamp())
    )


async def live(tx: Tx) -> list[LiveCallOut]:
    """Every call out that is not over."""
    rows = await tx.rows(
        sa.select(
            CallOut.id, CallOut.room, CallOut.state,
            (CallOut.live_until <= sa.func.clock_timestamp()).label("overdue"),
            sa.extract("epoch", sa.func.clock_timestamp() - CallOut.requested_at).cast(sa.Float).label("age_seconds"),
        ).where(CallOut.live_until.is_not(None))
    )  # fmt: skip
    return [LiveCallOut(**{**row, "state": CallOutState(row["state"])}) for row in rows]


async def over_but_there(tx: Tx, rooms: list[str]) -> list[str]:
    """Those of these rooms in which a call out of ours was, and is over. Of rooms that we do not know, we say nothing:
    somebody else's product may share the media server."""
    rows = await tx.rows(sa.select(CallOut.room).where(CallOut.room.in_(rooms), CallOut.live_until.is_(None)))
    return [row["room"] for row in rows]


async def still_overdue(tx: Tx, call_out_id: str) -> bool:
    """Lock it, and say whether its time is up; False when it is over, or somebody has moved it on meanwhile."""
    found = await tx.scalar(
        sa.select(CallOut.id)
        .where(CallOut.id == call_out_id, CallOut.live_until <= sa.func.clock_timestamp())
        .with_for_update()
    )
    return found is not None
