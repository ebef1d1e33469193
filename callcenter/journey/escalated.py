"""Somebody asks for a human: the agent, the caller, the API. The call goes on meanwhile."""

from dataclasses import dataclass

from callcenter.journey.parted import policy_of
from callcenter.journey.told import say_next
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Channel, Tx
from callcenter.platform.plumbing.errors import Conflict, NotFound
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.wire.base import Speaker
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import Lead
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.records.transcripts import store as transcripts
from callcenter.records.transcripts.rules import digest
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import Author
from callcenter.stages.escalation import store
from callcenter.stages.escalation.model import AskingRule, Trigger

UNHEARD = (Trigger.API, Trigger.RULE)  # nobody in the call has said that a human is asked for
LONGEST_REASON = 500
LONGEST_SUMMARY = 2000
SUMMARISED_TURNS = 100


class NoSuchCall(NotFound):
    """There is no call with this id."""


class CallOver(Conflict):
    """The call has ended."""


class AskedAlready(Conflict):
    """A human is asked into this call already, or is in it."""


@dataclass(frozen=True)
class Ask:
    """Why a human is wanted; without a summary it is made of what the caller said."""

    trigger: Trigger
    reason: str
    summary: str = ""
    skill: str | None = None
    actor: str = timeline.SYSTEM
    rule: AskingRule | None = None
    within_seconds: float | None = None  # so long at most, instead of what the queue says


async def escalated(j: Journey, call_id: CallId, ask: Ask, author: Author) -> str:
    """Ask for a human from outside; the id of the escalation. Raises NoSuchCall, CallOver, AskedAlready."""
    async with j.verb() as tx:
        call = await calls.lock(tx, call_id)
        if call is None:
            raise NoSuchCall()
        if not call.live:
            raise CallOver()
        escalation_id = await escalate(tx, call, ask)
        if escalation_id is None:
            raise AskedAlready()
        await audit.record(tx, author, Change.CHANGED, Thing.CALL, call.id, after={"escalation_id": escalation_id})
        return escalation_id


async def escalate(tx: Tx, call: LockedCall, ask: Ask) -> str | None:
    """Ask for a human in this live, locked call; None when one is asked already, or leads."""
    if call.lead is Lead.SUPERVISOR:
        return None
    policy = await policy_of(tx, call)
    reason = " ".join(ask.reason.split())[:LONGEST_REASON]
    escalation_id = await store.request(
        tx, call.id, trigger=ask.trigger, reason=reason, summary=await _summary(tx, call, ask),
        skill=ask.skill or policy.skill, rule=ask.rule,
        within_seconds=policy.nobody_seconds if ask.within_seconds is None else ask.within_seconds,
    )  # fmt: skip
    if escalation_id is not None:
        tx.news.add(Channel.LINE)
        if ask.trigger in UNHEARD:
            await say_next(tx, call, policy.asking)
        await timeline.write(
            tx, call.id, EventType.ESCALATION_REQUESTED, "A human is asked for",
            {"escalation_id": escalation_id, "trigger": ask.trigger, "rule": ask.rule, "reason": reason},
            actor=ask.actor,
        )  # fmt: skip
    return escalation_id


async def _summary(tx: Tx, call: LockedCall, ask: Ask) -> str:
    if ask.summary.strip():
        return ask.summary.strip()[:LONGEST_SUMMARY]
    said = await transcripts.said(tx, call.id, SUMMARISED_TURNS)
    return digest([turn.text for turn in said if turn.speaker is Speaker.CALLER])
