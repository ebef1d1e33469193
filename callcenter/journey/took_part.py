"""A supervisor takes part in a call: accepts it or steps in, comes, goes. What they do in between: switched.py."""

from dataclasses import dataclass, replace

from callcenter.journey import effects
from callcenter.journey.human_first import asks_first, listener_wanted, listens_to_nobody
from callcenter.journey.led import joins, lead_returns, takes_lead, tell_how_it_stands
from callcenter.journey.model import EffectKind
from callcenter.journey.nobody_came import left_sentence, sentence
from callcenter.journey.parted import close, out_of_call, policy_of
from callcenter.journey.planned import language_of
from callcenter.journey.sought import failed, lock_escalation
from callcenter.journey.stepped_in import take
from callcenter.journey.switched import NotInCall, change, live, may_speak, not_late
from callcenter.journey.told import agent_of
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import Conflict
from callcenter.platform.plumbing.ids import CallId, is_id
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.supervision import Back
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import LegKind
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import Author
from callcenter.setup.users.rules import Person
from callcenter.stages.escalation import store, supervisions
from callcenter.stages.escalation.model import EscalationState, Failure, Mode, SupervisionState
from callcenter.stages.escalation.rules import JOIN_SECONDS, identity_of, supervision_in
from callcenter.stages.escalation.supervisions import SupervisionRow


class SomebodyElse(Conflict):
    """A colleague has taken this call already."""


class AskedNoMore(Conflict):
    """Nobody is asked into this call any more."""


@dataclass(frozen=True)
class Seat:
    """What a supervisor needs to go into the room. `lead_epoch` is that of the lead once they are there."""

    supervision_id: str
    call_id: str
    room: str
    identity: str
    mode: Mode
    caller_identity: str
    agent_identity: str | None
    lead_epoch: int


async def accepted(j: Journey, escalation_id: str, person: Person, author: Author, mode: Mode) -> Seat:
    """Take an escalation: whoever is first has it (I6), and need not have been asked. Again by the same supervisor:
    the same answer. Raises NoSuchEscalation, SomebodyElse, AskedNoMore."""
    async with j.verb() as tx:
        call, escalation = await lock_escalation(tx, escalation_id)
        mine = escalation.supervisor_id == person.id
        if not (mine and escalation.open):
            if escalation.supervisor_id is not None:
                raise SomebodyElse()
            if not await take(tx, call, escalation.id, person.id, person.name, mode):
                raise AskedNoMore()
            if mode is Mode.TAKE_OVER:
                await listener_wanted(tx, call)
        return await _seat(tx, call, person, author, mode)


async def steps_in(
    j: Journey, call_id: CallId, person: Person, author: Author, mode: Mode | None, epoch: int | None = None
) -> Seat:
    """Join a call without having been asked; without a mode, in the one of the last time (a browser that died). Raises
    NoSuchCall, CallOver, NobodyTalks, LeadMoved (to lead, and `epoch` is of an earlier lead)."""
    async with j.verb(wait=True) as tx:
        call = await live(tx, call_id)
        wanted = mode or await supervisions.last_mode(tx, call_id, person.id) or Mode.MONITOR
        if wanted is Mode.TAKE_OVER:
            not_late(call, epoch)
            await _takes_what_is_asked(tx, call, person)
        return await _seat(tx, call, person, author, wanted)


async def _takes_what_is_asked(tx: Tx, call: LockedCall, person: Person) -> None:
    """Who takes over a call that waits for a human has accepted it, asked or not."""
    escalation = await store.open_of(tx, call.id) if await asks_first(tx, call) else None
    if escalation and await take(tx, call, escalation.id, person.id, person.name, Mode.TAKE_OVER):
        await listener_wanted(tx, call)


async def _seat(tx: Tx, call: LockedCall, person: Person, author: Author, mode: Mode) -> Seat:
    """A way into the room. Who is there already, from a browser that was loaded again, keeps their part in it."""
    await may_speak(tx, call, mode)
    there = await supervisions.there(tx, call.id, person.id)
    to_lead = mode is Mode.TAKE_OVER and (there is None or there.state is SupervisionState.INVITED)
    if there is None:
        supervision_id = await supervisions.invite(tx, call.id, person.id, mode, JOIN_SECONDS)
        after = {"call_id": call.id, "mode": mode.value}
        await audit.record(tx, author, Change.CREATED, Thing.SUPERVISION, supervision_id, after=after)
    else:
        supervision_id = there.id
        await supervisions.expect_again(tx, there.id, JOIN_SECONDS)
        if there.state is SupervisionState.PRESENT:
            await joins(tx, call, person.id)
        if there.held:
            await tell_how_it_stands(tx, call)
        if there.mode is not mode:
            await change(tx, call, there, mode, author)
    agent = await agent_of(tx, call)
    return Seat(
        supervision_id, call.id, call.room, identity_of(supervision_id), mode, call.caller_identity,
        f"agent-{agent.id}" if agent else None, await calls.lead_epoch(tx, call.id) + to_lead,
    )  # fmt: skip


