"""What an editor asks while somebody writes rules: what they may name, and what is wrong and new in rules that are kept
nowhere yet. Nothing is changed by it, so nothing has to be saved to be looked at."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from callcenter.platform.api.problems import ProblemField, echo
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import FieldError, Invalid
from callcenter.setup.numbers import store as numbers
from callcenter.setup.rule_sets import coverage, flow, rules
from callcenter.setup.rule_sets.api import Ask, RuleSetDifference, Trunks
from callcenter.setup.rule_sets.company import known
from callcenter.setup.rule_sets.differences import differences
from callcenter.setup.users.rules import Permission

router = APIRouter(tags=["rule sets"], dependencies=[Depends(Permit(Permission.READ_SETUP))])

ONE_AT_A_TIME = asyncio.Semaphore(1)

Written = Annotated[
    list[Any], Field(max_length=rules.MOST_RULES, description="Rules as somebody is writing them, mistakes and all.")
]


class Nameable(BaseModel):
    """What rules may name: the same things by which they are judged."""

    queues: list[str]
    profiles: list[str]
    calendars: list[str]
    caller_lists: list[str]
    skills: list[str]
    sounds: list[str] = Field(description="Those that a message can say.")
    numbers: dict[str, str] = Field(description="The company's numbers, E.164, each with its name.")
    trunks: list[str] | None = Field(description="The outbound ones; null where the media server does not tell.")


class Unsaved(BaseModel):
    """Rules that are kept nowhere."""

    model_config = ConfigDict(extra="forbid")

    rules: Written
    before: Written | None = Field(None, description="Compare with these; with the published version if left out.")


class Checked(BaseModel):
    valid: bool
    errors: list[ProblemField]
    differences: list[RuleSetDifference] | None = Field(description="Null where these, or those before, are no rules.")


@router.get("/api/rule-sets/names")
async def list_names(db: TheDatabase, ask: Trunks) -> Nameable:
    """What rules may name now: queues, calendars and so on."""
    trunks = await _asked(ask)
    async with snapshot(db) as tx:
        found, named = await known(tx, trunks), await numbers.named(tx)
    return Nameable(
        queues=sorted(found.queues), profiles=sorted(found.profiles), calendars=sorted(found.calendars),
        caller_lists=sorted(found.lists), skills=sorted(found.skills), sounds=sorted(found.sounds),
        numbers=named, trunks=None if trunks is None else sorted(trunks),
    )  # fmt: skip


@router.post("/api/rule-sets/check", dependencies=[Depends(Permit(Permission.REPLAY_RULES))])
async def check_rules(unsaved: Unsaved, db: TheDatabase, ask: Trunks) -> Checked:
    """Whether these rules could be published, judged as a whole against the set-up as it is now, and what is new in
    them. They are kept nowhere."""
    body, errors = await asyncio.to_thread(rules.parse, {"rules": unsaved.rules})
    trunks = await _asked(ask) if body is not None else None
    async with snapshot(db) as tx:
        names, before = await known(tx, trunks), await _before(tx, unsaved)
    told = None
    if body is not None:
        async with ONE_AT_A_TIME:  # it takes seconds of a core; whoever waits holds nothing of the database
            errors = await asyncio.to_thread(coverage.check, body, names)
            if before is not None:
                told = await asyncio.to_thread(lambda: list(differences(before, body)))
    return Checked(
        valid=not errors,
        errors=[ProblemField(field=e.field, value=echo(e.field, e.value), expected=e.expected) for e in errors],
        differences=None if told is None else [RuleSetDifference.model_validate(found) for found in told],
    )


async def _before(tx: Tx, unsaved: Unsaved) -> rules.RuleSetBody | None:
    if unsaved.before is not None:
        return (await asyncio.to_thread(rules.parse, {"rules": unsaved.before}))[0]
    try:
        return (await flow.find(tx, "published")).body
    except flow.NothingPublished:
        return None


async def _asked(ask: Ask) -> frozenset[str] | None:
    try:
        return await ask()
    except ConnectionError:
        return None


async def body_of(written: list[Any]) -> rules.RuleSetBody:
    """These as rules. Raises Invalid with every mistake in their shape."""
    body, errors = await asyncio.to_thread(rules.parse, {"rules": written})
    if body is None:
        raise Invalid("These are no rules.", tuple(errors or [FieldError("rules", None, "rules")]))
    return body
