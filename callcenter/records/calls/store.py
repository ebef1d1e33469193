"""All writing of calls and legs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.platform.plumbing.ids import CallId, LegId, OfferId, new_id
from callcenter.platform.plumbing.states import move
from callcenter.records.calls.model import (
    TRANSITIONS,
    Call,
    CallState,
    Channel,
    Direction,
    EndedBy,
    Lead,
    Leg,
    LegKind,
    Outcome,
)


@dataclass(frozen=True)
class Arrival:
    """What the room knows of a caller who has just come in; `headers` of the INVITE have names in lower case."""

    room: str
    caller_identity: str
    sip_call_id: str
    from_number: str
    to_number: str
    trunk: str
    channel: Channel = Channel.SIP
    active_at: datetime | None = None
    forged: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    call_id: CallId | None = None  # where it was told before the arrival
    profile: str | None = None  # asked for in the place of what rules decide


@dataclass(frozen=True)
class LockedCall:
    """A call as it stands, its row locked until the transaction ends."""

    id: CallId
    room: str
    caller_identity: str
    state: CallState
    lead: Lead
    lead_epoch: int
    queue: str | None
    profile: str | None
    arrived_at: datetime
    answered_at: datetime | None

    @property
    def live(self) -> bool:
        return self.state is not CallState.ENDED


_LOCKED = (
    Call.id, Call.room, Call.caller_identity, Call.state, Call.lead, Call.lead_epoch, Call.queue, Call.profile,
    Call.arrived_at, Call.answered_at,
)  # fmt: skip


def _locked(row: sa.RowMapping) -> LockedCall:
    return LockedCall(**{**row, "state": CallState(row["state"]), "lead": Lead(row["lead"])})


async def open_call(tx: Tx, arrival: Arrival) -> CallId | None:
    """Insert the call of this room, or return None when it has one already (I1: one room, one call record)."""
    call_id = arrival.call_id or CallId(new_id())
    statement = (
        insert(Call)
        .values(
            id=call_id,
            sip_call_id=arrival.sip_call_id,
            room=arrival.room,
            caller_identity=arrival.caller_identity,
            channel=arrival.channel,
            direction=Direction.INBOUND,
            from_number=arrival.from_number,
            to_number=arrival.to_number,
            trunk=arrival.trunk,
            state=CallState.RINGING,
            lead=Lead.NONE,
            arrived_at=sa.func.clock_timestamp(),
        )
        .on_conflict_do_nothing(index_elements=[Call.room])
        .returning(Call.id)
    )
    if await tx.scalar(statement) is None:
        return None
    await join(tx, call_id, LegKind.CALLER, arrival.caller_identity, None)
    return call_id


async def lock(tx: Tx, call_id: CallId) -> LockedCall | None:
    """Lock the call's row: the first thing every verb does."""
    row = await tx.row(sa.select(*_LOCKED).where(Call.id == call_id).with_for_update())
    return _locked(row) if row else None


async def lock_by_room(tx: Tx, room: str) -> LockedCall | None:
    row = await tx.row(sa.select(*_LOCKED).where(Call.room == room).with_for_update())
    return _locked(row) if row else None


async def set_route(
    tx: Tx, call_id: CallId, *, queue: str | None, profile: str | None, priority: int, version: int | None,
    rule: str | None, trace: list[str], facts: Mapping[str, Any],
) -> None:  # fmt: skip
    await tx.execute(
        sa.update(Call)
        .where(Call.id == call_id, Call.state != CallState.ENDED)
        .values(
            queue=queue,
            profile=profile,
            priority=priority,
            rule_set_version=version,
            rule=rule,
            trace=trace,
            routing_facts=dict(facts),
        )
    )


async def set_answered(tx: Tx, call_id: CallId, at: datetime) -> bool:
    """Keep the first instant at which the caller's leg was active, not before the arrival; False when it was known."""
    result = await tx.execute(
        sa.update(Call)
        .where(Call.id == call_id, Call.answered_at.is_(None), Call.state != CallState.ENDED)
        .values(answered_at=sa.func.least(sa.func.greatest(at, Call.arrived_at), sa.func.clock_timestamp()))
    )
    return result.rowcount == 1


async def set_lead(tx: Tx, call: LockedCall, lead: Lead) -> LockedCall:
    """Who leads from now on; the epoch counts the changes. The call as it stands then."""
    live = sa.update(Call).where(Call.id == call.id, Call.state != CallState.ENDED)
    epoch = await tx.scalar(live.values(lead=lead, lead_epoch=Call.lead_epoch + 1).returning(Call.lead_epoch))
    return call if epoch is None else replace(call, lead=lead, lead_epoch=epoch)


async def set_queue(tx: Tx, call_id: CallId, queue: str, profile: str, priority: int = 0) -> None:
    """The call went on to another queue; the rule that brought them here stays what it was."""
    await tx.execute(
        sa.update(Call)
        .where(Call.id == call_id, Call.state != CallState.ENDED)
        .values(queue=queue, profile=profile, priority=priority)
    )


async def set_profile_version(tx: Tx, call_id: CallId, version: int) -> None:
    """By which version of its profile the call is served from now on."""
    await tx.execute(sa.update(Call).where(Call.id == call_id).values(profile_version=version))


async def set_state(tx: Tx, call_id: CallId, after: CallState, only_from: CallState | None = None) -> bool:
    narrowed = None if only_from is None else (only_from,)
    result = await tx.execute(move(Call, TRANSITIONS, after, only_from=narrowed).where(Call.id == call_id))
    return result.rowcount == 1


