"""Supervisors leave a call, and what was asked of them ends with it."""

from callcenter.platform.plumbing.db import Tx
from callcenter.records.calls import store as calls
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.queues import store as queues
from callcenter.setup.queues.rules import AskSupervisors
from callcenter.stages.escalation import presences, store, supervisions
from callcenter.stages.escalation.model import ASKING, EscalationState, Failure
from callcenter.stages.escalation.store import EscalationRow
from callcenter.stages.escalation.supervisions import SupervisionRow


async def policy_of(tx: Tx, call: LockedCall) -> AskSupervisors:
    """How humans are asked into this call: as its queue says, or as any."""
    queue = await queues.find(tx, call.queue) if call.queue else None
    return queue.supervisors if queue else AskSupervisors()


async def out_of_call(tx: Tx, call: LockedCall, who: SupervisionRow, because: str) -> bool:
    """This supervisor takes no part any more; False when that was so. They wrap up when they led."""
    if not await supervisions.left(tx, who.id, because):
        return False
    await calls.participant_left(tx, call.id, who.identity)
    await presences.freed(tx, who.user_id, (await policy_of(tx, call)).wrap_up_seconds if who.leads else 0)
    await timeline.write(
        tx, call.id, EventType.SUPERVISOR_LEFT, f"A supervisor left the call: {because}",
        {
            "supervision_id": who.id, "mode": who.mode, "identity": who.identity, "lost": because == supervisions.LOST,
        }, actor=f"user:{who.user_id}",
    )  # fmt: skip
    return True


async def close(tx: Tx, escalation: EscalationRow, failure: Failure | None, because: str) -> bool:
    """The escalation is over without having been handed back; it rings nowhere any more."""
    if not await store.over(tx, escalation.id, EscalationState.CLOSED, failure):
        return False
    await store.withdraw(tx, escalation.id)
    if failure is not None:
        await timeline.write(
            tx, escalation.call_id, EventType.ESCALATION_FAILED, f"No human came: {because}",
            {"escalation_id": escalation.id, "failure": failure},
        )  # fmt: skip
    return True


async def over_with_call(tx: Tx, call: LockedCall) -> None:
    """The call has ended: nobody is asked for it any more, and whoever was in it is free."""
    escalation = await store.open_of(tx, call.id)
    if escalation is not None:
        before_joining = escalation.state in (*ASKING, EscalationState.ACCEPTED)
        await close(tx, escalation, Failure.CALLER_LEFT if before_joining else None, "the call ended")
    for who in await supervisions.there_of(tx, call.id):
        await out_of_call(tx, call, who, "the call ended")
