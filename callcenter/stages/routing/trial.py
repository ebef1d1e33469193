"""What rules would do with a call, as `try` answers it."""

from typing import Any

from pydantic import BaseModel, Field

from callcenter.setup.rule_sets.actions import Action, CallBack, FallbackAction, InQueue
from callcenter.stages.routing.facts import Step
from callcenter.stages.routing.flow import Route


class TriedRule(BaseModel):
    position: int
    name: str


class TriedFallback(BaseModel):
    after_seconds: float
    action: str


class TriedDecision(BaseModel):
    """What would happen to the call; `then` is the whole action as the rule says it."""

    action: str = Field(description="queue, menu, message, voicemail, call_back, transfer, reject or human_first.")
    queue: str | None
    profile: str | None
    priority: int
    required_skills: list[str]
    preferred_skills: list[str]
    fallbacks: list[TriedFallback]
    then: dict[str, Any]


class TriedStep(BaseModel):
    position: int
    name: str
    matched: bool
    because: str


class Trial(BaseModel):
    rule_set_version: int
    rule: TriedRule | None = Field(description="The rule that decides; null when none matches.")
    decision: TriedDecision
    trace: list[TriedStep]
    remarks: list[str]


def trial_of(route: Route) -> Trial:
    """The answer of `try` (contract.md): the skills required are those of the rule and of its queue."""
    decided, action = route.decision, route.decision.action
    in_queue = action if isinstance(action, InQueue) else None
    placed = action if isinstance(action, InQueue | CallBack) else None
    required = {*in_queue.required_skills, *(route.queue.required_skills if route.queue else ())} if in_queue else ()
    rule = TriedRule(position=decided.position, name=decided.rule or "") if decided.position is not None else None
    return Trial(
        rule_set_version=route.version or 0,
        rule=rule,
        decision=TriedDecision(
            action=action.action,
            queue=placed.queue if placed else None,
            profile=route.profile or (placed.profile if placed else None),
            priority=placed.priority if placed else 0,
            required_skills=sorted(required),
            preferred_skills=list(in_queue.preferred_skills) if in_queue else [],
            fallbacks=[_fallback(f.after_seconds, f.then) for f in in_queue.fallbacks] if in_queue else [],
            then=action.model_dump(mode="json", by_alias=True, exclude_none=True),
        ),
        trace=[_step(step) for step in decided.steps],
        remarks=list(decided.remarks),
    )


def _step(step: Step) -> TriedStep:
    return TriedStep(position=step.position, name=step.name, matched=step.matched, because=step.because)


def _fallback(after_seconds: float, then: Action | FallbackAction) -> TriedFallback:
    return TriedFallback(after_seconds=after_seconds, action=then.action)
