"""A supervisor is sought for an escalation: asked, answers, does not answer, does not come."""

from callcenter.journey import effects
from callcenter.journey.human_first import BEFORE_AGENTS, agent_instead
from callcenter.journey.led import lead_returns
from callcenter.journey.model import EffectKind
from callcenter.journey.nobody_came import sentence
from callcenter.journey.parted import close, out_of_call, policy_of
from callcenter.journey.planned import language_of
from callcenter.journey.told import say_next
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Channel, Tx
from callcenter.platform.plumbing.errors import Conflict, NotFound
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.supervision import Back
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import Lead
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.queues.rules import AskSupervisors
from callcenter.stages.escalation import presences, rules, store, supervisions
from callcenter.stages.escalation.model import EscalationOfferState, EscalationState, Failure, Trigger
from callcenter.stages.escalation.rules import Asked
from callcenter.stages.escalation.store import EscalationRow

SENTENCES = {
    Failure.NO_SUPERVISOR: "nobody was available",
    Failure.DECLINED: "whoever was asked declined",
    Failure.OFFER_TIMEOUT: "nobody answered in time",
    Failure.JOIN_FAILED: "who accepted did not come",
    Failure.CALLER_LEFT: "the caller left",
}


class NoSuchEscalation(NotFound):
    """There is no escalation with this id."""


class NotAsked(Conflict):
    """You are not asked for this call, or not any more."""


async def lock_escalation(tx: Tx, escalation_id: str) -> tuple[LockedCall, EscalationRow]:
    """Lock the escalation's call, then read the escalation under that lock. Raises NoSuchEscalation."""
    escalation = await store.find(tx, escalation_id)
    call = await calls.lock(tx, escalation.call_id) if escalation else None
    escalation = await store.find(tx, escalation_id)
    if escalation is None or call is None:
        raise NoSuchEscalation()
    return call, escalation


async def looked_after(j: Journey, escalation_id: str) -> bool:
    """Let it ring at the next supervisor's, give it up, or wait. True when something was done."""
    async with j.verb() as tx:
        call, escalation = await lock_escalation(tx, escalation_id)
        if escalation.state is EscalationState.ACCEPTED:
            return escalation.overdue and await never_came(tx, call, escalation)
        if escalation.state not in (EscalationState.REQUESTED, EscalationState.OFFERING):
            return False
        policy = await policy_of(tx, call)
        expired = await store.expire(tx, escalation.id)
        candidates = await presences.candidates(tx, escalation.id, escalation.skill)
        asked = Asked(await store.offers_of(tx, escalation.id), candidates)
        step = rules.step(escalation.state, asked, policy, overdue=escalation.overdue)
        if step.offer_to:
            return await _ring(tx, escalation, step.offer_to, policy)
        if step.failure is not None:
            await failed(tx, call, escalation, step.failure)
        return expired > 0 or step.failure is not None


async def _ring(tx: Tx, escalation: EscalationRow, users: tuple[str, ...], policy: AskSupervisors) -> bool:
    rings = await store.offer(tx, escalation.id, users, policy.ring_seconds)
    if not rings:
        return False
    if escalation.state is EscalationState.REQUESTED:
        seconds = None if escalation.trigger is Trigger.HUMAN_FIRST else policy.wait_seconds
        await store.advance(tx, escalation.id, EscalationState.OFFERING, seconds)
    about = {"escalation_id": escalation.id, "user_ids": rings}
    how_many = "a supervisor" if len(rings) == 1 else f"{len(rings)} supervisors"
    await timeline.write(tx, escalation.call_id, EventType.ESCALATION_OFFERED, f"It rings at {how_many}", about)
    return True


async def failed(tx: Tx, call: LockedCall, escalation: EscalationRow, failure: Failure) -> None:
    """Nobody comes: the caller hears so, and the agent goes on, or begins."""
    if not await close(tx, escalation, failure, SENTENCES[failure]) or call.lead is Lead.SUPERVISOR:
        return
    text = sentence(failure, await policy_of(tx, call), await language_of(tx, call), Speaker.AGENT)
    if call.lead is Lead.AGENT:
        await say_next(tx, call, text)
    elif escalation.trigger in BEFORE_AGENTS and not await agent_instead(tx, call):
        await lead_returns(tx, call, SENTENCES[failure], Back.LEFT, text)


async def never_came(tx: Tx, call: LockedCall, escalation: EscalationRow) -> bool:
    """Who accepted is not in the room in time: what they hold opens no door any more."""
    for who in await supervisions.there_of(tx, call.id):
        if who.user_id == escalation.supervisor_id and await out_of_call(tx, call, who, "did not join in time"):
            await effects.record(tx, EffectKind.REMOVE, call.id, who.identity, room=call.room)
    await failed(tx, call, escalation, Failure.JOIN_FAILED)
    return True


async def declined(j: Journey, escalation_id: str, user_id: str) -> None:
    """A supervisor says no. Raises NoSuchEscalation, NotAsked."""
    async with j.verb() as tx:
        call, escalation = await lock_escalation(tx, escalation_id)
        if not await store.answer(tx, escalation.id, user_id, EscalationOfferState.DECLINED):
            raise NotAsked()
        tx.news.add(Channel.LINE)
        about = {"escalation_id": escalation.id}
        await timeline.write(
            tx, call.id, EventType.ESCALATION_DECLINED, "A supervisor declined", about, actor=f"user:{user_id}"
        )
