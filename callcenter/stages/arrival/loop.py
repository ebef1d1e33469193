"""Reconciling with LiveKit: webhooks are hints that get lost; what the rooms hold is looked up again and again."""

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from callcenter.journey import arrived as arrival
from callcenter.journey import called_back, gave_up, took_part
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.livekit_rooms import Participant, Room
from callcenter.platform.plumbing.loops import each
from callcenter.records.calls import store as calls
from callcenter.records.calls.store import RoomOfCall
from callcenter.stages.arrival import store
from callcenter.stages.arrival.browser import is_browser
from callcenter.stages.arrival.rules import NUL, SIP_CALL_ID, arrival_of, has_hung_up, is_answered, is_callee, is_ours

log = logging.getLogger(__name__)

SETTLING_SECONDS = 3.0  # a room this young may still be on its way through a webhook
ROOMS_AT_ONCE = 10
ASKED_TIMES = 3
LAST_SENTENCE_SECONDS = 20.0  # as for other calls over their maximum length (stages/waiting/loop.py)
GHOST_SECONDS = 15.0  # a room without a caller and without a call that has stood so long is nobody's


class LiveRooms(Protocol):
    """What the reconciler needs of the media server."""

    async def rooms(self) -> list[Room]: ...
    async def participants(self, room: str) -> list[Participant]: ...
    async def delete(self, room: str) -> None: ...
    async def answers(self, room: str, identity: str) -> bool: ...


class Legs:
    """Callers' legs, asked whether they are there: livekit-server keeps a leg that has hung up for up to 20 s where
    livekit-sip's last words are lost (docs/decisions/0007)."""

    def __init__(self, live: LiveRooms) -> None:
        self._live = live
        self._one_has_answered = False
        self._vanished: dict[str, datetime] = {}
        self._some_answer = False

    async def ask(self, room: str, identity: str) -> None:
        """Three times. Silence is a sign once any leg has ever answered here: this livekit-sip is one that does. A leg
        that hangs up before it was first asked is silent from the start."""
        asked_at = datetime.now(UTC)
        for _ in range(ASKED_TIMES):
            if await self._live.answers(room, identity):
                self._one_has_answered = self._some_answer = True
                return
            if not self._one_has_answered:
                return
        self._vanished[room] = asked_at

    def vanished(self) -> dict[str, datetime]:
        """The rooms whose leg did not answer in this look, and since when; none where several legs were asked and no
        leg at all answered: then it is livekit-sip that hangs, and its callers are still there."""
        found, some_answer = self._vanished, self._some_answer
        self._vanished, self._some_answer = {}, False
        if len(found) > 1 and not some_answer:
            log.warning("no leg answers", extra={"legs": len(found)})
            return {}
        return found


