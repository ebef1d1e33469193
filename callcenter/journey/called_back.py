"""A call-back whose turn has come: a seat is kept, the caller's phone rings, somebody answers or nobody does."""

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from callcenter.journey import effects
from callcenter.journey.answered import note_active
from callcenter.journey.arrived import caller_left
from callcenter.journey.call_back_missed import follow, policy_of, told
from callcenter.journey.ended import end
from callcenter.journey.offered import send_attendant
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId, new_id
from callcenter.platform.plumbing.livekit_calls import OutboundTrunk
from callcenter.platform.wire.base import SeatKind
from callcenter.records.calls import out
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import EndedBy, Outcome
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.queues.rules import CallBackPolicy
from callcenter.stages.callbacks import store as call_backs
from callcenter.stages.callbacks.model import CallBackState
from callcenter.stages.callbacks.rules import Missed
from callcenter.stages.callbacks.store import CallBackRow
from callcenter.stages.offers import ceilings, seats
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.model import OfferState
from callcenter.stages.offers.rules import Wish
from callcenter.stages.offers.seats import FreeSeat
from callcenter.stages.offers.store import OfferRow
from callcenter.stages.outbound import flow as calls_out
from callcenter.stages.outbound import store as calls_out_store
from callcenter.stages.outbound.flow import Asked, Order
from callcenter.stages.outbound.model import Purpose
from callcenter.stages.waiting import line, places
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.rules import Skills
from callcenter.stages.waiting.treatment import CallBackCheck
from sip.guard import Refusal

Taken = list[tuple[SeatKind, Wish, FreeSeat]]
ROOM_PREFIX = "call-back-"  # arrival's, so that webhooks and the reconciler see who leaves
DIAL_GRACE_SECONDS = 10.0  # from the decision to the INVITE, and from the ringing's end to our knowing it
CONFIRM_SECONDS = 45.0  # two questions; so long the seat is kept after somebody answered
END_GRACE_SECONDS = 60.0  # our own limit ends the call before that of the call out does


@dataclass(frozen=True)
class Due:
    """A call-back that may be dialled; `trunk` is the one that its queue names."""

    id: str
    number: str
    trunk: str | None


async def next_due(j: Journey) -> Due | None:
    """The first call-back in line that may be dialled and that a free seat can serve."""
    async with j.db.transaction() as tx:
        first = await tx.row(call_backs.foremost(*_free(j), await ceilings.room(tx)))
        row = await call_backs.find(tx, first["id"]) if first else None
        return Due(row.id, row.number, (await policy_of(tx, row)).trunk) if row else None


async def rings(j: Journey, call_back_id: str, trunk: OutboundTrunk) -> tuple[CallId, Asked] | None:
    """Place the call of a call-back whose turn it is: the next free seat would be its own, and is kept for it while the
    phone rings, by an offer of which the worker hears once the caller has confirmed; and so is an attendant's seat, who
    greets them at once. What is returned is dialled after the commit, by one process. None when it is not its turn, or
    it may not be."""
    async with j.verb() as tx:
        row = await call_backs.lock_due(tx, call_back_id)
        if row is None or not await _its_turn(tx, j, row):
            return None
        call_id = CallId(new_id())
        taken = await _seats_for(tx, j, call_id, frozenset(row.required_skills))
        if taken is None:
            return None
        policy, room = await policy_of(tx, row), f"{ROOM_PREFIX}{call_id}"
        talk = j.timing.max_call + END_GRACE_SECONDS
        order = Order(trunk.name, row.number, Purpose.CALL_BACK, policy.ring_seconds, talk)
        asked = await calls_out.ask(tx, order, trunk.guard, room)
        if isinstance(asked, Refusal):
            await _give_back(tx, taken)
            await follow(tx, row, f"refused_{asked.why}", policy, attempts=row.attempts + 1)
            return None
        await _placed(tx, row, policy, call_id, asked, trunk)
        for kind, wish, seat in taken:
            await _seat_kept(tx, kind, wish, seat, policy.ring_seconds + DIAL_GRACE_SECONDS)
        return call_id, asked


async def _seats_for(tx: Tx, j: Journey, call_id: CallId, skills: frozenset[str]) -> Taken | None:
    """Both seats, or none."""
    taken: Taken = []
    for kind, wanted in ((SeatKind.AGENT, skills), (SeatKind.ATTENDANT, frozenset[str]())):
        wish = Wish(offers.new_offer_id(), call_id, wanted)
        taken += [(kind, *each) for each in (await seats.take(tx, kind, [wish], j.timing.worker_silent))[0]]
    if len(taken) == len(SeatKind):
        return taken
    await _give_back(tx, taken)
    return None


async def _give_back(tx: Tx, taken: Taken) -> None:
    for _, wish, seat in taken:
        await seats.give_back(tx, wish, seat)


def _free(j: Journey) -> tuple[sa.Select[list[str], int], sa.Select[list[str], int]]:
    """The free seats of agents and of attendants."""
    silent = j.timing.worker_silent
    return seats.free_by_skills(SeatKind.AGENT, silent), seats.free_by_skills(SeatKind.ATTENDANT, silent)


