"""What is planned for a caller has changed: the attendant that is with them is told what to play from now on."""

from callcenter.journey import effects
from callcenter.journey.planned import plan
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.wire.asking import Announce, NewPlan
from callcenter.platform.wire.base import SeatKind
from callcenter.records.calls import store as calls
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.model import OfferState
from callcenter.stages.offers.store import OfferRow


async def replanned(tx: Tx, call_id: CallId, *, welcomed: bool = False) -> None:
    """Tell the attendant of this locked call, if one is there; whoever comes later asks (answered.py). A caller who was
    `welcomed` is not once more."""
    for offer in await _attendants(tx, call_id):
        call = await calls.lock(tx, call_id)  # as this transaction has changed it
        if call is not None:
            planned = NewPlan(offer_id=offer.id, plan=await plan(tx, call, welcomed=welcomed))
            await effects.command(tx, call_id, offer.worker, planned)


async def announce(tx: Tx, call_id: CallId, text: str) -> None:
    """The caller of this locked call is told this by the attendant, if one is there."""
    for offer in await _attendants(tx, call_id):
        await effects.command(tx, call_id, offer.worker, Announce(offer_id=offer.id, texts=(text,)))


async def _attendants(tx: Tx, call_id: CallId) -> list[OfferRow]:
    there = await offers.live_of(tx, call_id)
    return [each for each in there if each.kind is SeatKind.ATTENDANT and each.state is OfferState.ACCEPTED]
