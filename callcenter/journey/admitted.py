"""Whether there is room for a call: by the limits of trunks, callers and waiting callers, and in its queue.

What is counted together is judged one call at a time, in the transaction that lets the call in; so no two calls find
the same last place. Calls that are let in never become worse off for those that are not.
"""

from dataclasses import replace

from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.wire.base import SeatKind
from callcenter.records.calls import read as calls
from callcenter.records.calls.store import LockedCall
from callcenter.setup.limits import store as limits
from callcenter.setup.limits.rules import LimitBody, Per, concerning, reached
from callcenter.setup.queues.rules import MoreThanEnough, QueueBody
from callcenter.setup.rule_sets.actions import InQueue, Message, Reject
from callcenter.stages.offers import read as offers
from callcenter.stages.routing.flow import Route, towards
from callcenter.stages.waiting import places

QUEUES = "queues"  # all that are limited share one lock: a call may go from one full queue to the next


async def within_limits(tx: Tx, j: Journey, call: LockedCall, trunk: str, caller: str, route: Route) -> Route:
    """The route, or what a limit that is reached makes of it. The decision of the rules stays in the trace."""
    for name, limit in concerning(await limits.every(tx), trunk, caller):
        counted = {Per.TRUNK: f"trunk {trunk}", Per.CALLER: f"caller {caller}", Per.WAITING: "waiting"}[limit.per]
        await limits.one_at_a_time(tx, counted)
        most = limit.max_calls if limit.max_calls is not None else await _attended_at_most(tx, j)
        words = reached(name, limit, await _count(tx, call.id, trunk, caller, limit, most), most)
        if words is not None:
            return await _instead(tx, call, route, limit.then, words, None)
    return route


async def _attended_at_most(tx: Tx, j: Journey) -> int:
    seats = await offers.free_seats(tx, SeatKind.ATTENDANT, j.timing.worker_silent, busy_too=True)
    return sum(seats.values())


async def _count(tx: Tx, besides: CallId, trunk: str, caller: str, limit: LimitBody, most: int) -> int:
    match limit.per:
        case Per.WAITING:
            return await places.unserved(tx, besides, most)
        case Per.TRUNK:
            return await calls.live_inbound(tx, besides, most, trunk=trunk)
        case Per.CALLER:
            return await calls.live_inbound(tx, besides, most, caller=caller)


async def with_room(tx: Tx, call: LockedCall, route: Route) -> Route:
    """The route, or where a full queue sends the call: from queue to queue as they say, and nowhere twice."""
    seen: set[str] = set()
    while isinstance(action := route.decision.action, InQueue) and route.queue is not None:
        seen.add(action.queue)
        if not await is_full(tx, action.queue, route.queue, call.id):
            return route
        then = route.queue.when_full
        words = f"queue '{action.queue}' is full: {route.queue.max_waiting} others wait in it"
        if isinstance(then, InQueue) and then.queue in seen:
            then = Reject(action="reject")
        route = await _instead(tx, call, route, then, words, route.queue)
    return route


async def is_full(tx: Tx, name: str, queue: QueueBody, call_id: CallId) -> bool:
    """Whether a queue has no place for this call. Who asks waits for others who do."""
    if queue.max_waiting is None:
        return False
    await limits.one_at_a_time(tx, QUEUES)
    return await places.unserved(tx, call_id, queue.max_waiting, name) >= queue.max_waiting


def refusal(queue: QueueBody | None) -> Message:
    """What a call that was answered already hears instead of 486."""
    text = queue.gave_up if queue else QueueBody.model_fields["gave_up"].default
    return Message(action="message", text=text, outcome="refused")


async def _instead(
    tx: Tx, call: LockedCall, route: Route, then: MoreThanEnough, words: str, queue: QueueBody | None
) -> Route:
    """486 can only be sent before the answer: afterwards the caller hears a sentence."""
    if isinstance(then, Reject) and call.answered_at is not None:
        then = refusal(queue)
    decision = replace(route.decision, action=then, remarks=(*route.decision.remarks, words))
    return await towards(tx, replace(route, decision=decision, queue=None, profile=None))
