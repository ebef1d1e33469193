"""What a supervisor in a call changes: the mode, and whether they lead."""

from dataclasses import replace

from callcenter.journey import effects
from callcenter.journey.escalated import CallOver, NoSuchCall
from callcenter.journey.human_first import asks_first, human_comes
from callcenter.journey.led import LONGEST_SECONDS, lead_returns, takes_lead, tell_how_it_stands
from callcenter.journey.model import EffectKind
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import Conflict
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.wire.supervision import Back
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import Lead
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import Author
from callcenter.setup.users.rules import Person
from callcenter.stages.escalation import store, supervisions
from callcenter.stages.escalation.model import EscalationState, Mode, SupervisionState
from callcenter.stages.escalation.rules import AUDIBLE
from callcenter.stages.escalation.supervisions import SupervisionRow


class NobodyTalks(Conflict):
    """Nobody talks to the caller yet: listen, or wait until an agent has answered."""


class NotInCall(Conflict):
    """You are not in this call: join it first."""


class NotLeading(Conflict):
    """You do not lead this call, so there is nothing to hand back."""


class LeadMoved(Conflict):
    """Somebody else has changed who leads meanwhile: look at the call and decide again."""


async def live(tx: Tx, call_id: CallId) -> LockedCall:
    """The locked call. Raises NoSuchCall, CallOver."""
    call = await calls.lock(tx, call_id)
    if call is None:
        raise NoSuchCall()
    if not call.live:
        raise CallOver()
    return call


def not_late(call: LockedCall, epoch: int | None) -> None:
    """Refuse what was decided when somebody else led. An `epoch` to come is that of a supervisor who is just coming in
    to lead. Raises LeadMoved."""
    if epoch is not None and epoch < call.lead_epoch:
        raise LeadMoved()


async def may_speak(tx: Tx, call: LockedCall, mode: Mode) -> None:
    """A voice in a room that nobody talks in would answer the caller's telephone (decision 6), or speak over music:
    only who takes over a call that waits for a human may. Raises NobodyTalks."""
    talks = call.answered_at is not None and call.lead in (Lead.AGENT, Lead.SUPERVISOR)
    if mode is Mode.MONITOR or talks:
        return
    if mode is not Mode.TAKE_OVER or not (await asks_first(tx, call) or await human_comes(tx, call)):
        raise NobodyTalks()


async def switched(
    j: Journey, call_id: CallId, person: Person, author: Author, mode: Mode, epoch: int | None = None
) -> tuple[SupervisionRow, int]:
    """Another mode for a supervisor who is in the call; which count of the lead comes with it. When it returns, the
    media server has been told. Raises NoSuchCall, CallOver, NotInCall, NobodyTalks, LeadMoved (`epoch` is of an earlier
    lead)."""
    async with j.verb(wait=True) as tx:
        call, who = await _mine(tx, call_id, person, epoch)
        await may_speak(tx, call, mode)
        if who.mode is not mode:
            await change(tx, call, who, mode, author)
        to_lead = mode is Mode.TAKE_OVER and who.state is SupervisionState.INVITED
        return replace(who, mode=mode), await calls.lead_epoch(tx, call.id) + to_lead


async def _mine(tx: Tx, call_id: CallId, person: Person, epoch: int | None) -> tuple[LockedCall, SupervisionRow]:
    call = await live(tx, call_id)
    who = await supervisions.there(tx, call_id, person.id)
    if who is None:
        raise NotInCall()
    not_late(call, epoch)
    return call, who


