"""The shape of a rule set, and what must be true of it as a whole before it may be published."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from callcenter.platform.plumbing.errors import FieldError

E164 = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{1,14}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class When(_Strict):
    """All that is given must be true; nothing given is always true."""

    to: tuple[E164, ...] | None = Field(None, description="Dialled number is one of these.")
    from_prefix: tuple[str, ...] | None = Field(None, description="Caller's number starts with one of these.")
    entered: bool | None = Field(None, description="Dialled number is (not) among the company's numbers.")


class ToQueue(_Strict):
    action: Literal["queue"]
    queue: str = Field(min_length=1)
    profile: str | None = None
    priority: int = Field(0, ge=-100, le=100)
    required_skills: tuple[str, ...] = ()


class Message(_Strict):
    """Say a sentence and hang up."""

    action: Literal["message"]
    text: str = Field(min_length=1, max_length=1000)
    outcome: Literal["completed", "refused"] = "completed"


Action = Annotated[ToQueue | Message, Field(discriminator="action")]


class Rule(_Strict):
    name: str = Field(min_length=1, max_length=80)
    when: When = When()
    then: Action


class RuleSetBody(_Strict):
    rules: tuple[Rule, ...] = Field(min_length=1)


_EXPECTED = {
    "extra_forbidden": f"no such field; `when` knows {', '.join(When.model_fields)}",
    "missing": "this field",
    "tuple_type": "a list",
    "model_type": "a mapping of fields",
    "model_attributes_type": "a mapping of fields",
    "dict_type": "a mapping of fields",
    "union_tag_invalid": "action: queue or message",
    "union_tag_not_found": "action: queue or message",
    "string_pattern_mismatch": "a number in E.164 form, such as '+15550100' (in quotes)",
}


def parse(data: Any) -> tuple[RuleSetBody | None, list[FieldError]]:
    """Read a rule set from plain data; every error names its field, the value, and what would be right."""
    try:
        return RuleSetBody.model_validate(data), []
    except ValidationError as error:
        found = error.errors(include_url=False)
        inside = [e for e in found if len(e["loc"]) > 1] or found  # a wrong rule makes the list look too short as well
        return None, [_field_error(e) for e in inside]


def _field_error(error: Any) -> FieldError:
    loc = list(error["loc"])
    if loc[2:3] == ["then"] and len(loc) > 4:
        del loc[3]  # the action that Pydantic tells the shapes apart by; no field of the file
    value = error.get("input")
    shown = value if isinstance(value, str | int | float | bool | None) else type(value).__name__
    return FieldError(".".join(str(part) for part in loc) or "rules", shown, _EXPECTED.get(error["type"], error["msg"]))


def check(body: RuleSetBody, *, queues: Mapping[str, str], profiles: set[str], numbers: list[str]) -> list[FieldError]:
    """What is wrong with the set as a whole: unknown queues and profiles, doubled names, unreachable rules, numbers
    without a route. `queues` maps each queue to its profile. Empty when it may be published."""
    errors: list[FieldError] = []
    seen: set[str] = set()
    for index, rule in enumerate(body.rules):
        at = f"rules.{index}"
        if rule.name in seen:
            errors.append(FieldError(f"{at}.name", rule.name, "a name that no other rule has"))
        seen.add(rule.name)
        if isinstance(rule.then, ToQueue):
            if rule.then.queue not in queues:
                errors.append(FieldError(f"{at}.then.queue", rule.then.queue, _one_of("queue", set(queues))))
            elif rule.then.profile is None and queues[rule.then.queue] not in profiles:
                expected = f"a queue whose profile exists: '{queues[rule.then.queue]}' does not"
                errors.append(FieldError(f"{at}.then.queue", rule.then.queue, expected))
            if rule.then.profile is not None and rule.then.profile not in profiles:
                errors.append(FieldError(f"{at}.then.profile", rule.then.profile, _one_of("profile", profiles)))
    errors.extend(_unreachable(body))
    errors.extend(_without_route(body, numbers))
    return errors


def _one_of(what: str, known: set[str]) -> str:
    return f"an existing {what}: {', '.join(sorted(known)) or 'none is set up yet'}"


def _unreachable(body: RuleSetBody) -> list[FieldError]:
    for index, rule in enumerate(body.rules[:-1]):
        if rule.when == When():
            return [
                FieldError(
                    f"rules.{index + 1}", body.rules[index + 1].name,
                    f"to stand before rule {index + 1} '{rule.name}', which matches every call",
                )
            ]  # fmt: skip
    return []


def _without_route(body: RuleSetBody, numbers: list[str]) -> list[FieldError]:
    def routed(number: str) -> bool:
        return any(
            (rule.when.to is None or number in rule.when.to)
            and rule.when.from_prefix is None
            and rule.when.entered is not False
            for rule in body.rules
        )

    return [
        FieldError("rules", number, f"a rule that matches every call to {number}")
        for number in numbers
        if not routed(number)
    ]
