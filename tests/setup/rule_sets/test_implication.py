"""Whether each call of one condition is taken by earlier ones: what is found is so, rule by rule."""

from typing import Any

import pytest

from callcenter.setup.rule_sets.atoms import condition
from callcenter.setup.rule_sets.conditions import When
from callcenter.setup.rule_sets.coverage import check
from callcenter.setup.rule_sets.implication import NOBODY, Budget, TooManySteps, taken_by
from callcenter.setup.rule_sets.rules import parse
from tests.setup.rule_sets.test_coverage import KNOWN, SORRY

pytestmark = pytest.mark.pure

VIP, OFFICE, SHUT, MAIN = {"in_list": ["vip"]}, {"open": "office"}, {"closed": "office"}, {"to": ["+15550100"]}
NOT_VIP: dict[str, Any] = {"none": [VIP]}


def taken(earlier: list[Any], asked: Any, budget: Budget | None = None) -> int | None:
    conditions = [condition(When.model_validate(when)) for when in (*earlier, asked)]
    return taken_by(conditions[-1], conditions[:-1], frozenset({"office"}), budget)


@pytest.mark.parametrize(
    ("earlier", "asked", "by"),
    [
        # One condition alone.
        ([{}], MAIN, 0),
        ([MAIN], MAIN | VIP, 0),
        ([MAIN | VIP], MAIN, None),
        ([VIP, MAIN], MAIN, 1),
        ([], MAIN, None),
        ([], {"open": "office", "closed": "office"}, NOBODY),
        # One thing that an earlier condition wants besides is known to be false afterwards: two are not.
        ([VIP, NOT_VIP], {}, 1),
        ([MAIN | VIP, NOT_VIP], MAIN, 1),
        ([VIP | OFFICE, SHUT], {}, None),
        ([VIP | OFFICE, NOT_VIP], {}, None),
        ([VIP | OFFICE, SHUT], VIP, 1),
        ([VIP | OFFICE, NOT_VIP], OFFICE, 1),
        ([MAIN | VIP | OFFICE, SHUT], MAIN, None),
        # What is learnt from a later one counts for those before it as well.
        ([VIP | OFFICE, SHUT, NOT_VIP], {}, 0),
        ([VIP | OFFICE, SHUT, NOT_VIP], MAIN | OFFICE, 2),
        ([NOT_VIP | OFFICE, SHUT, VIP], {}, 0),
        # Taken apart where it says or: the last that it takes.
        ([OFFICE, VIP], {"any": [VIP, OFFICE]}, 1),
        ([VIP, OFFICE], {"any": [VIP, OFFICE]}, 1),
        ([VIP], {"any": [VIP, OFFICE]}, None),
        ([MAIN, {"to": ["+1555"]}], {"to": ["+15550100", "+1555"]}, 1),
    ],
)
def test_who_takes_all_calls_of_a_condition(earlier: list[Any], asked: Any, by: int | None) -> None:
    assert taken(earlier, asked) == by


def test_a_judgement_that_takes_too_long_ends() -> None:
    earlier = [{"from_prefix": [f"+49{n:03}"]} for n in range(100)]
    assert taken(earlier, {"from_prefix": ["+49099"]}) is not None
    with pytest.raises(TooManySteps):
        taken(earlier, {"from_prefix": ["+49099"]}, Budget(50))


def test_a_set_that_cannot_be_judged_is_refused_and_its_other_errors_are_told() -> None:
    body, _ = parse(
        {"rules": [{"name": "A", "when": {"from_prefix": [f"+49{n:03}"]}, "then": SORRY} for n in range(50)]}
    )
    assert body is not None
    errors = check(body, KNOWN, steps=100)
    assert (errors[0].field, errors[-1].field, errors[-1].value) == ("rules.1.name", "rules", 50)
    assert errors[-1].expected.startswith("fewer rules, or simpler conditions")
    assert [error.field for error in check(body, KNOWN)] == [f"rules.{n}.name" for n in range(1, 50)]
