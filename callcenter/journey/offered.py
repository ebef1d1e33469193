"""Waiting calls meet free seats: offers are made, refused, expire."""

from functools import partial
from itertools import takewhile
from typing import Any

from callcenter.journey import effects
from callcenter.journey.model import EffectKind
from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.dispatch import agent_identity, attendant_identity
from callcenter.records.calls import store as calls
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.deployments import store as deployments
from callcenter.setup.queues import store as queues
from callcenter.stages.offers import store as offers
from callcenter.stages.offers import together, workers
from callcenter.stages.offers.model import OfferState
from callcenter.stages.offers.store import FreeSeat
from callcenter.stages.waiting import store as waiting

ATTENDANT_RETRY_SECONDS = 1.0
TOGETHER = 50  # their rows are locked for the few milliseconds that it takes
REMOVE_SECONDS = 600.0  # long: no other agent is asked for the call before it is done


async def offer_agents_once(j: Journey, at_most: int = TOGETHER) -> int:
    """Offer waiting calls to free agent seats until either runs out; returns how many offers were made.

    A single call takes the short way. Where more wait, up to `at_most` of them are offered in one transaction: after
    an outage, or when a worker comes, the line moves at the speed of the database and not of its commits.
    """
    made = 0
    while await _offer_one_agent(j):
        made += 1
        while at_most > 1 and (several := await _offer_several_agents(j, at_most)):
            made += several
    return made


async def _offer_several_agents(j: Journey, limit: int) -> int:
    """As `_offer_one_agent` for those in front who ask for no skill; whoever does is served by that one, in their turn.

    While deployments share the calls, each call has wishes of its own, and there is nothing to do together.
    """
    async with j.verb() as tx:
        if await deployments.shares(tx):
            return 0
        skill_sets = await offers.free_skill_sets(tx, SeatKind.AGENT, j.timing.worker_silent)
        line = await waiting.first_for_skills(tx, skill_sets, effects.still_removing, limit)
        front = list(takewhile(lambda place: not place.required_skills, line))
        seats = await together.lock_free_seats(tx, SeatKind.AGENT, len(front), j.timing.worker_silent) if front else []
        if not seats:
            return 0
        found = await calls.lock_all(tx, [place.call_id for place in front[: len(seats)]])
        given = [
            (offers.new_offer_id(), found[place.call_id], seat)
            for place, seat in zip(front, seats, strict=False)
            if place.call_id in found
        ]
        await together.make_each(
            tx, SeatKind.AGENT, [(offer_id, call.id, seat) for offer_id, call, seat in given], j.timing.offer_lease
        )
        await timeline.write_each(
            tx,
            EventType.OFFER_MADE,
            [
                (call.id, _offered_to(SeatKind.AGENT), _offer_data(offer_id, SeatKind.AGENT, seat))
                for offer_id, call, seat in given
            ],
        )
        await waiting.offered(tx, *(call.id for _, call, _ in given))
        await effects.record_dispatches(
            tx,
            [(call.id, seat.worker, _dispatch(call, offer_id)) for offer_id, call, seat in given],
            j.timing.offer_lease,
        )
        return len(given)


async def _offer_one_agent(j: Journey) -> bool:
    async with j.verb() as tx:
        skill_sets = await offers.free_skill_sets(tx, SeatKind.AGENT, j.timing.worker_silent)
        place = await waiting.next_for_skills(tx, skill_sets, effects.still_removing)
        if place is None:
            return False
        offer_id = offers.new_offer_id()
        seat = await offers.take_seat(
            tx, SeatKind.AGENT, place.required_skills, offer_id, place.call_id, j.timing.worker_silent
        )
        call = await calls.lock(tx, place.call_id)
        if seat is None or call is None:
            return False
        await _make(tx, j, call, SeatKind.AGENT, seat, offer_id)
        await waiting.offered(tx, call.id)
        await effects.record(
            tx, EffectKind.DISPATCH, call.id, seat.worker, life=j.timing.offer_lease, **_dispatch(call, offer_id)
        )
        return True


