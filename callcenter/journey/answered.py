"""Somebody takes the call: the claim, the caller's leg becoming active, the agent's first sound."""

from datetime import datetime

from callcenter.journey import effects
from callcenter.journey.briefed import agent_brief
from callcenter.journey.ended import withdraw
from callcenter.journey.model import EffectKind
from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.base import SeatKind, Speaker
from callcenter.platform.wire.brief import AttendantPlan, ModelEndpoint
from callcenter.platform.wire.dispatch import agent_identity, attendant_identity
from callcenter.platform.wire.messages import Claimed, Denied, Fade
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import CallState, Lead, LegKind
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.records.transcripts import store as transcripts
from callcenter.setup.profiles import store as profiles
from callcenter.setup.profiles.rules import ProfileBody
from callcenter.setup.queues import store as queues
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.model import OfferState
from callcenter.stages.offers.store import OfferRow
from callcenter.stages.waiting import store as waiting

# An agent that was silent for a moment is mostly back, or another is there, before an excuse would have been said.
STAND_BY_SECONDS = 2.5


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
        if offer.kind is SeatKind.ATTENDANT and call.lead is Lead.AGENT and not await _stands_by(tx, call):
            await withdraw(tx, offer, "an agent has the call already")
            return Denied(offer_id=offer_id, because="an agent has the call already")
        if not await offers.accept(tx, offer_id, pid, desk):
            return Denied(offer_id=offer_id, because=f"the offer is {offer.state}, or its lease is over")
        return await (_agent_claimed if offer.kind is SeatKind.AGENT else _attendant_claimed)(tx, call, offer)


async def _claimed_again(tx: Tx, call: LockedCall, offer: OfferRow) -> Claimed:
    """The answer to the claim was lost with the connection: the same answer, and the publish right once more."""
    agent = offer.kind is SeatKind.AGENT
    identity = agent_identity(offer.id) if agent else attendant_identity(offer.id)
    await effects.record(tx, EffectKind.GRANT, call.id, identity, room=call.room, offer_id=offer.id, life=10)
    return await (_for_agent(tx, call, offer) if agent else _for_attendant(tx, call, offer))


async def _stands_by(tx: Tx, call: LockedCall) -> bool:
    """Whether the agent that leads is suspect, so that an attendant is welcome beside it."""
    return any(o.kind is SeatKind.AGENT and o.suspect_since is not None for o in await offers.live_of(tx, call.id))


async def _agent_claimed(tx: Tx, call: LockedCall, offer: OfferRow) -> Claimed:
    await _take(tx, call, offer, Lead.AGENT, LegKind.AGENT, agent_identity(offer.id))
    await waiting.served(tx, call.id)
    for other in await offers.live_of(tx, call.id):
        if other.kind is SeatKind.ATTENDANT and other.state is OfferState.OFFERED:
            await withdraw(tx, other, "an agent has the call")
    return await _for_agent(tx, call, offer)


async def _for_agent(tx: Tx, call: LockedCall, offer: OfferRow) -> Claimed:
    return Claimed(
        offer_id=offer.id, call_id=call.id, caller_identity=call.caller_identity, agent=await agent_brief(tx, call)
    )


async def _attendant_claimed(tx: Tx, call: LockedCall, offer: OfferRow) -> Claimed:
    await _take(tx, call, offer, Lead.ATTENDANT, LegKind.ATTENDANT, attendant_identity(offer.id))
    await waiting.attendant_there(tx, call.id)
    return await _for_attendant(tx, call, offer)


async def _for_attendant(tx: Tx, call: LockedCall, offer: OfferRow) -> Claimed:
    return Claimed(
        offer_id=offer.id, call_id=call.id, caller_identity=call.caller_identity,
        attendant=await _plan(tx, call),
    )  # fmt: skip


async def _take(tx: Tx, call: LockedCall, offer: OfferRow, lead: Lead, leg: LegKind, identity: str) -> None:
    """What both claims have in common: leg, timeline, lead, publish right."""
    about = {"offer_id": offer.id, "kind": offer.kind, "worker": offer.worker}
    await calls.leg_joined(tx, call.id, leg, identity, offer.id)
    await timeline.write(tx, call.id, EventType.OFFER_ACCEPTED, f"An {offer.kind} took the call", about)
    if lead is Lead.AGENT or call.lead is Lead.NONE:
        await calls.set_lead(tx, call, lead)
        await timeline.write(tx, call.id, EventType.LEAD_CHANGED, f"The {lead} leads now", {"lead": lead})
        if call.answered_at is not None:
            await _set_answered_state(tx, call, lead)
    await effects.record(tx, EffectKind.GRANT, call.id, identity, room=call.room, offer_id=offer.id, life=10)


async def _plan(tx: Tx, call: LockedCall) -> AttendantPlan:
    """What the attendant says and plays for this call."""
    entry = await waiting.entry(tx, call.id)
    voice = await profiles.get(tx, call.profile) if call.profile else None
    if entry is None or entry.queue is None:
        text = entry.message if entry and entry.message else ""
        return _with_voice(AttendantPlan(opening=text, then_end=True, tts=_default_tts()), voice)
    queue = await queues.get(tx, entry.queue)
    served = await calls.was_served(tx, call.id)
    opening = queue.lost if served else queue.opening
    if not served and await transcripts.was_said(tx, call.id, Speaker.ATTENDANT, opening):
        opening = ""  # another attendant held the call before: nobody is welcomed twice
    return _with_voice(
        AttendantPlan(
            opening=opening, opening_after=STAND_BY_SECONDS if served else 0, music=queue.music, tts=_default_tts()
        ),
        voice,
    )


def _default_tts() -> ModelEndpoint:
    return ProfileBody.model_fields["tts"].get_default()  # type: ignore[no-any-return]


def _with_voice(plan: AttendantPlan, profile: ProfileBody | None) -> AttendantPlan:
    if profile is None:
        return plan
    return plan.model_copy(update={"tts": profile.tts, "voice": profile.voice, "language": profile.language})


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


async def attendants_fade(tx: Tx, call_id: CallId) -> None:
    """Whoever keeps the caller of this locked call company fades out and leaves."""
    for other in await offers.live_of(tx, call_id):
        if other.kind is SeatKind.ATTENDANT:
            await effects.command(tx, call_id, other.worker, Fade(offer_id=other.id))
