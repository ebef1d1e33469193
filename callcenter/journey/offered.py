"""Waiting calls meet free seats: offers are made, refused, expire."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from callcenter.journey import effects
from callcenter.journey.effects import Taking
from callcenter.journey.model import EffectKind
from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.identities import identity_of
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.queues import store as queues
from callcenter.stages.callbacks import store as call_backs
from callcenter.stages.offers import ceilings, seats, workers
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.model import OfferState
from callcenter.stages.offers.rules import Wish
from callcenter.stages.offers.seats import FreeSeat
from callcenter.stages.offers.store import OfferRow
from callcenter.stages.waiting import line
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.line import Place
from callcenter.stages.waiting.treatment import CallBackCheck

ATTENDANT_RETRY_SECONDS = 1.0
TOGETHER = 256  # as many seats as a worker may have; their rows are locked for the milliseconds that it takes
PAST_OTHERS = 8  # so many batches deep a router looks for calls when others hold all those in front
REMOVE_SECONDS = 600.0  # long: no other agent is asked for the call before it is done


async def offer_agents_once(j: Journey, at_most: int = TOGETHER) -> int:
    """Offer waiting calls to free agent seats until either runs out; returns how many offers were made.

    Up to `at_most` calls are offered in one transaction, in the same few statements as one: after an outage, or when a
    worker comes, the line moves at the speed of the database and not of its commits.
    """
    made = 0
    while True:
        offered, more = await _offer_agents(j, at_most)
        made += offered
        if offered == 0 or not more:
            return made


async def _offer_agents(j: Journey, limit: int) -> tuple[int, bool]:
    """How many calls were offered to a seat, and whether there may be more of both."""
    kind, silent = SeatKind.AGENT, j.timing.worker_silent
    async with j.verb() as tx:
        free = seats.free_by_skills(kind, silent)
        room = await ceilings.room(tx)
        company = seats.free_by_skills(SeatKind.ATTENDANT, silent)
        until = call_backs.foremost(free, company, room)  # its turn is like a call's: the seat is left to it
        places = await line.front(tx, free, effects.still_removing, limit, room=room, until=until) or await line.front(
            tx, free, effects.still_removing, limit, look=PAST_OTHERS * limit, room=room, until=until
        )
        if not places:
            return 0, False
        taken, seats_left = await _make(tx, j, kind, places)
        if taken:
            await waiting.offered(tx, *(place.call_id for place, _, _ in taken))
            takes = [taking(kind, place, wish.offer_id, seat.worker) for place, wish, seat in taken]
            await effects.record_takes(tx, takes, j.timing.offer_lease)
        return len(taken), seats_left > 0 and (len(taken) < len(places) or len(places) == limit)


async def offer_attendants_once(j: Journey) -> int:
    """Offer calls that have rung long enough to attendants; returns how many offers were made."""
    made = 0
    while await _offer_one_attendant(j):
        made += 1
    return made


async def _offer_one_attendant(j: Journey) -> bool:
    async with j.verb() as tx:
        place = await line.next_for_attendant(tx, partial(offers.has_live, SeatKind.ATTENDANT))
        if place is None:
            return False
        # An attendant serves whoever is due: the skills that the call asks for are an agent's.
        taken, _ = await _make(tx, j, SeatKind.ATTENDANT, [replace(place, required_skills=(), preferred_skills=())])
        for _, wish, seat in taken:
            await send_attendant(tx, j, place, wish.offer_id, seat.worker)
        return bool(taken)


async def send_attendant(tx: Tx, j: Journey, to: Place | LockedCall, offer_id: OfferId, worker: str) -> None:
    """This attendant is to come to the call, for which it was offered a seat."""
    await waiting.attendant_wanted(tx, to.call_id if isinstance(to, Place) else to.id, None)
    await effects.record_takes(tx, [taking(SeatKind.ATTENDANT, to, offer_id, worker)], j.timing.offer_lease)


async def _make(
    tx: Tx, j: Journey, kind: SeatKind, places: Sequence[Place]
) -> tuple[list[tuple[Place, Wish, FreeSeat]], int]:
    """Offer these calls to seats of this kind, as many as get one, and write it into their timelines; how many free
    seats are left."""
    by_call = {place.call_id: place for place in places}
    wishes = [
        Wish(
            offers.new_offer_id(), place.call_id, frozenset(place.required_skills), frozenset(place.preferred_skills)
        )
        for place in places
    ]  # fmt: skip
    taken, seats_left = await seats.take(tx, kind, wishes, j.timing.worker_silent)
    if taken:
        await seats.make(tx, kind, taken, j.timing.offer_lease)
        events = [(wish.call_id, _offered_to(kind), _offer_data(wish.offer_id, kind, seat)) for wish, seat in taken]
        await timeline.write_each(tx, EventType.OFFER_MADE, events)
    return [(by_call[wish.call_id], wish, seat) for wish, seat in taken], seats_left


def _offered_to(kind: SeatKind) -> str:
    return f"Offered to an {kind}"


def _offer_data(offer_id: OfferId, kind: SeatKind, seat: FreeSeat) -> dict[str, Any]:
    return {"offer_id": offer_id, "kind": kind, "worker": seat.worker}


def taking(kind: SeatKind, to: Place | LockedCall, offer_id: OfferId, worker: str) -> Taking:
    """That this worker is to come to this call."""
    call_id = to.call_id if isinstance(to, Place) else to.id
    return Taking(call_id, to.room, to.caller_identity, offer_id, worker, identity_of(kind, offer_id))


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
        unasked = await _only_kept(tx, call, offer)
        if not await offers.close(tx, offer_id, state, because):
            return False
        about = {"offer_id": offer_id, "kind": offer.kind, "worker": offer.worker}
        if unasked:
            await timeline.write(tx, call.id, event, f"The {offer.kind}'s seat is not kept any longer", about)
            return True
        await workers.goes_last(tx, offer.worker)
        await timeline.write(tx, call.id, event, f"The {offer.kind} did not take the call: {because}", about)
        identity = identity_of(offer.kind, offer_id)
        await effects.record(tx, EffectKind.REMOVE, call.id, identity, room=call.room, life=REMOVE_SECONDS)
        if call.live:
            await back_in_line(tx, call, offer.kind)
        return True


async def _only_kept(tx: Tx, call: LockedCall, offer: OfferRow) -> bool:
    """Whether this offer keeps a seat for somebody who is called back, and the worker knows nothing of it yet: an
    attendant is asked when the phone is picked up, an agent when they confirm."""
    entry = await waiting.entry(tx, call.id)
    if entry is None or not isinstance(entry.treatment, CallBackCheck):
        return False
    return offer.kind is SeatKind.AGENT or call.answered_at is None


async def back_in_line(tx: Tx, call: LockedCall, kind: SeatKind) -> None:
    """Undo what the offer of this kind did to the call's place; the place itself is kept."""
    if kind is SeatKind.ATTENDANT:
        await waiting.attendant_gone(tx, call.id, ATTENDANT_RETRY_SECONDS)
        return
    queue = await queues.find(tx, call.queue) if call.queue else None
    await waiting.back(tx, call.id, queue.max_wait_seconds if queue else None)
