"""What is left of calls out whose callers died, or whose callees hung up unseen."""

import logging
import time
from typing import Protocol

from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.livekit_rooms import Participant, Room
from callcenter.platform.plumbing.loops import each
from callcenter.stages.outbound import flow, store
from callcenter.stages.outbound.model import CallOutState, Ending
from callcenter.stages.outbound.store import LiveCallOut

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 3.0  # one empty answer of a server that has just started proves nothing
HANGUP = "hangup"


class Rooms(Protocol):
    """What the sweep needs of the media server."""

    async def rooms(self) -> list[Room]: ...
    async def participants(self, room: str) -> list[Participant]: ...
    async def delete(self, room: str) -> None: ...


class Sweeper:
    """Ends calls out whose time is up, and those that only we still take for live. Any number of routers may sweep."""

    def __init__(self, db: Database, rooms: Rooms, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._db = db
        self._rooms = rooms
        self.patience_seconds = patience_seconds
        self._missing_since: dict[str, float] = {}

    async def sweep_once(self) -> int:
        """Returns how many were ended. The room goes first: what cannot be hung up still counts as a live call."""
        async with self._db.transaction() as tx:
            live = await store.live(tx)
        self._missing_since = {call.id: at for call in live if (at := self._missing_since.get(call.id)) is not None}
        overdue = [call for call in live if call.overdue]
        talking = [call for call in live if not call.overdue and call.state is CallOutState.ANSWERED]
        return await each(overdue, self._give_up) + await each(talking, self._look)

    async def ghosts_once(self) -> int:
        """Delete rooms of calls that are over: one that was given up while LiveKit was still making its room. Returns
        how many. (The row is written before its room is made, so a room without a live row has no call to come.)"""
        names = [room.name for room in await self._rooms.rooms() if room.name.startswith(store.ROOM_PREFIX)]
        if not names:
            return 0
        async with self._db.transaction() as tx:
            ghosts = await store.over_but_there(tx, names)
        return await each(ghosts, self._delete)

    async def _delete(self, room: str) -> bool:
        await self._rooms.delete(room)
        return True

    async def _give_up(self, call: LiveCallOut) -> bool:
        await self._rooms.delete(call.room)
        async with self._db.transaction() as tx:
            done = await flow.given_up(tx, call.id)
        if done:
            log.warning("ended a call out whose time is up", extra={"call_out_id": call.id, "state": call.state})
        return done

    async def _look(self, call: LiveCallOut) -> bool:
        present = await self._rooms.participants(call.room)
        if any(p.is_caller and p.attributes.get("sip.callStatus") != HANGUP for p in present):
            self._missing_since.pop(call.id, None)
            return False
        if time.monotonic() - self._missing_since.setdefault(call.id, time.monotonic()) < self.patience_seconds:
            return False
        await self._rooms.delete(call.room)
        async with self._db.transaction() as tx:
            return await flow.ended(tx, call.id, Ending.CALLEE_LEFT)
