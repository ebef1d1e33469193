"""A plan shown to people, in colour, and to programs, as JSON. Neither ever shows a secret."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from sip.plan import Action, Change, Plan

_SIGNS = {Action.CREATE: ("+", "green"), Action.UPDATE: ("~", "yellow"), Action.DELETE: ("-", "red")}


def show_plan(console: Console, plan: Plan) -> None:
    """Print every change with its fields, then warnings and refusals, then one line that sums up."""
    for change in plan.changes:
        sign, colour = _SIGNS[change.action]
        id = f" {change.id}" if change.id else ""
        reason = f" — {change.reason}" if change.reason else ""
        line = f"{sign} {change.action} {change.kind} {change.name}{id}{reason}"
        console.print(f"[{colour}]{escape(line)}[/]", soft_wrap=True)
        for field in change.fields:
            origin = f" [dim]({escape(field.origin)})[/]" if field.origin else ""
            console.print(f"    {escape(field.field)}: {escape(field.what)}{origin}", soft_wrap=True)
    for warning in plan.warnings:
        console.print(f"[magenta]warning:[/] {escape(warning)}", soft_wrap=True)
    for refusal in plan.refusals:
        console.print(f"[bold red]refused:[/] {escape(refusal)}", soft_wrap=True)
    console.print(f"[bold]{summary(plan)}[/]", soft_wrap=True)


def summary(plan: Plan) -> str:
    """The plan in one sentence."""
    if plan.refusals:
        return "This plan cannot be applied."
    if not plan.changes:
        return f"Nothing to do: {len(plan.unchanged)} trunks and rules are as the files say."
    numbers = [f"{sum(c.action is action for c in plan.changes)} to {action}" for action in _SIGNS]
    consent = " Deleting needs --allow-delete." if plan.deletions else ""
    return f"{', '.join(numbers)}, {len(plan.unchanged)} unchanged.{consent}"


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """The plan as plain data."""
    return {
        "changes": changes_as_json(plan.changes),
        "unchanged": changes_as_json(plan.unchanged),
        "refusals": list(plan.refusals),
        "warnings": list(plan.warnings),
        "needs_consent": bool(plan.deletions),
    }


def changes_as_json(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Changes as plain data."""
    return [
        {
            "action": change.action.value,
            "kind": change.kind,
            "name": change.name,
            "id": change.id,
            "reason": change.reason,
            "fields": [{"field": field.field, "change": field.what, "origin": field.origin} for field in change.fields],
        }
        for change in changes
    ]
