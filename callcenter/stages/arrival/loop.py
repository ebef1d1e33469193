"""Reconciling with LiveKit: webhooks are hints that get lost; what the rooms hold is looked up again and again."""

import logging
from datetime import UTC, datetime
from typing import Protocol

from callcenter.journey import arrived as arrival
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.livekit_rooms import Participant, Room
from callcenter.records.calls import store as calls
from callcenter.records.calls.store import RoomOfCall
from callcenter.stages.arrival.rules import ROOM_PREFIX, arrival_of

log = logging.getLogger(__name__)

SETTLING_SECONDS = 3.0  # a room this young may still be on its way through a webhook
GHOST_SECONDS = 15.0  # a room without a caller and without a call that has stood so long is nobody's


class LiveRooms(Protocol):
    """What the reconciler needs of the media server."""

    async def rooms(self) -> list[Room]: ...
    async def participants(self, room: str) -> list[Participant]: ...
    async def delete(self, room: str) -> None: ...


async def reconcile_once(j: Journey, live: LiveRooms) -> int:
    """Open calls that webhooks missed, end calls whose caller is gone, delete rooms without a live call. Returns how
    many corrections were made."""
    rooms = {room.name: room for room in await live.rooms() if room.name.startswith(ROOM_PREFIX)}
    async with j.db.transaction() as tx:
        known = await calls.by_rooms(tx, list(rooms))
    corrections = 0
    for name, room in rooms.items():
        corrections += await _reconcile_room(j, live, room, known.get(name))
    for name, call in known.items():
        if call.live and name not in rooms and call.age_seconds > SETTLING_SECONDS:
            corrections += await _caller_gone(j, call)
    return corrections


async def _reconcile_room(j: Journey, live: LiveRooms, room: Room, call: RoomOfCall | None) -> int:
    if call is not None and not call.live:
        await live.delete(room.name)
        return 1
    present = await live.participants(room.name)
    if call is None:
        return await _unknown_room(j, live, room, present)
    caller = next((p for p in present if p.identity == call.caller_identity), None)
    if caller is None:
        return await _caller_gone(j, call) if call.age_seconds > SETTLING_SECONDS else 0
    arrived = arrival_of(room.name, caller.identity, caller.attributes, datetime.now(UTC))
    if arrived is not None and arrived.active_at is not None:
        await arrival.arrived(j, arrived)
    return 0


async def _unknown_room(j: Journey, live: LiveRooms, room: Room, present: list[Participant]) -> int:
    for participant in present:
        if not participant.is_caller or room.age_seconds < SETTLING_SECONDS:
            continue
        arrived = arrival_of(room.name, participant.identity, participant.attributes, datetime.now(UTC))
        call_id = await arrival.arrived(j, arrived) if arrived else None
        if call_id:
            log.warning("opened a call that no webhook named", extra={"call_id": call_id})
            return 1
    if not present and room.age_seconds > GHOST_SECONDS:
        await live.delete(room.name)
        return 1
    return 0


async def _caller_gone(j: Journey, call: RoomOfCall) -> int:
    if not await arrival.caller_left(j, call.room):
        return 0
    log.warning("ended a call whose caller is gone", extra={"call_id": call.call_id})
    return 1
