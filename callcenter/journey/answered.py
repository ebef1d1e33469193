"""Somebody takes the call: the claim, the caller's leg becoming active, the agent's first sound."""

from datetime import datetime

from callcenter.journey import effects
from callcenter.journey.briefed import agent_brief
from callcenter.journey.call_back_missed import served
from callcenter.journey.ended import withdraw
from callcenter.journey.human_first import human_comes
from callcenter.journey.model import EffectKind
from callcenter.journey.planned import plan
from callcenter.journey.ruled import by_caller
from callcenter.journey.told import attendants_fade
from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.identities import identity_of
from callcenter.platform.wire.messages import Claimed, Denied
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import CallState, Lead, LegKind
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.model import OfferState
from callcenter.stages.offers.store import OfferRow
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.model import WaitingState


async def claimed(j: Journey, offer_id: OfferId, pid: int, desk: str) -> Claimed | Denied:
    """Give the call to the one who claims it within its lease. The publish right is an effect of the commit: whoever
    answers the claim performs it first (decision 4)."""
    async with j.verb(wait=True) as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None:
            return Denied(offer_id=offer_id, because="there is no such offer")
        call, offer = locked
        if not call.live:
            return Denied(offer_id=offer_id, because="the call has ended")
        if offer.state is OfferState.ACCEPTED:
            return await _claimed_again(tx, call, offer)
        if offer.kind is SeatKind.ATTENDANT and (other := await _in_company(tx, call)):
            await withdraw(tx, offer, other)
            return Denied(offer_id=offer_id, because=other)
        if not await offers.accept(tx, offer_id, pid, desk):
            return Denied(offer_id=offer_id, because=f"the offer is {offer.state}, or its lease is over")
        return await (_agent_claimed if offer.kind is SeatKind.AGENT else _attendant_claimed)(tx, call, offer)


async def _claimed_again(tx: Tx, call: LockedCall, offer: OfferRow) -> Claimed:
    """The answer to the claim was lost with the connection: the same answer, and the publish right once more."""
    agent = offer.kind is SeatKind.AGENT
    identity = identity_of(offer.kind, offer.id)
    await effects.record(tx, EffectKind.GRANT, call.id, identity, room=call.room, offer_id=offer.id, life=10)
    return await (_for_agent(tx, call, offer) if agent else _for_attendant(tx, call, offer))


async def _in_company(tx: Tx, call: LockedCall) -> str | None:
    """Who has the caller already, so that an attendant would only disturb."""
    if call.lead is Lead.SUPERVISOR:
        return "a supervisor has the call"
    if call.lead is Lead.AGENT:
        return None if await _stands_by(tx, call) else "an agent has the call already"
    entry = await waiting.entry(tx, call.id)
    connected = call.lead is Lead.NONE and entry is not None and entry.state is WaitingState.SERVED
    return "the caller talks with a number outside" if connected else None


async def _stands_by(tx: Tx, call: LockedCall) -> bool:
    """Whether the agent that leads is suspect, so that an attendant is welcome beside it."""
    return any(o.kind is SeatKind.AGENT and o.suspect_since is not None for o in await offers.live_of(tx, call.id))


async def _agent_claimed(tx: Tx, call: LockedCall, offer: OfferRow) -> Claimed:
    await _take(tx, call, offer, Lead.AGENT, LegKind.AGENT)
    await waiting.served(tx, call.id)
    await served(tx, call)
    await by_caller(tx, call)
    attendants = [other for other in await offers.live_of(tx, call.id) if other.kind is SeatKind.ATTENDANT]
    if await human_comes(tx, call):  # it only listens, and somebody has to play
        if not attendants:
            await waiting.attendant_wanted(tx, call.id, 0)
        return await _for_agent(tx, call, offer)
    for other in attendants:
        if other.state is OfferState.OFFERED:
            await withdraw(tx, other, "an agent has the call")
    return await _for_agent(tx, call, offer)


async def _for_agent(tx: Tx, call: LockedCall, offer: OfferRow) -> Claimed:
    return Claimed(
        offer_id=offer.id, call_id=call.id, caller_identity=call.caller_identity, agent=await agent_brief(tx, call)
    )


async def _attendant_claimed(tx: Tx, call: LockedCall, offer: OfferRow) -> Claimed:
    await _take(tx, call, offer, Lead.ATTENDANT, LegKind.ATTENDANT)
    await waiting.attendant_there(tx, call.id)
    return await _for_attendant(tx, call, offer)


async def _for_attendant(tx: Tx, call: LockedCall, offer: OfferRow) -> Claimed:
    return Claimed(
        offer_id=offer.id, call_id=call.id, caller_identity=call.caller_identity,
        attendant=await plan(tx, call),
    )  # fmt: skip


async def _take(tx: Tx, call: LockedCall, offer: OfferRow, lead: Lead, leg: LegKind) -> None:
    """What both claims have in common: leg, timeline, lead, publish right."""
    identity = identity_of(offer.kind, offer.id)
    about = {"offer_id": offer.id, "kind": offer.kind, "worker": offer.worker}
    await calls.leg_joined(tx, call.id, leg, identity, offer.id)
    await timeline.write(tx, call.id, EventType.OFFER_ACCEPTED, f"An {offer.kind} took the call", about)
    listens = lead is Lead.AGENT and (call.lead is Lead.SUPERVISOR or await human_comes(tx, call))
    if not listens and call.lead is not Lead.SUPERVISOR and (lead is Lead.AGENT or call.lead is Lead.NONE):
        await calls.set_lead(tx, call, lead)
        await timeline.write(tx, call.id, EventType.LEAD_CHANGED, f"The {lead} leads now", {"lead": lead})
        if call.answered_at is not None:
            await _set_answered_state(tx, call, lead)
    await effects.record(tx, EffectKind.GRANT, call.id, identity, room=call.room, offer_id=offer.id, life=10)


async def answered(j: Journey, offer_id: OfferId, at: datetime) -> None:
    """The caller's leg became active (livekit-sip sent 200 OK)."""
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked:
            await note_active(tx, locked[0], at)


async def note_active(tx: Tx, call: LockedCall, at: datetime) -> None:
    """Keep when the call was answered, whoever says so first."""
    if await calls.set_answered(tx, call.id, at):
        await timeline.write(tx, call.id, EventType.CALL_ANSWERED, "The call was answered")
        await _set_answered_state(tx, call, call.lead)


async def _set_answered_state(tx: Tx, call: LockedCall, lead: Lead) -> None:
    after = CallState.TALKING if lead in (Lead.AGENT, Lead.SUPERVISOR) else CallState.WAITING
    await calls.set_state(tx, call.id, after, None if after is CallState.TALKING else CallState.RINGING)


async def first_frame(j: Journey, offer_id: OfferId) -> None:
    """The agent is heard: whoever kept the caller company fades out."""
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None or locked[1].kind is not SeatKind.AGENT or locked[1].state is not OfferState.ACCEPTED:
            return
        await attendants_fade(tx, locked[0].id)
