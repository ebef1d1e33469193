"""An agent that is not heard of for a moment: an attendant stands by. Reversible, unlike `lost`."""

from callcenter.journey import effects
from callcenter.journey.ended import withdraw
from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.messages import Fade
from callcenter.records.calls.model import Lead
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.model import OfferState
from callcenter.stages.waiting import store as waiting


async def suspected(j: Journey, offer_id: OfferId, because: str, desk: str | None = None) -> bool:
    """Let an attendant keep the caller company until the agent is back or lost. False when nothing is suspect, or the
    job talks to another desk than the one that misses it."""
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None:
            return False
        call, offer = locked
        if not call.live or offer.kind is not SeatKind.AGENT or offer.state is not OfferState.ACCEPTED:
            return False
        if desk and offer.desk not in (desk, None):
            return False
        if not await offers.suspect(tx, offer_id, True):
            return False
        await timeline.write(
            tx, call.id, EventType.AGENT_SUSPECT, f"Nothing is heard of the agent: {because}", {"offer_id": offer_id}
        )
        led_by_human = call.lead is Lead.SUPERVISOR
        if not led_by_human and not any(
            other.kind is SeatKind.ATTENDANT for other in await offers.live_of(tx, call.id)
        ):
            await waiting.attendant_wanted(tx, call.id, 0)
        return True


async def recovered(j: Journey, offer_id: OfferId) -> bool:
    """The agent is heard of again: the attendant leaves. False when it was not suspect any more."""
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None or not locked[1].live or not await offers.suspect(tx, offer_id, False):
            return False
        call, _ = locked
        await timeline.write(tx, call.id, EventType.AGENT_RECOVERED, "The agent is back", {"offer_id": offer_id})
        if call.lead is Lead.ATTENDANT:  # it only listens until a human comes
            return True
        await waiting.attendant_wanted(tx, call.id, None)
        for other in await offers.live_of(tx, call.id):
            if other.kind is SeatKind.ATTENDANT and other.state is OfferState.OFFERED:
                await withdraw(tx, other, "the agent is back")
            elif other.kind is SeatKind.ATTENDANT:
                await effects.command(tx, call.id, other.worker, Fade(offer_id=other.id))
        return True
