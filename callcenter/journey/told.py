"""What the agent of a call is told, and its attendant: over the desk that holds them, after the commit."""

from callcenter.journey import effects
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.wire.base import Message, SeatKind
from callcenter.platform.wire.messages import Fade
from callcenter.platform.wire.supervision import SayNext
from callcenter.records.calls.store import LockedCall
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.model import OfferState
from callcenter.stages.offers.store import OfferRow


async def agent_of(tx: Tx, call: LockedCall) -> OfferRow | None:
    """The agent that is in the call, leading or listening."""
    for offer in await offers.live_of(tx, call.id):
        if offer.kind is SeatKind.AGENT and offer.state is OfferState.ACCEPTED:
            return offer
    return None


async def tell(tx: Tx, call: LockedCall, message: Message) -> None:
    """Tell the agent of the call, whose offer the message names."""
    await effects.command(tx, call.id, message.model_dump()["offer_id"], message)


async def say_next(tx: Tx, call: LockedCall, text: str) -> None:
    """The agent of the call, if there is one, says this to the caller at the next occasion."""
    agent = await agent_of(tx, call)
    if agent is not None and text:
        await tell(tx, call, SayNext(offer_id=agent.id, text=text))


async def attendants_fade(tx: Tx, call_id: CallId) -> None:
    """Whoever keeps the caller of this locked call company fades out and leaves."""
    for other in await offers.live_of(tx, call_id):
        if other.kind is SeatKind.ATTENDANT:
            await effects.command(tx, call_id, other.worker, Fade(offer_id=other.id))
