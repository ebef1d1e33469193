"""The line, moved on: seats for those who wait, an attendant for those who ring too long, an end where nobody comes."""

from functools import partial

import sqlalchemy as sa

from callcenter.journey import gave_up, offered, overflowed
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.loops import each
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import CallState
from callcenter.stages.waiting import overflow, store

# A sentence takes up to ten seconds, its synthesis and who is to say it a few more.
LAST_SENTENCE_SECONDS = 20.0
# Proxies on the way give up a call that only rings after three minutes (RFC 3261, 16.6, timer C).
MAX_RINGING_SECONDS = 180.0


async def move_once(j: Journey) -> int:
    """Offer seats to waiting and ringing calls; returns how many offers were made."""
    return await offered.offer_agents_once(j) + await offered.offer_attendants_once(j)


async def overflow_once(j: Journey) -> int:
    """Do the fallbacks that are due, and let preferred skills go that were insisted on for long enough; returns for how
    many calls."""
    async with j.verb() as tx:
        relaxed = await overflow.relax(tx)
        due = await overflow.due(tx)
    return relaxed + await each(due, partial(overflowed.overflowed, j))


def overflowing() -> sa.Select[str]:
    """Calls in line that something is due for."""
    return sa.select(sa.union_all(overflow.overflowing(), overflow.relaxing()).subquery())


def over(j: Journey) -> sa.Select[str]:
    """Calls whose time is up, in line, in all or ringing."""
    return sa.select(
        sa.union_all(
            store.giving_up(),
            calls.living_longer_than(j.timing.max_call),
            calls.living_longer_than(MAX_RINGING_SECONDS, CallState.RINGING),
        ).subquery()
    )


async def give_up_once(j: Journey) -> int:
    """Give calls whose time is up their last sentence, in line and over the maximum length, and end those that had the
    time for it or ring for ever; returns how many."""
    async with j.db.transaction() as tx:
        waited = await store.waited_too_long(tx)
        overlong = await calls.live_longer_than(tx, j.timing.max_call)
        over = await calls.live_longer_than(tx, j.timing.max_call + LAST_SENTENCE_SECONDS)
        ringing = await calls.live_longer_than(tx, MAX_RINGING_SECONDS, CallState.RINGING)
    return (
        await each(waited, partial(gave_up.gave_up, j))
        + await each(overlong, partial(gave_up.too_long, j))
        + await each(over, partial(gave_up.cut_off, j))
        + await each(ringing, partial(gave_up.never_answered, j))
    )