async def _its_turn(tx: Tx, j: Journey, row: CallBackRow) -> bool:
    """Whether a free seat belongs to it: to no other call-back and no caller with an earlier place."""
    free, company = _free(j)
    room = await ceilings.room(tx)
    place = call_backs.foremost(free, company, room)
    first = await tx.row(place)
    if first is None or first["id"] != row.id:
        return False
    return not await line.anybody_before(tx, free, effects.still_removing, place, room)


async def _seat_kept(tx: Tx, kind: SeatKind, wish: Wish, seat: FreeSeat, lease_seconds: float) -> None:
    await seats.make(tx, kind, [(wish, seat)], lease_seconds)
    await timeline.write(
        tx, wish.call_id, EventType.OFFER_MADE, f"A seat of an {kind} is kept while the phone rings",
        {"offer_id": wish.offer_id, "kind": kind, "worker": seat.worker},
    )  # fmt: skip


async def _placed(
    tx: Tx, row: CallBackRow, policy: CallBackPolicy, call_id: CallId, asked: Asked, trunk: OutboundTrunk
) -> None:
    await out.open_call_out(
        tx, call_id, room=asked.room, identity=calls_out_store.callee_of(asked.id),
        from_number=trunk.numbers[0] if trunk.numbers else "", to_number=asked.number, trunk=trunk.name,
        queue=row.queue, profile=row.profile, priority=row.priority,
    )  # fmt: skip
    await call_backs.dialling(tx, row.id, call_id)
    await waiting.enter(
        tx, call_id, queue=row.queue, priority=row.priority, skills=Skills(row.required_skills),
        profile=row.profile or "", attendant_after_seconds=None,
        gives_up_after_seconds=policy.ring_seconds + 2 * DIAL_GRACE_SECONDS,
        treatment=CallBackCheck(greeting=policy.greeting, announce=policy.announce), entered_at=row.entered_at,
    )  # fmt: skip
    await told(tx, row, call_id, EventType.CALL_BACK_DIALLED, f"The caller is called back, attempt {row.attempts + 1}")


async def answered(j: Journey, room: str, sip_call_id: str) -> bool:
    """Somebody took the call of a call-back: an attendant asks who. Whoever sees it first says so; False when it was
    known, or is over."""
    async with j.verb() as tx:
        call = await calls.lock_by_room(tx, room)
        row = await call_backs.of_call(tx, call.id) if call and call.live else None
        if call is None or row is None or not await call_backs.confirming(tx, row.id):
            return False
        call_out_id = call.caller_identity.removeprefix(calls_out_store.CALLEE)
        await calls_out_store.answered(tx, call_out_id, sip_call_id, j.timing.max_call + END_GRACE_SECONDS)
        await out.set_sip_call_id(tx, call.id, sip_call_id)
        await note_active(tx, call, datetime.now(UTC))
        kept = await kept_seat(tx, call, SeatKind.AGENT)
        if kept is not None:
            await offers.renew(tx, kept.id, CONFIRM_SECONDS)
        await _greeted(tx, j, call)
        return True


async def _greeted(tx: Tx, j: Journey, call: LockedCall) -> None:
    """The attendant whose seat was kept comes; without it, the next one that is free."""
    await places.attendant_at_once(tx, call.id)
    kept = await kept_seat(tx, call, SeatKind.ATTENDANT)
    if kept is not None and await offers.renew(tx, kept.id, j.timing.offer_lease):
        await send_attendant(tx, j, call, kept.id, kept.worker)


async def callee_left(j: Journey, room: str, identity: str, at: datetime, *, by_fault: bool) -> bool:
    """Whoever took a call of ours has hung up. False for anybody else, and while it rings: the dialler knows why."""
    async with j.db.transaction() as tx:
        call = await calls.lock_by_room(tx, room)
    if call is None or call.caller_identity != identity or call.answered_at is None:
        return False
    return await caller_left(j, room, identity=identity, at=at, by_fault=by_fault)


async def not_answered(j: Journey, call_id: CallId, failure: str) -> bool:
    """Nobody took it: the call ends, and the call-back is tried again or given up."""
    async with j.verb() as tx:
        call = await calls.lock(tx, call_id)
        row = await call_backs.of_call(tx, call_id) if call and call.live else None
        if call is None or row is None or row.state is not CallBackState.DIALLING:
            return False
        await call_backs.missed(tx, row.id, failure)
        return await end(tx, call, Outcome.FAILED, EndedBy.SYSTEM, f"nobody took it ({failure})")


async def held_up(j: Journey, call_back_id: str, refusal: Refusal | None) -> None:
    """No trunk calls it, or (None) LiveKit does not tell its trunks: nobody waits behind it meanwhile."""
    because = Missed.NO_LINE if refusal is None else f"refused_{refusal.why}"
    async with j.verb() as tx:
        row = await call_backs.lock_due(tx, call_back_id)
        if row is not None:
            await follow(tx, row, because, await policy_of(tx, row), attempts=row.attempts + 1)


async def kept_seat(tx: Tx, call: LockedCall, kind: SeatKind) -> OfferRow | None:
    """The offer that keeps a seat of this kind for this call while its caller is rung and asked."""
    for offer in await offers.live_of(tx, call.id):
        if offer.kind is kind and offer.state is OfferState.OFFERED:
            return offer
    return None
