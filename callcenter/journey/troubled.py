"""A model failed or let the caller wait: kept with the call, so that one can see which, when, and how often."""

from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire.base import TroubleSource
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType


async def troubled(j: Journey, offer_id: OfferId, source: TroubleSource) -> bool:
    """Note it; False when the call is over."""
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None or not locked[0].live:
            return False
        slow = source is TroubleSource.SLOW
        summary = "The caller had to wait for a model" if slow else f"A model failed: {source}"
        about = {"offer_id": offer_id, "worker": locked[1].worker, "source": source}
        await timeline.write(tx, locked[0].id, EventType.MODEL_TROUBLE, summary, about)
        return True
