"""A caller is in a room: open the call, decide where it goes, and stand it in line. One transaction."""

from datetime import datetime

from callcenter.journey.answered import note_active
from callcenter.journey.ended import end
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.plumbing.livekit_rooms import Presence
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import EndedBy, Outcome
from callcenter.records.calls.store import Arrival, LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.rule_sets.rules import Message
from callcenter.stages.arrival import store as webhooks
from callcenter.stages.routing.flow import Route, route
from callcenter.stages.waiting import store as waiting


async def arrived(j: Journey, arrival: Arrival, event_id: str | None = None) -> CallId | None:
    """Open the room's call unless it has one. Returns the new call's id, None when nothing was new."""
    async with j.verb() as tx:
        if event_id and not await webhooks.first_time(tx, event_id, "caller_present"):
            return None
        call_id = await calls.open_call(tx, arrival)
        call = await calls.lock_by_room(tx, arrival.room)
        if call_id and call:
            await _opened(tx, j, call, arrival)
        if call and arrival.active_at and not arrival.forged:
            await note_active(tx, call, arrival.active_at)
        return call_id


async def _opened(tx: Tx, j: Journey, call: LockedCall, arrival: Arrival) -> None:
    await timeline.write(tx, call.id, EventType.CALL_ARRIVED, "A call came in", {"trunk": arrival.trunk})
    if arrival.forged:
        await end(tx, call, Outcome.REFUSED, EndedBy.SYSTEM, "its From header pretends to be an allowed address")
        return
    chosen = await route(tx, arrival.to_number, arrival.from_number)
    action = chosen.decision.action
    await calls.set_route(
        tx, call.id, queue=None if isinstance(action, Message) else action.queue, profile=chosen.profile,
        priority=0 if isinstance(action, Message) else action.priority, version=chosen.version,
        rule=chosen.decision.rule, trace=list(chosen.decision.trace),
    )  # fmt: skip
    await timeline.write(
        tx, call.id, EventType.CALL_ROUTED, chosen.decision.trace[-1],
        {"rule_set_version": chosen.version, "rule": chosen.decision.rule, "action": action.action},
    )  # fmt: skip
    await _stand_in_line(tx, j, call.id, chosen)


async def _stand_in_line(tx: Tx, j: Journey, call_id: CallId, chosen: Route) -> None:
    """A message is said at once by an attendant; a queue's call rings `answer_after` before one answers."""
    action = chosen.decision.action
    if isinstance(action, Message):
        await waiting.enter(
            tx, call_id, queue=None, priority=0, required_skills=(), attendant_after_seconds=0,
            gives_up_after_seconds=waiting.LAST_WORDS_SECONDS, message=action.text, message_outcome=action.outcome,
        )  # fmt: skip
        return
    if chosen.queue is None:
        raise AssertionError("a route to a queue carries the queue")
    after = chosen.queue.answer_after_seconds
    await waiting.enter(
        tx, call_id, queue=action.queue, priority=action.priority,
        required_skills=tuple(sorted({*action.required_skills, *chosen.queue.required_skills})),
        attendant_after_seconds=j.timing.answer_after if after is None else after,
        gives_up_after_seconds=chosen.queue.max_wait_seconds, message=None, message_outcome=None,
    )  # fmt: skip
    await timeline.write(tx, call_id, EventType.CALL_WAITING, "The call waits for an agent", {"queue": action.queue})


async def caller_left(
    j: Journey,
    room: str,
    event_id: str | None = None,
    identity: str | None = None,
    at: datetime | None = None,
    *,
    by_fault: bool = False,
) -> bool:
    """The caller's leg (or the whole room, without `identity`) is gone: the call ends, failed when the engine lost the
    leg. False when there was no live call in this room, or it was somebody else who left. `at`: when they left, if the
    one who says so knows; the seat has to be free 5 s after that, not after our noticing (I3)."""
    async with j.verb() as tx:
        if event_id and not await webhooks.first_time(tx, event_id, "caller_left"):
            return False
        call = await calls.lock_by_room(tx, room)
        if call is None or (identity and identity != call.caller_identity):
            return False
        if not call.live:
            if at is not None:
                await calls.caller_left(tx, call.id, at)
            return False
        if by_fault:
            return await end(tx, call, Outcome.FAILED, EndedBy.SYSTEM, "the engine lost the caller's leg", at)
        talked = call.answered_at is not None and await calls.was_served(tx, call.id)
        outcome = Outcome.COMPLETED if talked else Outcome.ABANDONED
        return await end(tx, call, outcome, EndedBy.CALLER, "the caller hung up", at)


async def caller_out_of_sight(j: Journey, room: str) -> bool:
    """Somebody in the room lost sight of the caller and does not know why: the call ends when the media server does not
    hold the caller any more either. False when it goes on. Raises when the media server cannot be asked."""
    async with j.db.transaction() as tx:
        call = await calls.lock_by_room(tx, room)
    if call is None or not call.live:
        return False
    presence = await j.performer.rooms.presence(room, call.caller_identity)
    return presence is not Presence.HERE and await caller_left(j, room, by_fault=presence is Presence.LOST)
