"""Somebody at a desk ends a call: at once, without a sentence, for everybody who is in it."""

from callcenter.journey.ended import end, outcome_now
from callcenter.journey.switched import not_late
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.errors import Conflict, NotFound
from callcenter.platform.plumbing.ids import CallId
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import EndedBy
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import Author


class NoCallToEnd(NotFound):
    """There is no call with this id."""


class CallIsOver(Conflict):
    """This call has ended already."""


async def hung_up(j: Journey, call_id: CallId, author: Author, actor: str, epoch: int | None = None) -> None:
    """End a live call by a supervisor's hand: completed when an agent or a human was in the answered call, a voicemail
    when the caller has left one, otherwise abandoned. Its job is told to leave, its seat comes free as with every end
    (I3), and the audit says who did it. Raises NoCallToEnd, CallIsOver, LeadMoved (`epoch` is of an earlier lead)."""
    async with j.verb() as tx:
        call = await calls.lock(tx, call_id)
        if call is None:
            raise NoCallToEnd()
        if not call.live:
            raise CallIsOver()
        not_late(call, epoch)
        outcome = await outcome_now(tx, call)
        before = {"state": call.state.value, "lead": call.lead.value}
        after = {"state": "ended", "outcome": outcome.value}
        await audit.record(tx, author, Change.ENDED, Thing.CALL, call.id, before=before, after=after)
        await end(tx, call, outcome, EndedBy.SUPERVISOR, "a supervisor ended it", actor=actor)
