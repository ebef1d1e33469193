"""Routing a call by the published rule set."""

from dataclasses import dataclass

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.numbers import store as numbers
from callcenter.setup.queues import store as queues
from callcenter.setup.queues.rules import QueueBody
from callcenter.setup.rule_sets import store as rule_sets
from callcenter.setup.rule_sets.rules import ToQueue
from callcenter.stages.routing.rules import NO_RULE, Decision, Facts, decide


@dataclass(frozen=True)
class Route:
    """The decision with the queue it names, as both stood when the call came in."""

    version: int | None
    decision: Decision
    queue: QueueBody | None
    profile: str | None


async def route(tx: Tx, to: str, from_: str) -> Route:
    """Decide where this call goes."""
    published = await rule_sets.published(tx)
    facts = Facts(to=to, from_=from_, entered=await numbers.is_entered(tx, to))
    decision = decide(published[1] if published else None, facts)
    queue = await queues.find(tx, decision.action.queue) if isinstance(decision.action, ToQueue) else None
    if isinstance(decision.action, ToQueue) and queue is None:
        decision = Decision(decision.rule, NO_RULE, (*decision.trace, f"there is no queue '{decision.action.queue}'"))
    profile = decision.action.profile or queue.profile if queue and isinstance(decision.action, ToQueue) else None
    return Route(published[0] if published else None, decision, queue, profile)
