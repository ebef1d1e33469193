"""The line, moved on: seats for those who wait, an attendant for those who ring too long, an end where nobody comes."""

from functools import partial

from callcenter.journey import gave_up, offered
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.loops import each
from callcenter.records.calls import store as calls
from callcenter.stages.waiting import store


async def move_once(j: Journey) -> int:
    """Offer seats to waiting and ringing calls; returns how many offers were made."""
    return await offered.offer_agents_once(j) + await offered.offer_attendants_once(j)


async def give_up_once(j: Journey) -> int:
    """End the wait of calls whose time is up, and calls over the maximum length; returns how many."""
    async with j.db.transaction() as tx:
        waited = await store.waited_too_long(tx)
        overlong = await calls.live_longer_than(tx, j.timing.max_call)
    return await each(waited, partial(gave_up.gave_up, j)) + await each(overlong, partial(gave_up.too_long, j))
