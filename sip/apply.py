"""Carry a plan out, until LiveKit holds what the files ask for."""

import asyncio
import logging
import random
from dataclasses import dataclass, replace

from sip.desired import Desired, Outbound, Rule, Trunk
from sip.errors import ChangedMeanwhileError, DeleteNeedsConsentError, RefusedError
from sip.existing import SipServer
from sip.plan import NEW_TRUNK, Action, Change, Plan, make_plan

ROUNDS = 8

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Applied:
    """The plan as it was before anything was done, and every change that was made."""

    plan: Plan
    made: tuple[Change, ...]


async def drift(wanted: Desired, server: SipServer) -> Plan:
    """What `apply` would change now; nothing is changed. No changes means no drift."""
    return make_plan(wanted, await server.existing())


async def apply(wanted: Desired, server: SipServer, *, allow_delete: bool = False) -> Applied:
    """Make LiveKit hold what is wanted; applying again changes nothing.

    LiveKit has no transaction and no lock over trunks: two applies at one moment may both create the same trunk. So
    after every pass everything is listed and planned again until nothing is left to do; copies are removed, of which
    both sides keep the same one. Whoever writes last also looks last.

    Raises:
        RefusedError: the plan is unsafe or ambiguous; nothing of it was done.
        DeleteNeedsConsentError: it deletes something and `allow_delete` is false; nothing of it was done.
        ChangedMeanwhileError: LiveKit goes on refusing, or others go on changing trunks.
        LiveKitUnreachableError: LiveKit did not answer; what was done so far stays, and applying again goes on.
    """
    first: Plan | None = None
    made: list[Change] = []
    failure: ChangedMeanwhileError | None = None
    for attempt in range(ROUNDS):
        if failure:
            await asyncio.sleep(random.uniform(0, min(0.02 * 2**attempt, 0.2)))  # noqa: S311 - to step out of rhythm
        plan = make_plan(wanted, await server.existing())
        first = first or plan
        _check(plan, allow_delete)
        if not plan.changes:
            return Applied(first, tuple(made))
        failure = await _carry_out(plan, server, made)
    raise failure or ChangedMeanwhileError()


def _check(plan: Plan, allow_delete: bool) -> None:
    if plan.refusals:
        raise RefusedError(plan.refusals)
    if plan.deletions and not allow_delete:
        raise DeleteNeedsConsentError()


async def _carry_out(plan: Plan, server: SipServer, made: list[Change]) -> ChangedMeanwhileError | None:
    new_ids: dict[str, str] = {}
    for change in plan.changes:
        try:
            id = await _make(change, server, new_ids)
        except ChangedMeanwhileError as refused:
            return refused
        made.append(replace(change, id=id))
        log.info("trunk set-up changed", extra={"action": change.action, "kind": change.kind, "sip_id": id})
    return None


async def _make(change: Change, server: SipServer, new_ids: dict[str, str]) -> str:
    match change.wanted:
        case Trunk() as trunk:
            id = await server.put_trunk(trunk, change.id)
            if change.action is Action.CREATE:
                new_ids[trunk.name] = id
            return id
        case Rule() as rule:
            ids = tuple(new_ids[rule.name] if id == NEW_TRUNK else id for id in rule.trunk_ids)
            return await server.put_rule(replace(rule, trunk_ids=ids), change.id)
        case Outbound() as trunk:
            return await server.put_outbound(trunk, change.id)
    assert change.id
    if change.kind == "rule":
        await server.delete_rule(change.id)
    else:
        await server.delete_trunk(change.id)
    return change.id
