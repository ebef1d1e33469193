"""The end of a call: one outcome, every offer closed, the line left, the room deleted. All ways to end lead here."""

from datetime import datetime

from callcenter.journey import effects, voicemail
from callcenter.journey.call_back_missed import attempt_over
from callcenter.journey.model import EffectKind
from callcenter.journey.parted import over_with_call
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.messages import Leave
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import EndedBy, Outcome
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.stages.learning import store as learning
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.model import OfferState
from callcenter.stages.offers.store import OfferRow
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.treatment import Message


async def outcome_now(tx: Tx, call: LockedCall, otherwise: Outcome | None = None) -> Outcome:
    """What a locked call comes to that ends before goodbye was said: a promised call-back is one, and so is a message
    that was left. `otherwise`: by default completed when somebody talked with the caller, abandoned when nobody did."""
    entry = await waiting.entry(tx, call.id)
    told = entry.treatment if entry else None
    if isinstance(told, Message) and told.outcome == Outcome.CALL_BACK:
        return Outcome.CALL_BACK
    talked = call.answered_at is not None and await calls.was_served(tx, call.id)
    by_default = Outcome.COMPLETED if talked else Outcome.ABANDONED
    return await voicemail.outcome(tx, call.id, otherwise or by_default)


def address_of(offer: OfferRow) -> str:
    """Where the desk reaches the job of this offer: an agent's job by its offer, an attendant by its process."""
    return offer.id if offer.kind is SeatKind.AGENT else offer.worker


async def end(
    tx: Tx, call: LockedCall, outcome: Outcome, by: EndedBy, because: str, caller_left_at: datetime | None = None,
    actor: str = timeline.SYSTEM,
) -> bool:  # fmt: skip
    """End a locked call; False when it had ended before."""
    if not await calls.end(tx, call.id, outcome, by, caller_left_at):
        return False
    await attempt_over(tx, call, by)
    await over_with_call(tx, call)
    await waiting.leave(tx, call.id)
    for offer in await offers.live_of(tx, call.id):
        if offer.state is OfferState.OFFERED:
            await withdraw(tx, offer, "the call ended")
        else:
            await offers.close(tx, offer.id, OfferState.ENDED)
            await timeline.write(tx, call.id, EventType.OFFER_ENDED, "The offer ended with the call", _about(offer))
            await effects.command(tx, call.id, address_of(offer), Leave(offer_id=offer.id, because="the call ended"))
    about = {"outcome": outcome, "ended_by": by}
    await timeline.write(tx, call.id, EventType.CALL_ENDED, f"The call ended: {because}", about, actor)
    await effects.record(tx, EffectKind.DELETE_ROOM, call.id, call.room)
    await learning.begin(tx, call.id)
    return True


async def withdraw(tx: Tx, offer: OfferRow, because: str) -> None:
    """Take back an offer that nobody has claimed yet."""
    if await offers.close(tx, offer.id, OfferState.WITHDRAWN, because):
        await timeline.write(
            tx, offer.call_id, EventType.OFFER_WITHDRAWN, f"The offer was withdrawn: {because}", _about(offer)
        )
        await effects.command(tx, offer.call_id, address_of(offer), Leave(offer_id=offer.id, because=because))


def _about(offer: OfferRow) -> dict[str, str]:
    return {"offer_id": offer.id, "kind": offer.kind, "worker": offer.worker}
