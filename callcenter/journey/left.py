"""A job leaves, as meant or lost. A call that loses its agent goes back to its place, and an attendant stands by."""

from callcenter.journey import effects
from callcenter.journey.ended import end
from callcenter.journey.gave_up import last_words
from callcenter.journey.model import EffectKind
from callcenter.journey.offered import REMOVE_SECONDS, back_in_line
from callcenter.journey.planned import outcome_of
from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.identities import identity_of
from callcenter.platform.wire.messages import EndReason
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import CallState, EndedBy, Lead, Outcome
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.queues import store as queues
from callcenter.stages.offers import store as offers
from callcenter.stages.offers import workers
from callcenter.stages.offers.model import OfferState
from callcenter.stages.offers.store import OfferRow
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.model import WaitingState

FAILURES_IN_A_ROW = 2
SOON_SECONDS = 60.0


async def left(j: Journey, offer_id: OfferId, failure: str | None) -> None:
    """The job has left the room by itself: its seat is free; when the call still needed it, it was lost."""
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None:
            return
        call, offer = locked
        if offer.live:
            await _left_while_live(tx, call, offer, failure)
        await offers.release(tx, offer_id)


async def _left_while_live(tx: Tx, call: LockedCall, offer: OfferRow, failure: str | None) -> None:
    done_as_meant = offer.kind is SeatKind.ATTENDANT and failure is None and await _in_other_hands(tx, call)
    if done_as_meant and offer.state is OfferState.ACCEPTED:
        await offers.close(tx, offer.id, OfferState.ENDED)
        await calls.leg_left(tx, offer.id)
        await timeline.write(
            tx, call.id, EventType.OFFER_ENDED, "The attendant left: somebody else talks", {"offer_id": offer.id}
        )
    else:
        await _lose(tx, call, offer, failure or "it left the room")


async def _in_other_hands(tx: Tx, call: LockedCall) -> bool:
    """Whether an agent leads, or somebody outside has the caller."""
    if call.lead in (Lead.AGENT, Lead.SUPERVISOR):
        return True
    entry = await waiting.entry(tx, call.id)
    return entry is not None and entry.state is WaitingState.SERVED


async def lost(j: Journey, offer_id: OfferId, because: str, *, job_gone: bool = False, desk: str | None = None) -> bool:
    """The job died, hangs or cannot be reached: silence it, give the call to somebody else. False when it was over, or
    talks to another desk than the one that misses it."""
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None or not locked[1].live or (desk and locked[1].desk not in (desk, None)):
            return False
        await _lose(tx, *locked, because)
        if job_gone:
            await offers.release(tx, offer_id)
        return True


async def _lose(tx: Tx, call: LockedCall, offer: OfferRow, because: str) -> None:
    await offers.close(tx, offer.id, OfferState.LOST, because)
    await calls.leg_left(tx, offer.id)
    agent = offer.kind is SeatKind.AGENT
    identity = identity_of(offer.kind, offer.id)
    await effects.record(tx, EffectKind.REMOVE, call.id, identity, room=call.room, life=REMOVE_SECONDS)
    await workers.goes_last(tx, offer.worker)
    await timeline.write(
        tx, call.id, EventType.AGENT_LOST if agent else EventType.ATTENDANT_LOST,
        f"The {offer.kind} was lost: {because}", {"offer_id": offer.id, "worker": offer.worker},
    )  # fmt: skip
    if not call.live:
        return
    await back_in_line(tx, call, offer.kind)
    if agent:
        await caller_is_alone(tx, call)
        await _enough_is_enough(tx, call)


async def caller_is_alone(tx: Tx, call: LockedCall) -> None:
    """No agent leads any more: an attendant, if one is not there yet, keeps the caller company at once. Unless a
    supervisor leads: then the next agent only comes to listen, and nobody disturbs."""
    if call.lead is Lead.SUPERVISOR:
        await waiting.without_limits(tx, call.id)
        return
    attendants = [o for o in await offers.live_of(tx, call.id) if o.kind is SeatKind.ATTENDANT]
    await calls.set_state(tx, call.id, CallState.WAITING, CallState.TALKING)
    lead = Lead.ATTENDANT if attendants else Lead.NONE
    await calls.set_lead(tx, call, lead)
    await timeline.write(tx, call.id, EventType.LEAD_CHANGED, "No agent leads: the call waits again", {"lead": lead})
    if not attendants:
        await waiting.attendant_wanted(tx, call.id, 0)


async def said_goodbye(j: Journey, offer_id: OfferId, reason: EndReason) -> bool:
    """The last word has been said: the call ends. Only a live, accepted offer may do this, an attendant only where the
    call was given a treatment."""
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None or locked[1].state is not OfferState.ACCEPTED:
            return False
        call, offer = locked
        if offer.kind is SeatKind.AGENT and call.lead is Lead.SUPERVISOR and reason is EndReason.GOODBYE:
            return False  # said before it knew that somebody else leads
        if offer.kind is SeatKind.AGENT and reason is EndReason.GOODBYE:
            return await end(tx, call, Outcome.COMPLETED, EndedBy.AGENT, "the agent said goodbye")
        entry = await waiting.entry(tx, call.id)
        if offer.kind is SeatKind.ATTENDANT and (entry is None or entry.treatment is None):
            return False
        outcome = await outcome_of(tx, call, entry.treatment) if entry and entry.treatment else Outcome.FAILED
        return await end(tx, call, outcome, EndedBy.SYSTEM, "the message was said")


async def _enough_is_enough(tx: Tx, call: LockedCall) -> None:
    """The second agent in a row that fails soon after it took the call: no third one, but an apology."""
    if (
        call.queue is None
        or call.lead is Lead.SUPERVISOR
        or not await offers.failing_in_a_row(tx, call.id, FAILURES_IN_A_ROW, SOON_SECONDS)
    ):
        return
    queue = await queues.get(tx, call.queue)
    await last_words(tx, call, queue.failed)
