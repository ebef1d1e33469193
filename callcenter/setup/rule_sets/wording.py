"""What Pydantic finds wrong with a rule set, said so that who wrote the YAML finds the place and knows what to do."""

from collections.abc import Sequence
from typing import Any

from pydantic_core import ErrorDetails

from callcenter.platform.plumbing.errors import FieldError
from callcenter.setup.rule_sets import actions
from callcenter.setup.rule_sets.conditions import FIGURES, Between, OnWeekday, QueueIs, Share, Strict, When

ACTIONS: dict[str, type[Strict]] = {
    "queue": actions.ToQueue, "human_first": actions.HumanFirst, "menu": actions.Menu, "message": actions.Message,
    "voicemail": actions.Voicemail, "call_back": actions.CallBack, "transfer": actions.Transfer,
    "reject": actions.Reject, "widen_skills": actions.WidenSkills,
}  # fmt: skip
_LATER = ("widen_skills", "queue", "message", "voicemail", "call_back", "transfer")
_AT_ONCE = tuple(name for name in ACTIONS if name != "widen_skills")
_ACTION_FIELDS = ("then", "otherwise")
_CONDITIONS: dict[str, type[Strict]] = {
    "when": When, "all": When, "any": When, "none": When, "weekday": OnWeekday, "queue": QueueIs, "share": Share,
    "waited_seconds": Between, **dict.fromkeys(FIGURES, Between),
}  # fmt: skip

_EXPECTED = {
    "missing": "this field",
    "tuple_type": "a list",
    "model_type": "a mapping of fields",
    "model_attributes_type": "a mapping of fields",
    "dict_type": "a mapping of fields",
    "string_type": "text (in quotes, where YAML would read a number, yes or no)",
    "string_too_short": "some text",
}
_EXPECTED_IN = {  # by the last field's name, where the kind of error alone would say less
    "to": "a number in E.164 form, such as '+15550100' (in quotes)",
    "from": "a number in E.164 form, such as '+15550100' (in quotes)",
    "number": "a number in E.164 form, such as '+15550100' (in quotes)",
    "from_prefix": "the beginning of a number, with its country code, such as '+49' (in quotes)",
    "from_country": "a country's two letters (ISO 3166), such as 'DE' (in quotes, for YAML reads NO as no)",
    "digits": "keys, such as '1' or '2#' (in quotes)",
    "options": "a key from '0' to '9', '*' or '#' (in quotes)",
    "language": "a language tag, such as 'de' or 'de-AT'",
    "drop": "'all', or a list of skills",
}
MOST_ERRORS = 500  # nobody reads more
_OF_ITEMS = ("string_type", "string_pattern_mismatch", "literal_error")


def field_errors(found: Sequence[ErrorDetails]) -> list[FieldError]:
    """Each error once, with its field as it stands in the file (`rules.3.then.queue`); the first hundreds at most."""
    found = found[:MOST_ERRORS]
    places = [tuple(error["loc"]) for error in found]
    above = {place[:length] for place in places for length in range(len(place))}
    errors: dict[str, FieldError] = {}
    for error, place in zip(found, places, strict=True):
        if place in above:
            continue  # a list looks too short only because what is in it is wrong
        field = _field(place)
        errors.setdefault(field, FieldError(field, _shown(error), _expected(error, place, field)))
    return list(errors.values())


def _field(place: Sequence[int | str]) -> str:
    """The place without what Pydantic adds to tell shapes apart: an action's name, a branch, `[key]`."""
    parts: list[str] = []
    for index, part in enumerate(place):
        tag = index > 0 and place[index - 1] in _ACTION_FIELDS and part in ACTIONS
        if not tag and not str(part).startswith(("[key]", "literal[", "tuple[")):
            parts.append(str(part))
    return ".".join(parts) or "rules"


def _shown(error: ErrorDetails) -> Any:
    value = error["input"]
    if error["type"].startswith("union_tag") and isinstance(value, dict):
        value = value.get("action")
    elif error["type"] == "missing":
        return None
    return value if isinstance(value, str | int | float | bool | None) else type(value).__name__


def _expected(error: ErrorDetails, place: Sequence[int | str], field: str) -> str:
    kind = error["type"]
    if kind.startswith("union_tag"):
        later = "fallbacks" in place
        return f"action: one of {', '.join(name for name in ACTIONS if name in (_LATER if later else _AT_ONCE))}"
    if kind == "extra_forbidden":
        return _no_such_field(place)
    if kind == "value_error":
        return error["msg"].removeprefix("Value error, ")
    named = [part for part in field.split(".") if not part.isdigit() and part in _EXPECTED_IN]
    if named and kind in _OF_ITEMS and _of(field, named[-1]):
        return _EXPECTED_IN[named[-1]]
    return _EXPECTED.get(kind, error["msg"])


def _of(field: str, name: str) -> bool:
    """Whether this is the field of that name, or an item or key right in it."""
    return name in field.split(".")[-2:]


def _no_such_field(place: Sequence[int | str]) -> str:
    above = place[:-1]
    if len(above) > 1 and above[-2] in _ACTION_FIELDS and above[-1] in ACTIONS:
        return f"no such field; `{above[-1]}` knows {_known(ACTIONS[str(above[-1])])}"
    named = [str(part) for part in above if not isinstance(part, int)]
    if named and named[-1] in _CONDITIONS and "when" in named:
        return f"no such field; `{named[-1]}` knows {_known(_CONDITIONS[named[-1]])}"
    shapes: dict[str, str] = {"fallbacks": _known(actions.Fallback), "rules": "name, when, then"}
    if named and named[-1] in shapes:
        return f"no such field; each of `{named[-1]}` knows {shapes[named[-1]]}"
    if "options" in above[-2:]:
        return f"no such field; each of `options` knows {_known(actions.Option)}"
    return "no such field; a rule set knows rules"


def _known(shape: type[Strict]) -> str:
    return ", ".join(field.alias or name for name, field in shape.model_fields.items())
