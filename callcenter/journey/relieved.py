"""A worker drains and somebody else goes on with its calls: a hand-over as meant, and nobody's failure."""

from callcenter.journey import effects
from callcenter.journey.ended import address_of
from callcenter.journey.left import caller_is_alone
from callcenter.journey.model import EffectKind
from callcenter.journey.offered import REMOVE_SECONDS, back_in_line, refused
from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.identities import agent_identity
from callcenter.platform.wire.messages import Fade, Leave
from callcenter.records.calls import store as calls
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.stages.offers import drains
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.model import OfferState
from callcenter.stages.offers.store import OfferRow
from callcenter.stages.waiting import store as waiting

# The old attendant plays on until the next one is in the room, and fades while that one begins.
OVERLAP_SECONDS = 1.0
STAY_SECONDS = 8.0
DRAINED = "its worker is drained"


async def due(j: Journey) -> list[OfferId]:
    """What draining workers must hand over: everything once their time is over; before that, callers who only wait, as
    soon as another attendant has a seat for them. A message that is being said is said to its end."""
    async with j.db.transaction() as tx:
        return [*await drains.overdue(tx), *await drains.movable(tx, waiting.in_queue, j.timing.worker_silent)]


async def relieved(j: Journey, offer_id: OfferId, because: str = DRAINED) -> bool:
    """Give this call to somebody else while the old job still runs; the next agent goes on with the transcript. False
    when the offer was over."""
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None or not locked[1].live:
            return False
        call, offer = locked
        accepted = offer.state is OfferState.ACCEPTED
        if accepted:
            await _hand_over(tx, call, offer, because)
    return accepted or await refused(j, offer_id, because)


async def _hand_over(tx: Tx, call: LockedCall, offer: OfferRow, because: str) -> None:
    agent = offer.kind is SeatKind.AGENT
    await offers.close(tx, offer.id, OfferState.ENDED, because)
    await calls.leg_left(tx, offer.id)
    await timeline.write(
        tx, call.id, EventType.AGENT_RELIEVED if agent else EventType.ATTENDANT_RELIEVED,
        f"The {offer.kind} hands the call over: {because}", {"offer_id": offer.id, "worker": offer.worker},
    )  # fmt: skip
    if agent:
        identity = agent_identity(offer.id)
        await effects.record(tx, EffectKind.REMOVE, call.id, identity, room=call.room, life=REMOVE_SECONDS)
        await effects.command(tx, call.id, address_of(offer), Leave(offer_id=offer.id, because=because))
        await back_in_line(tx, call, offer.kind)
        await caller_is_alone(tx, call)
    else:
        fade = Fade(offer_id=offer.id, seconds=OVERLAP_SECONDS, stay=STAY_SECONDS)
        await effects.command(tx, call.id, address_of(offer), fade)
        await waiting.attendant_gone(tx, call.id, 0)
