"""A call has waited long enough for its next fallback: that happens, once, in the transaction that takes it off the
call's list."""

from typing import assert_never

from callcenter.journey.admitted import is_full
from callcenter.journey.gave_up import begin
from callcenter.journey.placed import stand_in_line
from callcenter.journey.planned import WITHOUT_TEXT
from callcenter.journey.replanned import replanned
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.records.calls import store as calls
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.queues import store as queues
from callcenter.setup.rule_sets.actions import CallBack, Message, ToQueue, Transfer, Voicemail, WidenSkills
from callcenter.stages.waiting import overflow
from callcenter.stages.waiting.overflow import Waiter
from callcenter.stages.waiting.rules import widened
from callcenter.stages.waiting.treatment import treatment_of


async def overflowed(j: Journey, call_id: CallId) -> bool:
    """Do the fallback that is due for this call; False when there is none any more, or an agent is just asked: then it
    happens if that one does not come."""
    async with j.verb() as tx:
        call = await calls.lock(tx, call_id)
        waiter = await overflow.waiter(tx, call_id) if call is not None and call.live else None
        if call is None or waiter is None:
            return False
        await overflow.keep_fallbacks(tx, call_id, waiter.later, anew=False)
        done = await _do(tx, j, call, waiter)
        data = {"after_seconds": waiter.due.after_seconds, "then": waiter.due.then.action, "queue": waiter.queue}
        await timeline.write(tx, call_id, EventType.CALL_OVERFLOWED, done, data)
        return True


async def _do(tx: Tx, j: Journey, call: LockedCall, waiter: Waiter) -> str:
    """Let the fallback happen; returns what did, in words."""
    waited = f"After {waiter.due.after_seconds:g} s in line"
    match waiter.due.then:
        case WidenSkills(drop=drop):
            await overflow.widen(tx, call.id, widened(waiter.skills, None if drop == "all" else drop))
            return f"{waited} it does without {'any skill' if drop == 'all' else ', '.join(drop)}"
        case ToQueue() as line:
            return f"{waited} {await _to_queue(tx, j, call, line)}"
        case Message() | Voicemail() | CallBack() | Transfer() as action:
            await begin(tx, call, treatment_of(action, without_text=WITHOUT_TEXT))
            return f"{waited}: {action.action.replace('_', ' ')}"
        case unreachable:
            assert_never(unreachable)


async def _to_queue(tx: Tx, j: Journey, call: LockedCall, line: ToQueue) -> str:
    """A call stays where it is when the other queue is gone or full: a place is worth more than a refusal."""
    queue = await queues.find(tx, line.queue)
    if queue is None:
        return f"it stays: there is no queue '{line.queue}'"
    if await is_full(tx, line.queue, queue, call.id):
        return f"it stays: queue '{line.queue}' is full"
    await calls.set_queue(tx, call.id, line.queue, line.profile or queue.profile, line.priority)
    await stand_in_line(tx, j, call.id, line, queue, "The call went on to another queue", goes_on=True)
    await replanned(tx, call.id)
    return f"it goes on to queue '{line.queue}'"
