"""The shape of a rule set, read from plain data. `coverage.py` says what must be true of it as a whole."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field, ValidationError

from callcenter.platform.plumbing.errors import FieldError
from callcenter.setup.rule_sets.actions import Action
from callcenter.setup.rule_sets.conditions import ALWAYS, Name, Strict, When
from callcenter.setup.rule_sets.wording import field_errors

MOST_RULES = 500
DEEPEST = 40  # lists and mappings in one another; a menu in a menu takes three


class Rule(Strict):
    """Where the condition holds, the action is taken and no later rule is looked at."""

    name: Name
    when: When = ALWAYS
    then: Action


class RuleSetBody(Strict):
    """The rules in their order; the first that matches decides."""

    rules: tuple[Rule, ...] = Field(min_length=1, max_length=MOST_RULES)


def parse(data: Any) -> tuple[RuleSetBody | None, list[FieldError]]:
    """Read a rule set from plain data; every error names its field, the value, and what would be right."""
    if unusable := list(_unusable(data, (), 0)):
        return None, unusable
    try:
        return RuleSetBody.model_validate(data), []
    except ValidationError as error:
        return None, field_errors(error.errors(include_url=False))


def _unusable(data: Any, place: tuple[str, ...], depth: int) -> Iterator[FieldError]:
    """What no shape could hold: the one character that Postgres cannot keep, and nesting without an end."""
    if depth > DEEPEST:
        yield FieldError(".".join(place), type(data).__name__, f"at most {DEEPEST} lists and mappings in one another")
    elif isinstance(data, str) and "\x00" in data:
        yield FieldError(".".join(place) or "rules", data.replace("\x00", "\\0"), "text without the character NUL")
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from _unusable(key, (*place, str(key).replace("\x00", "\\0")), depth + 1)
            yield from _unusable(value, (*place, str(key)), depth + 1)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _unusable(value, (*place, str(index)), depth + 1)