async def offer_attendants_once(j: Journey) -> int:
    """Offer calls that have rung long enough to attendants; returns how many offers were made."""
    made = 0
    while await _offer_one_attendant(j):
        made += 1
    return made


async def _offer_one_attendant(j: Journey) -> bool:
    async with j.verb() as tx:
        place = await waiting.next_for_attendant(tx, partial(offers.has_live, SeatKind.ATTENDANT))
        if place is None:
            return False
        offer_id = offers.new_offer_id()
        seat = await offers.take_seat(tx, SeatKind.ATTENDANT, (), offer_id, place.call_id, j.timing.worker_silent)
        call = await calls.lock(tx, place.call_id)
        if seat is None or call is None:
            return False
        await _make(tx, j, call, SeatKind.ATTENDANT, seat, offer_id)
        await waiting.attendant_wanted(tx, call.id, None)
        await effects.record(
            tx, EffectKind.COMMAND, call.id, seat.worker, life=j.timing.offer_lease,
            take={"offer_id": offer_id, "call_id": call.id, "room": call.room, "caller_identity": call.caller_identity},
        )  # fmt: skip
        return True


async def _make(tx: Tx, j: Journey, call: LockedCall, kind: SeatKind, seat: FreeSeat, offer_id: OfferId) -> None:
    await offers.make(tx, offer_id, call.id, kind, seat, j.timing.offer_lease)
    await timeline.write(tx, call.id, EventType.OFFER_MADE, _offered_to(kind), _offer_data(offer_id, kind, seat))


def _offered_to(kind: SeatKind) -> str:
    return f"Offered to an {kind}"


def _offer_data(offer_id: OfferId, kind: SeatKind, seat: FreeSeat) -> dict[str, Any]:
    return {"offer_id": offer_id, "kind": kind, "worker": seat.worker}


def _dispatch(call: LockedCall, offer_id: OfferId) -> dict[str, Any]:
    return {"room": call.room, "offer_id": offer_id, "caller_identity": call.caller_identity}


async def refused(j: Journey, offer_id: OfferId, reason: str) -> bool:
    """The worker cannot take it: back to its old place."""
    return await _unclaimed(j, offer_id, OfferState.REFUSED, EventType.OFFER_REFUSED, reason or "the worker refused")


async def expired(j: Journey, offer_id: OfferId) -> bool:
    """Nobody claimed it within the lease: back to its old place, and the worker goes last."""
    return await _unclaimed(j, offer_id, OfferState.EXPIRED, EventType.OFFER_EXPIRED, "nobody claimed it in time")


async def _unclaimed(j: Journey, offer_id: OfferId, state: OfferState, event: EventType, because: str) -> bool:
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None:
            return False
        call, offer = locked
        if not await offers.close(tx, offer_id, state, because):
            return False
        await workers.goes_last(tx, offer.worker)
        await timeline.write(
            tx, call.id, event, f"The {offer.kind} did not take the call: {because}",
            {"offer_id": offer_id, "kind": offer.kind, "worker": offer.worker},
        )  # fmt: skip
        identity = agent_identity(offer_id) if offer.kind is SeatKind.AGENT else attendant_identity(offer_id)
        await effects.record(tx, EffectKind.REMOVE, call.id, identity, room=call.room, life=REMOVE_SECONDS)
        if call.live:
            await back_in_line(tx, call, offer.kind)
        return True


async def back_in_line(tx: Tx, call: LockedCall, kind: SeatKind) -> None:
    """Undo what the offer of this kind did to the call's place; the place itself is kept."""
    if kind is SeatKind.ATTENDANT:
        await waiting.attendant_gone(tx, call.id, ATTENDANT_RETRY_SECONDS)
        return
    queue = await queues.find(tx, call.queue) if call.queue else None
    await waiting.back(tx, call.id, queue.max_wait_seconds if queue else None)
