"""A supervisor takes the lead without having accepted it: what is asked for in the call is theirs then, and where
nothing was asked it is kept that they stepped in. So every call that a human led has an escalation that says why."""

from callcenter.journey.escalated import Ask, escalate
from callcenter.platform.plumbing.db import Channel, Tx
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.stages.escalation import store
from callcenter.stages.escalation.model import ASKING, EscalationOfferState, Mode, Trigger
from callcenter.stages.escalation.rules import JOIN_SECONDS
from callcenter.stages.escalation.store import EscalationRow
from callcenter.stages.escalation.supervisions import SupervisionRow


async def stepped_in(tx: Tx, call: LockedCall, who: SupervisionRow) -> EscalationRow | None:
    """Make the open escalation of the locked call that of this supervisor, unless somebody has accepted it. Returns it
    as it stands then."""
    escalation = await store.open_of(tx, call.id)
    if escalation is None:
        ask = Ask(Trigger.SUPERVISOR, f"{who.name} stepped in", actor=f"user:{who.user_id}")
        escalation_id = await escalate(tx, call, ask)
    else:
        escalation_id = escalation.id if escalation.state in ASKING else None
    if escalation_id is None:
        return escalation
    await take(tx, call, escalation_id, who.user_id, who.name, Mode.TAKE_OVER)
    return await store.find(tx, escalation_id)


async def take(tx: Tx, call: LockedCall, escalation_id: str, user_id: str, name: str, mode: Mode) -> bool:
    """Give an escalation that still asks to this supervisor; it rings nowhere any more. False when it asks no more
    (I6: accepted once)."""
    if not await store.accept(tx, escalation_id, user_id, JOIN_SECONDS):
        return False
    await store.answer(tx, escalation_id, user_id, EscalationOfferState.ACCEPTED)
    await store.withdraw(tx, escalation_id)
    tx.news.add(Channel.LINE)
    await timeline.write(
        tx, call.id, EventType.ESCALATION_ACCEPTED, f"{name} takes the call",
        {"escalation_id": escalation_id, "mode": mode}, actor=f"user:{user_id}",
    )  # fmt: skip
    return True
