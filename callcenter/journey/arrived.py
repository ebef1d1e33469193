"""A caller is in a room: open the call, decide where it goes, and stand it in line. One transaction."""

from datetime import datetime
from functools import partial
from typing import assert_never

from callcenter.journey import tried
from callcenter.journey.admitted import refusal, with_room, within_limits
from callcenter.journey.answered import note_active
from callcenter.journey.ended import end, outcome_now
from callcenter.journey.human_first import ask_first
from callcenter.journey.measured import measured
from callcenter.journey.placed import stand_in_line, treat
from callcenter.journey.planned import WITHOUT_TEXT
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.plumbing.livekit_rooms import Presence
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import Channel, EndedBy, Outcome
from callcenter.records.calls.store import Arrival, LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.rule_sets.actions import (
    CallBack,
    HumanFirst,
    InQueue,
    Menu,
    Message,
    Reject,
    ToQueue,
    Transfer,
    Voicemail,
)
from callcenter.stages.arrival import store as webhooks
from callcenter.stages.callbacks import store as call_backs
from callcenter.stages.routing.facts import Decision, Facts
from callcenter.stages.routing.flow import Route, route
from callcenter.stages.routing.kept import keep
from callcenter.stages.waiting.treatment import treatment_of


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
    tester = await tried.tester(tx, call.id) if arrival.channel is Channel.BROWSER else None
    words = "A call came in" if tester is None else "Somebody tries it out: a test call from the console"
    about = {"trunk": arrival.trunk, "channel": arrival.channel}
    await timeline.write(tx, call.id, EventType.CALL_ARRIVED, words, about, actor=tester or timeline.SYSTEM)
    if arrival.forged:
        await end(tx, call, Outcome.REFUSED, EndedBy.SYSTEM, "its From header pretends to be an allowed address")
        return
    if arrival.channel is Channel.BROWSER and tester is None:
        await end(tx, call, Outcome.REFUSED, EndedBy.SYSTEM, "whoever asked for this test call has asked for another")
        return
    facts = Facts(
        to=arrival.to_number, from_=arrival.from_number, entered=False, call_id=call.id, at=call.arrived_at,
        headers=arrival.headers,
    )  # fmt: skip
    if arrival.profile is not None:
        await decided(tx, j, call, await tried.into_profile(tx, arrival.profile, facts))
        return
    chosen = await route(tx, facts, partial(measured, j.timing.worker_silent), call_backs.is_open)
    limited = None if tester else await within_limits(tx, j, call, arrival.trunk, arrival.from_number, chosen)
    await decided(tx, j, call, chosen, limited)


async def decided(tx: Tx, j: Journey, call: LockedCall, by_rules: Route, limited: Route | None = None) -> None:
    """Write down where this locked call goes and why, and let it begin: at its arrival, where limits may have changed
    what the rules decided, or when it was in a menu."""
    chosen = await with_room(tx, call, limited or by_rules)
    action = chosen.decision.action
    in_queue = action if isinstance(action, InQueue) else None
    trace = [*chosen.decision.trace]
    await calls.set_route(
        tx, call.id, queue=in_queue.queue if in_queue else None, profile=chosen.profile,
        priority=in_queue.priority if in_queue else 0, version=chosen.version, rule=chosen.decision.rule, trace=trace,
        facts=keep(by_rules.facts, by_rules.needs, by_rules.decision, call.arrived_at),
    )  # fmt: skip
    await timeline.write(
        tx, call.id, EventType.CALL_ROUTED, trace[-1],
        {"rule_set_version": chosen.version, "rule": chosen.decision.rule, "action": action.action},
    )  # fmt: skip
    await _do(tx, j, call, chosen)


async def _do(tx: Tx, j: Journey, call: LockedCall, chosen: Route) -> None:
    """The one place where a decided action begins to happen."""
    match chosen.decision.action:
        case Message() | Menu() | Voicemail() | CallBack() | Transfer() as action:
            await treat(tx, call.id, treatment_of(action, without_text=WITHOUT_TEXT, asked=len(chosen.facts.digits)))
        case ToQueue() | HumanFirst() as line:
            if chosen.queue is None:
                raise AssertionError("a route to a queue carries the queue")
            place = await _kept_place(tx, call.id, chosen, line.queue)
            await stand_in_line(tx, j, call.id, line, chosen.queue, "The call waits for an agent", place=place)
            if isinstance(line, HumanFirst):
                await ask_first(tx, call, line, chosen.queue)
        case Reject() if call.answered_at is not None:
            await treat(tx, call.id, treatment_of(refusal(None), without_text=WITHOUT_TEXT))
        case Reject():
            await end(tx, call, Outcome.REFUSED, EndedBy.SYSTEM, _rejected(chosen.decision))
        case unreachable:
            assert_never(unreachable)


def _rejected(decision: Decision) -> str:
    return decision.remarks[-1] if decision.remarks else f"rule '{decision.rule}' rejects it"


async def _kept_place(tx: Tx, call_id: CallId, chosen: Route, queue: str) -> datetime | None:
    """A caller who is to be called back and calls again, and whom a rule knows as such, has their place. A test call
    only says that the number is its own."""
    if not chosen.facts.open_call_back or await tried.is_test(tx, call_id):
        return None
    return await call_backs.place_of(tx, chosen.facts.from_, queue)


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
        return await end(tx, call, await outcome_now(tx, call), EndedBy.CALLER, "the caller hung up", at)


async def caller_out_of_sight(j: Journey, room: str) -> bool:
    """Somebody in the room lost sight of the caller and does not know why: the call ends when the media server does not
    hold the caller any more either. False when it goes on. Raises when the media server cannot be asked."""
    async with j.db.transaction() as tx:
        call = await calls.lock_by_room(tx, room)
    if call is None or not call.live:
        return False
    presence = await j.performer.rooms.presence(room, call.caller_identity)
    return presence is not Presence.HERE and await caller_left(j, room, by_fault=presence is Presence.LOST)
