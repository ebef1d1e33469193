"""What is left of calls out whose callers died, or whose callees hung up unseen."""

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Protocol

from callcenter.journey import called_back, transferred
from callcenter.journey.called_back import Due
from callcenter.journey.transferred import Seen, Step
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.plumbing.livekit_calls import SIP_CALL_ID, OutboundTrunk
from callcenter.platform.plumbing.livekit_rooms import Participant, Room
from callcenter.platform.plumbing.loops import each, uncut
from callcenter.stages.outbound import flow, store
from callcenter.stages.outbound.dialler import Dialler, Lines, NotAnswered, Ready
from callcenter.stages.outbound.model import CallOutState, Ending, Failure
from callcenter.stages.outbound.rules import choose
from callcenter.stages.outbound.store import LiveCallOut
from sip.guard import Refusal

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 3.0  # one empty answer of a server that has just started proves nothing
DIALLED_SECONDS = 10.0  # by then whoever is called is in the room, or was
STATUS = "sip.callStatus"
ACTIVE, HANGUP = "active", "hangup"
END_GRACE_SECONDS = 60.0  # our own limit of a call ends it before that of the call out does


class Rooms(Protocol):
    """What the sweep needs of the media server."""

    async def rooms(self) -> list[Room]: ...
    async def participants(self, room: str) -> list[Participant]: ...
    async def delete(self, room: str) -> None: ...
    async def remove(self, room: str, identity: str) -> None: ...