async def change(tx: Tx, call: LockedCall, who: SupervisionRow, mode: Mode, author: Author) -> None:
    """Bring a supervisor of the locked call to another mode; with it may change who leads."""
    changes = {
        "before": {"call_id": call.id, "mode": who.mode.value},
        "after": {"call_id": call.id, "mode": mode.value},
    }
    await audit.record(tx, author, Change.CHANGED, Thing.SUPERVISION, who.id, **changes)
    await timeline.write(
        tx, call.id, EventType.MODE_CHANGED, f"{who.name}: from {who.mode} to {mode}",
        {"supervision_id": who.id, "identity": who.identity, "from": who.mode, "mode": mode},
        actor=f"user:{who.user_id}",
    )  # fmt: skip
    await effects.record(
        tx, EffectKind.SUPERVISE, call.id, who.identity, room=call.room, caller_identity=call.caller_identity,
        supervision_id=who.id,
    )  # fmt: skip
    if who.state is SupervisionState.PRESENT and mode is Mode.TAKE_OVER:
        await takes_lead(tx, call, who)
        return
    await supervisions.set_mode(tx, who.id, mode)
    if who.leads:
        escalation = await store.open_of(tx, call.id)
        if escalation is not None and escalation.supervisor_id == who.user_id:
            await store.advance(tx, escalation.id, EscalationState.JOINED, LONGEST_SECONDS)
        heard = mode in AUDIBLE
        await lead_returns(tx, call, f"{who.name} is in mode {mode}", Back.MODE if heard else Back.HANDED_BACK)
    elif who.state is SupervisionState.PRESENT:
        await tell_how_it_stands(tx, call)


async def handed_back(j: Journey, call_id: CallId, person: Person, author: Author, epoch: int | None = None) -> None:
    """The supervisor is done: the agent goes on, they only listen. Raises NoSuchCall, CallOver, NotInCall, NotLeading,
    LeadMoved."""
    async with j.verb(wait=True) as tx:
        call, who = await _mine(tx, call_id, person, epoch)
        if who.mode not in AUDIBLE or who.state is not SupervisionState.PRESENT:
            raise NotLeading()
        escalation = await store.open_of(tx, call.id)
        if escalation is not None and escalation.supervisor_id == person.id:
            await store.over(tx, escalation.id, EscalationState.HANDED_BACK)
        await timeline.write(
            tx, call.id, EventType.HANDED_BACK, f"{who.name} hands the call back",
            {"supervision_id": who.id, "escalation_id": escalation.id if escalation else None},
            actor=f"user:{person.id}",
        )  # fmt: skip
        before = {"call_id": call.id, "mode": who.mode.value}
        after = before | {"mode": Mode.MONITOR.value, "handed_back": True}
        await audit.record(tx, author, Change.CHANGED, Thing.SUPERVISION, who.id, before=before, after=after)
        led = who.leads
        await supervisions.set_mode(tx, who.id, Mode.MONITOR)
        await effects.record(
            tx, EffectKind.SUPERVISE, call.id, who.identity, room=call.room, caller_identity=call.caller_identity,
            supervision_id=who.id,
        )  # fmt: skip
        if led:
            await lead_returns(tx, call, "it was handed back", Back.HANDED_BACK)
        else:
            await tell_how_it_stands(tx, call)


async def held(j: Journey, call_id: CallId, person: Person, on: bool, epoch: int | None = None) -> None:
    """Who leads puts the caller on hold, or takes them back. Raises NoSuchCall, CallOver, NotInCall, NotLeading,
    LeadMoved."""
    async with j.verb(wait=True) as tx:
        call, who = await _mine(tx, call_id, person, epoch)
        if not who.leads:
            raise NotLeading("Only who leads the call can put the caller on hold.")
        if who.held is on:
            return
        await supervisions.hold(tx, who.id, on)
        await timeline.write(
            tx, call.id, EventType.CALLER_HELD, f"{who.name} {'holds the call' if on else 'goes on with the call'}",
            {"supervision_id": who.id, "held": on}, actor=f"user:{person.id}",
        )  # fmt: skip
        await effects.record(
            tx, EffectKind.SUPERVISE, call.id, who.identity, room=call.room, caller_identity=call.caller_identity,
            supervision_id=who.id,
        )  # fmt: skip
        await tell_how_it_stands(tx, call)
