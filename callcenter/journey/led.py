"""Who leads: the agent or one supervisor. Each change is counted, and the agent in the call is told."""

from dataclasses import replace

from callcenter.journey import effects
from callcenter.journey.human_first import human_comes, human_has_it
from callcenter.journey.left import caller_is_alone
from callcenter.journey.model import EffectKind
from callcenter.journey.stepped_in import stepped_in
from callcenter.journey.told import agent_of, tell
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.wire.supervision import Back, Leads, Supervised
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import CallState, Lead
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.queues import store as queues
from callcenter.stages.escalation import store, supervisions
from callcenter.stages.escalation.model import EscalationState, Mode
from callcenter.stages.escalation.supervisions import SupervisionRow
from callcenter.stages.waiting import store as waiting

LONGEST_SECONDS = 86_400.0  # a call ends before, and with it this


async def tell_how_it_stands(tx: Tx, call: LockedCall, back: Back | None = None, sentence: str = "") -> None:
    """The agent, if there is one, hears who leads and who is in the room."""
    agent = await agent_of(tx, call)
    if agent is None:
        return
    there = await supervisions.there_of(tx, call.id)
    modes = {who.identity: who.mode.value for who in there}
    led = any(who.leads for who in there) or await human_comes(tx, call)
    stands = Supervised(
        offer_id=agent.id, lead=Leads.SUPERVISOR if led else Leads.AGENT, epoch=call.lead_epoch,
        modes=modes, held=any(who.leads and who.held for who in there), back=back, sentence=sentence,
    )  # fmt: skip
    await tell(tx, call, stands)


async def takes_lead(tx: Tx, call: LockedCall, who: SupervisionRow) -> None:
    """This supervisor, who is in the room, leads from now on; one who led before is heard like them, and does not."""
    if call.lead not in (Lead.AGENT, Lead.SUPERVISOR):
        await human_has_it(tx, call)
    for other in await supervisions.there_of(tx, call.id):
        if other.leads and other.id != who.id:
            await supervisions.set_mode(tx, other.id, Mode.BARGE)
            await effects.record(
                tx, EffectKind.SUPERVISE, call.id, other.identity, room=call.room, caller_identity=call.caller_identity,
                supervision_id=other.id,
            )  # fmt: skip
    await supervisions.set_mode(tx, who.id, Mode.TAKE_OVER)
    escalation = await stepped_in(tx, call, who)
    if escalation is not None and escalation.supervisor_id == who.user_id:
        if escalation.state is EscalationState.ACCEPTED:
            await store.joined(tx, escalation.id, LONGEST_SECONDS)
        await store.advance(tx, escalation.id, EscalationState.LEADING, LONGEST_SECONDS)
    elif escalation is not None and escalation.state is EscalationState.LEADING:
        await store.advance(tx, escalation.id, EscalationState.JOINED, LONGEST_SECONDS)
    after = await calls.set_lead(tx, call, Lead.SUPERVISOR)
    if call.state is not CallState.TALKING:
        await calls.set_state(tx, call.id, CallState.TALKING)
    await timeline.write(
        tx, call.id, EventType.LEAD_CHANGED, f"{who.name} leads now, the agent listens",
        {"lead": Lead.SUPERVISOR, "supervision_id": who.id}, actor=f"user:{who.user_id}",
    )  # fmt: skip
    await tell_how_it_stands(tx, after)


async def joins(tx: Tx, call: LockedCall, user_id: str) -> None:
    """Whoever accepted the call's escalation is in the room, if it is this user."""
    escalation = await store.open_of(tx, call.id)
    if escalation is not None and escalation.supervisor_id == user_id:
        await store.joined(tx, escalation.id, LONGEST_SECONDS)


async def lead_returns(tx: Tx, call: LockedCall, because: str, back: Back, sentence: str = "") -> None:
    """No supervisor leads any more: the agent does, or the call waits for one."""
    agent = await agent_of(tx, call)
    if agent is None:
        await caller_is_alone(tx, replace(call, lead=Lead.AGENT))
        queue = await queues.find(tx, call.queue) if call.queue else None
        await waiting.limited(tx, call.id, queue.max_wait_seconds if queue else None)
        return
    after = await calls.set_lead(tx, call, Lead.AGENT)
    if call.answered_at is not None:
        await calls.set_state(tx, call.id, CallState.TALKING)
    words = "The agent leads again" if call.lead is Lead.SUPERVISOR else "The agent leads"
    await timeline.write(tx, call.id, EventType.LEAD_CHANGED, f"{words}: {because}", {"lead": Lead.AGENT})
    await tell_how_it_stands(tx, after, back, sentence)