# --- in the room -----------------------------------------------------------------------------------------------------


async def came(j: Journey, identity: str) -> bool:
    """This participant is in a room. One whose part is over, or was never given, is put out again."""
    supervision_id = supervision_in(identity)
    if supervision_id is None or not is_id(supervision_id):
        return False
    async with j.verb() as tx:
        found = await _locked(tx, supervision_id)
        if found is None:
            return False
        call, who = found
        if not who.there or not call.live:
            await effects.record(tx, EffectKind.REMOVE, call.id, identity, room=call.room)
            return False
        if who.state is SupervisionState.PRESENT:
            return False
        await _present(tx, call, who)
        return True


async def _present(tx: Tx, call: LockedCall, who: SupervisionRow) -> None:
    if who.mode is Mode.TAKE_OVER:  # leads from `takes_lead` on, when nobody else does
        await supervisions.set_mode(tx, who.id, Mode.BARGE)
    await supervisions.present(tx, who.id)
    await calls.join(tx, call.id, LegKind.SUPERVISOR, who.identity, None)
    await timeline.write(
        tx, call.id, EventType.SUPERVISOR_JOINED, f"{who.name} is in the call ({who.mode})",
        {"supervision_id": who.id, "mode": who.mode, "identity": who.identity}, actor=f"user:{who.user_id}",
    )  # fmt: skip
    await joins(tx, call, who.user_id)
    if who.mode is Mode.TAKE_OVER:
        await takes_lead(tx, call, replace(who, state=SupervisionState.PRESENT))
    elif await listens_to_nobody(tx, call):  # accepted to lead, and came to listen
        text = sentence(Failure.JOIN_FAILED, await policy_of(tx, call), await language_of(tx, call), Speaker.AGENT)
        await lead_returns(tx, call, f"{who.name} only listens", Back.LEFT, text)
    else:
        await tell_how_it_stands(tx, call)


async def out_of_sight(j: Journey, supervision_id: str) -> bool:
    """The media server has seen this supervisor leave. Their console may be making the connection anew, or be loaded
    again: while it lives, the router looks whether they are back. False when they are not taken for gone."""
    async with j.db.transaction() as tx:
        if await supervisions.console_lives(tx, supervision_id):
            return False
    return await gone(j, supervision_id, "they left the room")


async def gone(j: Journey, supervision_id: str, because: str, *, put_out: bool = False) -> bool:
    """This supervisor is out of the room, or is to be `put_out`; when they led, the agent leads again. False when that
    was known."""
    async with j.verb() as tx:
        found = await _locked(tx, supervision_id)
        if found is None or not found[1].there:
            return False
        call, who = found
        await out_of_call(tx, call, who, because)
        if put_out:
            await effects.record(tx, EffectKind.REMOVE, call.id, who.identity, room=call.room)
        if not call.live:
            return True
        escalation = await store.open_of(tx, call.id)
        if escalation is not None and escalation.supervisor_id == who.user_id:
            if escalation.state is EscalationState.ACCEPTED:
                await failed(tx, call, escalation, Failure.JOIN_FAILED)
            else:
                await close(tx, escalation, None, because)
        if who.leads:
            words = await left_sentence(tx, call, await language_of(tx, call))
            await lead_returns(tx, call, because, Back.LEFT, words)
        else:
            await tell_how_it_stands(tx, call)
        return True


async def leaves(j: Journey, call_id: CallId, person: Person) -> None:
    """The supervisor goes. Raises NotInCall."""
    async with j.db.transaction() as tx:
        who = await supervisions.there(tx, call_id, person.id)
    if who is None or not await gone(j, who.id, "they left", put_out=True):
        raise NotInCall()


async def _locked(tx: Tx, supervision_id: str) -> tuple[LockedCall, SupervisionRow] | None:
    who = await supervisions.find(tx, supervision_id)
    call = await calls.lock(tx, who.call_id) if who else None
    who = await supervisions.find(tx, supervision_id)
    return (call, who) if call and who else None