class Sweeper:
    """Ends calls out whose time is up, and those that only we still take for live; what is dialled into the room of a
    call and then answered or declined is known even where the router that dialled it has died. Any number of routers
    may sweep. An answered call lasts `talk_seconds` at most."""

    def __init__(
        self, db: Database, rooms: Rooms, talk_seconds: float, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._db = db
        self._rooms = rooms
        self._talk_seconds = talk_seconds
        self.patience_seconds = patience_seconds
        self._missing_since: dict[str, float] = {}
        self._seen: set[str] = set()

    async def sweep_once(self) -> int:
        """Returns how many were ended or found answered. The room goes first: what cannot be hung up still counts as a
        live call."""
        async with self._db.transaction() as tx:
            live = await store.live(tx)
        self._missing_since = {call.id: at for call in live if (at := self._missing_since.get(call.id)) is not None}
        self._seen &= {call.id for call in live}
        overdue = [call for call in live if call.overdue]
        talking = [call for call in live if not call.overdue and call.state is CallOutState.ANSWERED]
        ringing = [call for call in live if not call.overdue and call.state is CallOutState.DIALLING]
        return (
            await each(overdue, self._give_up)
            + await each(talking, self._look)
            + await each([call for call in ringing if store.is_shared(call.room)], self._look_who_answers)
        )

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
        await self._cut(call)
        async with self._db.transaction() as tx:
            done = await flow.given_up(tx, call.id)
        if done:
            log.warning("ended a call out whose time is up", extra={"call_out_id": call.id, "state": call.state})
        return done

    async def _cut(self, call: LiveCallOut) -> None:
        if store.is_shared(call.room):
            await self._rooms.remove(call.room, store.callee_of(call.id))
        else:
            await self._rooms.delete(call.room)

    async def _look(self, call: LiveCallOut) -> bool:
        if await self._callee(call) is not None or not self._missed(call):
            return False
        await self._cut(call)
        async with self._db.transaction() as tx:
            return await flow.ended(tx, call.id, Ending.CALLEE_LEFT)

    async def _look_who_answers(self, call: LiveCallOut) -> bool:
        """Who dials knows first how it went, unless that one has died: then a caller waits in this room."""
        callee = await self._callee(call)
        if callee is None:
            begun = call.id in self._seen or call.age_seconds > DIALLED_SECONDS
            return begun and self._missed(call) and await self._nobody_took_it(call)
        self._seen.add(call.id)
        if callee.attributes.get(STATUS) != ACTIVE:
            return False
        talk = self._talk_seconds + END_GRACE_SECONDS
        async with self._db.transaction() as tx:
            return await store.answered(tx, call.id, callee.attributes.get(SIP_CALL_ID, ""), talk)

    async def _nobody_took_it(self, call: LiveCallOut) -> bool:
        await self._cut(call)
        async with self._db.transaction() as tx:
            done = await flow.failed(tx, call.id, Failure.ABANDONED)
        if done:
            log.warning("nobody tells of a call out that is over", extra={"call_out_id": call.id})
        return done

    async def _callee(self, call: LiveCallOut) -> Participant | None:
        """Whoever was called, unless they have hung up."""
        present, callee = await self._rooms.participants(call.room), store.callee_of(call.id)
        found = next((p for p in present if p.identity == callee and p.attributes.get(STATUS) != HANGUP), None)
        if found is not None:
            self._missing_since.pop(call.id, None)
        return found

    def _missed(self, call: LiveCallOut) -> bool:
        """Whether they have been missed for long enough."""
        since = self._missing_since.setdefault(call.id, time.monotonic())
        return time.monotonic() - since >= self.patience_seconds


class Placing:
    """Calls out that wait for their answers, each in a task of its own. What this process placed it hears of at once;
    what another one left, it finds by looking."""

    def __init__(self, j: Journey, lines: Lines) -> None:
        self._j = j
        self._lines = lines
        self._dialler = Dialler(j.db, lines)
        self._tasks: set[asyncio.Task[None]] = set()

    async def settle(self) -> None:
        """Wait for the calls under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Give up the calls that ring: whoever goes on decides what becomes of them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, dialling: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(dialling)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _choose(self, trunk: str | None, number: str) -> OutboundTrunk | Refusal | None:
        """The trunk, or why none; None while LiveKit cannot be asked."""
        try:
            return choose(await self._lines.outbound(), trunk, number)
        except ConnectionError:
            return None


class Ringer(Placing):
    """Callers are called back when their turn comes. A call-back is one router's at a time."""

    async def ring_once(self) -> int:
        """Ring those whose turn it is; returns how many calls were placed."""
        placed = 0
        while (due := await called_back.next_due(self._j)) is not None and await self._ring(due):
            placed += 1
        return placed

    async def _ring(self, due: Due) -> bool:
        trunk = await self._choose(due.trunk, due.number)
        if trunk is None or isinstance(trunk, Refusal):
            await called_back.held_up(self._j, due.id, trunk)
            return False
        placed = await called_back.rings(self._j, due.id, trunk)
        if placed is None:
            return False
        call_id, asked = placed
        log.info("calls back", extra={"call_id": call_id, "call_back_id": due.id})
        self._start(self._dial(call_id, Ready(asked, trunk)))
        return True

    async def _dial(self, call_id: CallId, ready: Ready) -> None:
        try:
            result = await self._dialler.dial(ready)
            if isinstance(result, NotAnswered):
                await called_back.not_answered(self._j, call_id, result.failure)
            else:
                await called_back.answered(self._j, ready.asked.room, result.sip_call_id)
        except asyncio.CancelledError:
            await uncut(called_back.not_answered(self._j, call_id, Failure.ABANDONED))
            raise
        except Exception:
            log.exception("a call back failed", extra={"call_id": call_id})
            await called_back.not_answered(self._j, call_id, Failure.UNREACHABLE)


class Transfers(Placing):
    """Callers are connected with numbers outside."""

    async def connect_once(self) -> int:
        """Dial what is to be dialled, and go on with what stands otherwise than the call says; returns how many."""
        return await each(await transferred.under_way(self._j), self._go_on)

    async def _go_on(self, seen: Seen) -> bool:
        call_out_id = seen.transfer.call_out_id
        match seen.step:
            case Step.DIAL:
                return await self._begin(seen)
            case Step.CONNECT:
                return await transferred.connected(self._j, seen.call_id, call_out_id or "")
            case Step.FAIL:
                return await transferred.failed(self._j, seen.call_id, seen.because, call_out_id)
            case Step.END:
                return await transferred.over(self._j, seen.call_id)

    async def _begin(self, seen: Seen) -> bool:
        trunk = await self._choose(seen.transfer.trunk, seen.transfer.number)
        if trunk is None:
            return await transferred.failed(self._j, seen.call_id, Failure.UNREACHABLE, None)
        asked = await transferred.begins(self._j, seen.call_id, trunk)
        if asked is None or isinstance(trunk, Refusal):
            return False
        self._start(self._dial(seen.call_id, Ready(asked, trunk)))
        return True

    async def _dial(self, call_id: CallId, ready: Ready) -> None:
        """Whoever answers when the caller is not to be connected any more is hung up on: nobody else would."""
        result = await self._dialler.dial(ready)
        if isinstance(result, NotAnswered):
            await transferred.failed(self._j, call_id, result.failure, ready.asked.id)
        elif not await transferred.connected(self._j, call_id, ready.asked.id):
            await self._dialler.hang_up(ready.asked)