class Reconciler:
    """Compares LiveKit's rooms with our calls, again and again. A call ends for a caller who is missing only when two
    looks, some seconds apart, have missed them: one empty answer of a server that has just started proves nothing."""

    def __init__(self, j: Journey, live: LiveRooms, patience_seconds: float = SETTLING_SECONDS) -> None:
        self._j = j
        self._live = live
        self._patience_seconds = patience_seconds
        self._missing_since: dict[str, float] = {}
        self._at_once = asyncio.Semaphore(ROOMS_AT_ONCE)
        self._legs = Legs(live)

    async def reconcile_once(self) -> int:
        """Open calls that webhooks missed, end calls whose caller is gone, delete rooms without a live call. Returns
        how many corrections were made."""
        ours = [room for room in await self._live.rooms() if is_ours(room.name)]
        rooms = {room.name: room for room in ours if NUL not in room.name}
        for room in ours:
            if room.name not in rooms:  # made of a caller's number that no telephone has; nothing can be kept of it
                await self._live.delete(room.name)
        async with self._j.db.transaction() as tx:
            known = await calls.by_rooms(tx, list(rooms))
        self._missing_since = {room: at for room, at in self._missing_since.items() if room in known}
        looks = [self._look(room, known.get(name)) for name, room in rooms.items()]
        looks += [self._missing(call) for name, call in known.items() if call.live and name not in rooms]
        found = await asyncio.gather(*looks, return_exceptions=True)
        found += [await self._left(room, since) for room, since in self._legs.vanished().items()]
        for error in (e for e in found if isinstance(e, BaseException)):
            log.warning("a room could not be reconciled", extra={"error": type(error).__name__})
        return sum(count for count in found if not isinstance(count, BaseException))

    async def _look(self, room: Room, call: RoomOfCall | None) -> int:
        if call is not None and not call.live:
            await self._live.delete(room.name)
            return 1
        async with self._at_once:
            present = await self._live.participants(room.name)
        if call is None:
            return await self._unknown(room, present)
        # A supervisor whose part is over, and whose token is still good, is put out again.
        await each([who.identity for who in present], partial(took_part.came, self._j))
        caller = next((p for p in present if p.identity == call.caller_identity), None)
        if caller is None:
            return await self._missing(call)
        if is_callee(caller.identity) and not call.answered:
            return await self._called(call, caller)
        if has_hung_up(caller.attributes):
            return int(await arrival.caller_left(self._j, room.name))
        self._missing_since.pop(room.name, None)
        seen = arrival_of(room.name, caller.identity, caller.attributes, datetime.now(UTC))
        if seen is not None and seen.active_at is not None and not call.answered:
            await arrival.arrived(self._j, seen)
        if is_answered(caller.attributes):
            await self._legs.ask(room.name, caller.identity)
        return 0

    async def _called(self, call: RoomOfCall, callee: Participant) -> int:
        """Somebody whom we call back: who dials knows how it stands, unless that one has died."""
        if has_hung_up(callee.attributes):
            return await self._missing(call)
        self._missing_since.pop(call.room, None)
        if not is_answered(callee.attributes):
            return 0
        return int(await called_back.answered(self._j, call.room, callee.attributes.get(SIP_CALL_ID, "")))

    async def _left(self, room: str, since: datetime) -> int:
        log.warning("a leg that answers no more has left")
        return int(await arrival.caller_left(self._j, room, at=since))

    async def _unknown(self, room: Room, present: list[Participant]) -> int:
        for participant in present:
            if not _may_call(participant) or room.age_seconds < SETTLING_SECONDS:
                continue
            seen = arrival_of(room.name, participant.identity, participant.attributes, datetime.now(UTC))
            call_id = await arrival.arrived(self._j, seen) if seen else None
            if call_id:
                log.warning("opened a call that no webhook named", extra={"call_id": call_id})
                return 1
        if not any(map(_may_call, present)) and room.age_seconds > GHOST_SECONDS:
            await self._live.delete(room.name)
            return 1
        return 0

    async def _missing(self, call: RoomOfCall) -> int:
        since = self._missing_since.setdefault(call.room, time.monotonic())
        if call.age_seconds < SETTLING_SECONDS or time.monotonic() - since < self._patience_seconds:
            return 0
        first_missed = datetime.now(UTC) - timedelta(seconds=time.monotonic() - since)
        if not await arrival.caller_left(self._j, call.room, at=first_missed):
            return 0
        log.warning("ended a call whose caller is gone", extra={"call_id": call.call_id})
        return 1


def _may_call(participant: Participant) -> bool:
    return participant.is_caller or is_browser(participant.identity)


async def end_test_calls_once(j: Journey) -> int:
    """Test calls that are long enough hear so and end; returns how many that were."""
    async with j.db.asking() as tx:
        overlong = [row["id"] for row in await tx.rows(store.overlong_test_calls(j.timing.test_call))]
        over = [
            row["id"] for row in await tx.rows(store.overlong_test_calls(j.timing.test_call + LAST_SENTENCE_SECONDS))
        ]
    return await each(overlong, partial(gave_up.too_long, j)) + await each(over, partial(gave_up.cut_off, j))
