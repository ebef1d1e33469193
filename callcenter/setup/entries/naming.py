"""Where rule sets name what is set up. They are read as plain data: older shapes of rules count too."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import Conflict, FieldError
from callcenter.setup.rule_sets.model import RuleSet, RuleSetState

_LOCK = 0x6E616D65  # "name"
_FREE_TEXT = frozenset({"header", "attribute", "text", "greeting", "prompt", "say"})  # what callers bring, and words


class NamedByRules(Conflict):
    """Routing rules name it: publish rules that do not, and change or delete the draft, then delete it."""


class StillNeeded(Conflict):
    """Others of the set-up name it, or it is still waited for: change, delete or cancel these first."""


async def lock(tx: Tx) -> None:
    """Deletions take turns with changes, of rule sets that may be published too: what is deleted is not named
    meanwhile."""
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


async def refuse_if_named(tx: Tx, fields: frozenset[str], name: str) -> None:
    """Raises NamedByRules with every place where the published rule set or a draft names it in one of these fields."""
    if places := (await named_by_rules(tx, fields, [name]))[name]:
        raise NamedByRules(errors=tuple(FieldError(place, name, "another name, or none") for place in places))


async def named_by_rules(tx: Tx, fields: frozenset[str], names: Iterable[str]) -> dict[str, list[str]]:
    """For each name every place of the published rules or a draft that has it, as `published.rules.3.then.queue`."""
    alive = (RuleSetState.PUBLISHED, RuleSetState.DRAFT)
    rows = await tx.rows(sa.select(RuleSet.state, RuleSet.body).where(RuleSet.state.in_(alive)).order_by(RuleSet.state))
    return {
        name: [f"{row['state']}.{place}" for row in rows for place in places_of(row["body"], fields, name)]
        for name in names
    }


def places_of(body: Any, fields: frozenset[str], name: str, at: str = "") -> Iterator[str]:
    """Where a rule set names something, such as `rules.3.then.queue`: as a text, in a list, or as a `name` inside."""
    if isinstance(body, Mapping):
        for key, value in body.items():
            place = f"{at}.{key}" if at else str(key)
            if key in fields and _names(value, name):
                yield place
            elif key not in _FREE_TEXT:
                yield from places_of(value, fields, name, place)
    elif isinstance(body, list):
        for index, value in enumerate(body):
            yield from places_of(value, fields, name, f"{at}.{index}")


def _names(value: Any, name: str) -> bool:
    if isinstance(value, Mapping):
        return value.get("name") == name
    return value == name or (isinstance(value, list) and name in value)
