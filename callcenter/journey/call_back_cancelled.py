"""Somebody who may cancels a call-back: it is not dialled any more, and what rings for it stops."""

from callcenter.journey.call_back_missed import told
from callcenter.journey.ended import end
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.errors import Conflict, NotFound
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import EndedBy, Outcome
from callcenter.records.timeline.model import EventType
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import Author
from callcenter.stages.callbacks import store as call_backs
from callcenter.stages.callbacks.model import CallBackState
from callcenter.stages.callbacks.store import CallBackRow

BECAUSE = "cancelled by hand"
STOPPABLE = (CallBackState.PLANNED, CallBackState.DIALLING)  # nobody has answered
TRIES = 5  # it is dialled once in minutes


class NoSuchCallBack(NotFound):
    """There is no call-back with this id."""


class CallBackOver(Conflict):
    """This call-back is over, or somebody has answered it: there is nothing to cancel."""


async def cancelled(j: Journey, call_back_id: str, author: Author) -> CallBackRow:
    """Cancel one that is planned or rings. Raises NoSuchCallBack, CallBackOver."""
    for _ in range(TRIES):
        row = await _cancelled(j, call_back_id, author)
        if row is not None:
            return row
    raise CallBackOver()


async def _cancelled(j: Journey, call_back_id: str, author: Author) -> CallBackRow | None:
    """None when a router has just begun to dial it, or has given up: the call that rings for it is to be locked
    before."""
    async with j.verb() as tx:
        row = await call_backs.find(tx, call_back_id)
        if row is None:
            raise NoSuchCallBack()
        if row.state not in STOPPABLE:
            raise CallBackOver()
        call = await calls.lock(tx, row.call_id) if row.call_id and row.state is CallBackState.DIALLING else None
        if not await call_backs.over(tx, row.id, CallBackState.CANCELLED, BECAUSE, only_from=row.state):
            return None
        before = {"state": row.state, "queue": row.queue, "attempts": row.attempts}
        await audit.record(tx, author, Change.DELETED, Thing.CALL_BACK, row.id, before=before)
        await told(tx, row, call.id if call else None, EventType.CALL_BACK_CANCELLED, "The call-back was cancelled")
        if call is not None and call.live:
            await end(tx, call, Outcome.FAILED, EndedBy.SYSTEM, "its call-back was cancelled")
        return await call_backs.find(tx, call_back_id)
