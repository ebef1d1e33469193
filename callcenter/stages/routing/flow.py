"""Routing a call by the published rule set."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from callcenter.platform.plumbing.db import Tx
from callcenter.records.calls import read as past_calls
from callcenter.setup.calendars import store as calendars
from callcenter.setup.caller_lists import store as caller_lists
from callcenter.setup.callers import store as callers
from callcenter.setup.numbers import store as numbers
from callcenter.setup.queues import store as queues
from callcenter.setup.queues.rules import QueueBody
from callcenter.setup.rule_sets import store as rule_sets
from callcenter.setup.rule_sets.actions import InQueue
from callcenter.setup.rule_sets.rules import RuleSetBody
from callcenter.stages.routing.facts import Decision, Facts, QueueFigures
from callcenter.stages.routing.fields import Calendars
from callcenter.stages.routing.needs import NOTHING, Needs
from callcenter.stages.routing.rules import NO_RULE, NOT_PUBLISHED, compiled

LANGUAGE = "language"  # the attribute of a known caller that says which language they speak

Measure = Callable[[Tx, frozenset[str]], Awaitable[Mapping[str, QueueFigures]]]
"""How these queues stand now; a queue that there is not is left out."""
Promised = Callable[[Tx, str], Awaitable[bool]]
"""Whether this number is to be called back."""


async def nobody(_tx: Tx, _number: str) -> bool:
    """Where nobody knows of call-backs."""
    return False


@dataclass(frozen=True)
class Route:
    """The decision with the queue it names and the facts it was made on, as they stood when the call was routed;
    `needs` says which facts were looked up."""

    version: int | None
    decision: Decision
    queue: QueueBody | None
    profile: str | None
    facts: Facts
    needs: Needs = NOTHING


async def route(tx: Tx, call: Facts, measure: Measure, promised: Promised = nobody) -> Route:
    """Decide where this call goes. `call` holds what the call itself brings; the rest is looked up, as far as a rule of
    the published set asks for it."""
    published = await rule_sets.published(tx)
    if published is None:
        return Route(None, NOT_PUBLISHED, None, None, call)
    version, body = published
    return await settle(tx, version, body, await gather(tx, compiled(body).needs, call, measure, promised))


async def settle(tx: Tx, version: int, body: RuleSetBody, facts: Facts) -> Route:
    """Decide by these rules and facts, and find the queue that they name; without it the caller hears a sentence."""
    rules = compiled(body)
    decision = rules.decide(facts, Calendars(await calendars.named(tx, rules.needs.calendars)))
    return await towards(tx, Route(version, decision, None, None, facts, rules.needs))


async def towards(tx: Tx, route: Route) -> Route:
    """The route with the queue that its decision names; without that queue the caller hears a sentence."""
    decision, action = route.decision, route.decision.action
    if not isinstance(action, InQueue):
        return route
    queue = await queues.find(tx, action.queue)
    if queue is None:
        remark = f"there is no queue '{action.queue}'"
        return replace(route, decision=replace(decision, action=NO_RULE, remarks=(*decision.remarks, remark)))
    return replace(route, queue=queue, profile=action.profile or queue.profile)


async def gather(tx: Tx, needs: Needs, call: Facts, measure: Measure, promised: Promised = nobody) -> Facts:
    """The call with what is known of its numbers and its caller, and how the queues stand."""
    found = call
    if "entered" in needs.fields:
        found = replace(found, entered=await numbers.is_entered(tx, call.to))
    if needs.queues:
        found = replace(found, queues=await measure(tx, needs.queues))
    if "open_call_back" in needs.fields and call.from_:
        found = replace(found, open_call_back=await promised(tx, call.from_))
    return await _of_the_caller(tx, needs, found) if call.from_ else found


async def _of_the_caller(tx: Tx, needs: Needs, call: Facts) -> Facts:
    """What is kept of a caller who shows their number."""
    found = call
    if "in_list" in needs.fields:
        found = replace(found, lists=await caller_lists.lists_of(tx, call.from_))
    if {"attribute", "language"} & needs.fields:
        kept = await callers.attributes_of(tx, call.from_)
        found = replace(found, attributes=kept, language=call.language or kept.get(LANGUAGE))
    if {"last_queue", "last_profile"} & needs.fields:
        last = await past_calls.last_contact(tx, call.from_)
        found = replace(found, last_queue=last.queue, last_profile=last.profile)
    return found