async def end(tx: Tx, call_id: CallId, outcome: Outcome, by: EndedBy, caller_left_at: datetime | None = None) -> bool:
    """End the call and every leg in it; False when it had ended before (I1: exactly one outcome). `caller_left_at`:
    when the caller left by the media server's clock, where it is known."""
    result = await tx.execute(
        move(Call, TRANSITIONS, CallState.ENDED)
        .where(Call.id == call_id)
        .values(lead=Lead.NONE, ended_at=sa.func.clock_timestamp(), outcome=outcome, ended_by=by)
    )
    if result.rowcount != 1:
        return False
    await tx.execute(
        sa.update(Leg).where(Leg.call_id == call_id, Leg.left_at.is_(None)).values(left_at=sa.func.clock_timestamp())
    )
    if caller_left_at is not None:
        await caller_left(tx, call_id, caller_left_at)
    return True


async def caller_left(tx: Tx, call_id: CallId, at: datetime) -> None:
    """The caller of an ended call left at this instant already, before we noticed. A later one changes nothing."""
    await tx.execute(
        sa.update(Leg)
        .where(Leg.call_id == call_id, Leg.kind == LegKind.CALLER, Leg.left_at > at)
        .values(left_at=sa.func.greatest(at, Leg.joined_at))
    )


async def join(tx: Tx, call_id: CallId, kind: LegKind, identity: str, offer_id: OfferId | None) -> None:
    """A participant's media is in the room; once."""
    await tx.execute(
        insert(Leg)
        .values(
            id=new_id(), call_id=call_id, kind=kind, identity=identity, offer_id=offer_id,
            joined_at=sa.func.clock_timestamp(),
        )
        .on_conflict_do_nothing(index_elements=[Leg.call_id, Leg.identity])
    )  # fmt: skip


async def leg_joined(tx: Tx, call_id: CallId, kind: LegKind, identity: str, offer_id: OfferId) -> None:
    await join(tx, call_id, kind, identity, offer_id)


async def leg_left(tx: Tx, offer_id: OfferId) -> None:
    await tx.execute(
        sa.update(Leg).where(Leg.offer_id == offer_id, Leg.left_at.is_(None)).values(left_at=sa.func.clock_timestamp())
    )


async def participant_left(tx: Tx, call_id: CallId, identity: str) -> None:
    """The leg of one who belongs to no offer has ended."""
    await tx.execute(
        sa.update(Leg)
        .where(Leg.call_id == call_id, Leg.identity == identity, Leg.left_at.is_(None))
        .values(left_at=sa.func.clock_timestamp())
    )


async def leg_of_participant(tx: Tx, call_id: CallId, identity: str, kind: LegKind) -> LegId | None:
    """The leg of this participant, if it is of this kind."""
    where = (Leg.call_id == call_id, Leg.identity == identity, Leg.kind == kind)
    return await tx.scalar(sa.select(Leg.id).where(*where))  # type: ignore[no-any-return]


async def lead_epoch(tx: Tx, call_id: CallId) -> int:
    """How often the lead of this locked call has changed."""
    return int(await tx.scalar(sa.select(Call.lead_epoch).where(Call.id == call_id)))


async def leg_of(tx: Tx, call_id: CallId, offer_id: OfferId | None) -> LegId | None:
    """The leg of this offer's participant, or the caller's own for None."""
    where = Leg.kind == LegKind.CALLER if offer_id is None else Leg.offer_id == offer_id
    return await tx.scalar(sa.select(Leg.id).where(Leg.call_id == call_id, where))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class RoomOfCall:
    call_id: CallId
    room: str
    caller_identity: str
    live: bool
    answered: bool
    age_seconds: float


async def by_rooms(tx: Tx, rooms: list[str]) -> dict[str, RoomOfCall]:
    """The calls of these rooms and every live call besides: what the reconciler compares with LiveKit."""
    live = Call.state != CallState.ENDED
    found = await tx.rows(
        sa.select(
            Call.id.label("call_id"), Call.room, Call.caller_identity, live.label("live"),
            Call.answered_at.is_not(None).label("answered"),
            sa.extract("epoch", sa.func.clock_timestamp() - Call.arrived_at).cast(sa.Float).label("age_seconds"),
        ).where(sa.or_(live, Call.room.in_(rooms)))
    )  # fmt: skip
    return {row["room"]: RoomOfCall(**row) for row in found}


def living_longer_than(limit_seconds: float, state: CallState | None = None) -> sa.Select[str]:
    """Live calls older than this; only those in this state, if it is given."""
    return sa.select(Call.id).where(
        Call.state != CallState.ENDED if state is None else Call.state == state,
        Call.arrived_at < from_now(-limit_seconds),
    )


async def live_longer_than(tx: Tx, limit_seconds: float, state: CallState | None = None) -> list[CallId]:
    """All of `living_longer_than`."""
    rows = await tx.rows(living_longer_than(limit_seconds, state))
    return [row["id"] for row in rows]


async def was_served(tx: Tx, call_id: CallId) -> bool:
    """Whether an agent or a human ever joined this call."""
    served = (LegKind.AGENT, LegKind.SUPERVISOR, LegKind.PHONE)
    return bool(await tx.scalar(sa.select(sa.exists().where(Leg.call_id == call_id, Leg.kind.in_(served)))))


async def profile_of(tx: Tx, call_id: CallId) -> str | None:
    """The name of the profile that the call was routed to."""
    return await tx.scalar(sa.select(Call.profile).where(Call.id == call_id))  # type: ignore[no-any-return]


async def number_of(tx: Tx, call_id: CallId) -> str:
    """The caller's number, empty for none."""
    return await tx.scalar(sa.select(Call.from_number).where(Call.id == call_id))  # type: ignore[no-any-return]


async def room_of(tx: Tx, call_id: CallId) -> str | None:
    return await tx.scalar(sa.select(Call.room).where(Call.id == call_id))  # type: ignore[no-any-return]
