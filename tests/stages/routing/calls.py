"""A call to the main line, from which each case says only how it differs."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from callcenter.setup.calendars.rules import CalendarBody
from callcenter.setup.rule_sets.rules import RuleSetBody
from callcenter.stages.routing.facts import Decision, Facts, QueueFigures
from callcenter.stages.routing.rules import decide

MAIN = "+15550100"
GERMAN = "+493012345678"
FRIDAY_NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CALL = Facts(to=MAIN, from_=GERMAN, entered=True, call_id="call-1", at=FRIDAY_NOON)
SORRY = {"action": "message", "text": "Sorry."}
TO_SUPPORT = {"action": "queue", "queue": "support"}
BUSY = QueueFigures(waiting=3, free_seats=0, expected_wait_seconds=90, supervisors=1)


def a_call(**differs: Any) -> Facts:
    return replace(CALL, **differs)


def rules(*rules: tuple[str, Any, Any]) -> RuleSetBody:
    """Rules as (name, when, then)."""
    return RuleSetBody.model_validate({"rules": [{"name": n, "when": w, "then": t} for n, w, t in rules]})


def judged(when: Any, call: Facts, calendars: dict[str, CalendarBody] | None = None) -> tuple[bool, str]:
    """Whether one rule with this condition takes the call, and its words."""
    decision = decide(rules(("It", when, SORRY)), call, calendars or {})
    (step,) = decision.steps
    assert step.matched is (decision.rule == "It")
    return step.matched, step.because


def taken(decision: Decision) -> tuple[str | None, str]:
    """The rule, and what it does."""
    return decision.rule, decision.action.action
