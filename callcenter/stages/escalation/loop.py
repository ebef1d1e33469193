"""Supervisors are sought, and watched in calls: by deadlines, by their consoles' beats, by what the rooms hold."""

import time
from functools import partial
from typing import Protocol

import sqlalchemy as sa

from callcenter.journey import ruled, sought, took_part
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.livekit_rooms import Presence
from callcenter.platform.plumbing.loops import each
from callcenter.stages.escalation import store, supervisions
from callcenter.stages.escalation.model import SupervisionState

STALE_SECONDS = 3 * supervisions.LOOK_SECONDS  # with several routers each looks now and then


class Looks(Protocol):
    """What is asked of the media server."""

    async def presence(self, room: str, identity: str) -> Presence: ...


async def seek_once(j: Journey) -> int:
    """Ask for humans where calls take too long; ask the next supervisors, and give up what nobody took. Returns for how
    many escalations something was done."""
    async with j.db.transaction() as tx:
        due = await store.to_look_after(tx)
        overlong = [row["id"] for row in await tx.rows(ruled.overlong())]
    asked = await each(overlong, partial(ruled.too_long, j))
    return asked + await each(due, partial(sought.looked_after, j))


def work() -> sa.Select[str]:
    """Escalations that the router has something to do about, and calls that are to be escalated."""
    return sa.select(sa.union_all(store.asking(), ruled.overlong()).subquery().c[0])


async def watch_once(j: Journey, rooms: Looks, missed: dict[str, float] | None = None) -> int:
    """Take supervisors out of calls whose console has died, who never came or who may not supervise any more, and look
    for the others in their rooms: webhooks are hints. In `missed` it is kept who was not in their room at the last
    look, and when: one whose console lives is looked for twice, for a connection that is made anew is away for a
    moment. Returns how many changed."""
    async with j.db.transaction() as tx:
        dead, expected = await supervisions.dead(tx), await supervisions.to_look_for(tx)
    count = await each(dead, lambda which: took_part.gone(j, which, dead[which], put_out=True))
    return count + await each(
        [one for one in expected if one not in dead], partial(_look, j, rooms, {} if missed is None else missed)
    )


async def _look(j: Journey, rooms: Looks, missed: dict[str, float], supervision_id: str) -> bool:
    async with j.db.transaction() as tx:
        who = await supervisions.find(tx, supervision_id)
        lives = await supervisions.console_lives(tx, supervision_id)
        room = await supervisions.room_of(tx, supervision_id)
    if who is None or room is None:
        return False
    before = missed.pop(supervision_id, None)
    if await rooms.presence(room, who.identity) is Presence.HERE:
        return await took_part.came(j, who.identity)
    now = time.monotonic()
    if lives and (before is None or now - before > STALE_SECONDS):
        missed[supervision_id] = now
    elif who.state is SupervisionState.PRESENT:
        return await took_part.gone(j, supervision_id, "they are not in the room any more")
    return False
