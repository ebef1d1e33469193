"""A call-back's attempt is over: it goes on, or it is given up. The end of a call leads here (ended.py)."""

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import EndedBy
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.queues import store as queues
from callcenter.setup.queues.rules import CallBackPolicy
from callcenter.stages.callbacks import store as call_backs
from callcenter.stages.callbacks.model import CallBackState
from callcenter.stages.callbacks.rules import Missed, after_failure
from callcenter.stages.callbacks.store import CallBackRow
from callcenter.stages.waiting import store as waiting

HUNG_UP_IN_LINE = "hung up in line"
SERVED = "served in another call"


async def policy_of(tx: Tx, row: CallBackRow) -> CallBackPolicy:
    """How the call-back's queue calls back; a queue that is gone does it as any."""
    queue = await queues.find(tx, row.queue)
    return queue.call_back if queue else CallBackPolicy()


async def told(tx: Tx, row: CallBackRow, call_id: CallId | None, event: EventType, summary: str) -> None:
    """Write it into both calls: the one that was placed (locked already), and the one in which it was promised."""
    data = {"call_back_id": row.id}
    if call_id is not None:
        await timeline.write(tx, call_id, event, summary, {**data, "origin_call_id": row.origin_call_id})
    if row.origin_call_id is not None and row.origin_call_id != call_id:
        await calls.lock(tx, row.origin_call_id)
        await timeline.write(tx, row.origin_call_id, event, summary, {**data, "call_id": call_id})


async def follow(tx: Tx, row: CallBackRow, failure: str, policy: CallBackPolicy, attempts: int) -> None:
    """What follows an attempt that was not placed at all: another, or none. `attempts` counts this one."""
    pause = after_failure(failure, attempts, policy)
    if pause is None:
        await call_backs.over(tx, row.id, CallBackState.FAILED, failure)
    else:
        await call_backs.again(tx, row.id, failure, pause)
    if pause is None or row.last_failure != failure:  # caps that stay reached are told once
        words = f"The caller could not be called back: {failure}"
        await told(tx, row, None, EventType.CALL_BACK_MISSED, words)


async def attempt_over(tx: Tx, call: LockedCall, by: EndedBy) -> None:
    """The call of a call-back has ended before an agent had it. Nothing for every other call."""
    row = await call_backs.of_call(tx, call.id)
    if row is None:
        return
    entry = await waiting.entry(tx, call.id)
    in_line = row.state is CallBackState.CONFIRMING and (entry is None or entry.treatment is None)
    if in_line and by is EndedBy.CALLER:
        await call_backs.over(tx, row.id, CallBackState.CANCELLED, HUNG_UP_IN_LINE)
        await told(tx, row, call.id, EventType.CALL_BACK_CANCELLED, "The caller hung up before an agent came")
        return
    left = row.state is CallBackState.CONFIRMING and by is EndedBy.CALLER
    failure = row.last_failure or (Missed.HUNG_UP if left else Missed.LOST)
    pause = after_failure(failure, row.attempts, await policy_of(tx, row))
    if pause is None:
        await call_backs.over(tx, row.id, CallBackState.FAILED, failure)
        words = f"The call-back reached nobody ({failure}) and is given up"
    else:
        await call_backs.again(tx, row.id, failure, pause)
        words = f"The call-back reached nobody ({failure}): once more in {pause.after_seconds:.0f} s"
    await told(tx, row, call.id, EventType.CALL_BACK_MISSED, words)


async def served(tx: Tx, call: LockedCall) -> None:
    """An agent has this locked call: its call-back is done, and one that was promised to this caller is not needed."""
    row = await call_backs.of_call(tx, call.id)
    if row is not None:
        await call_backs.over(tx, row.id, CallBackState.DONE)
        return
    promised = await call_backs.planned_for_caller(tx, call.id)
    if promised is not None and await call_backs.over(tx, promised.id, CallBackState.CANCELLED, SERVED):
        await told(tx, promised, call.id, EventType.CALL_BACK_CANCELLED, "The caller called again and is served")
