"""A rule set is judged as a whole, and every error names its field and what would be right."""

from typing import Any

import pytest

from callcenter.setup.rule_sets.rules import check, parse

pytestmark = pytest.mark.pure

TO_SUPPORT = {"action": "queue", "queue": "support"}


def errors(*rules: dict[str, Any], numbers: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    body, found = parse({"rules": list(rules)})
    if body is not None:
        found = check(body, queues={"support": "shop", "orphan": "gone"}, profiles={"shop"}, numbers=list(numbers))
    return [(error.field, error.expected) for error in found]


def test_a_set_that_routes_every_number_has_no_errors() -> None:
    rule = {"name": "Main", "when": {"to": ["+15550100"]}, "then": TO_SUPPORT}
    assert errors(rule, numbers=("+15550100",)) == []


def test_an_unknown_queue_is_named_with_the_queues_there_are() -> None:
    rule = {"name": "Main", "then": {"action": "queue", "queue": "suport"}}
    assert errors(rule) == [("rules.0.then.queue", "an existing queue: orphan, support")]


def test_a_queue_whose_profile_does_not_exist_is_refused() -> None:
    rule = {"name": "Main", "then": {"action": "queue", "queue": "orphan"}}
    assert errors(rule) == [("rules.0.then.queue", "a queue whose profile exists: 'gone' does not")]


def test_an_unknown_profile_is_named() -> None:
    rule = {"name": "Main", "then": TO_SUPPORT | {"profile": "shopp"}}
    assert errors(rule) == [("rules.0.then.profile", "an existing profile: shop")]


def test_a_number_without_a_route_is_refused_even_when_some_callers_to_it_are_routed() -> None:
    partly = {"name": "Germans", "when": {"to": ["+15550100"], "from_prefix": ["+49"]}, "then": TO_SUPPORT}
    strangers = {"name": "Others", "when": {"entered": False}, "then": TO_SUPPORT}
    assert errors(partly, strangers, numbers=("+15550100",)) == [
        ("rules", "a rule that matches every call to +15550100")
    ]


def test_a_rule_behind_one_that_matches_everything_is_unreachable() -> None:
    every = {"name": "All", "then": TO_SUPPORT}
    after = {"name": "Late", "when": {"to": ["+15550100"]}, "then": TO_SUPPORT}
    assert [field for field, _ in errors(every, after)] == ["rules.1"]


def test_two_rules_of_one_name_are_refused() -> None:
    one = {"name": "A", "when": {"to": ["+15550100"]}, "then": TO_SUPPORT}
    assert errors(one, one) == [("rules.1.name", "a name that no other rule has")]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ([], "rules"),
        ({"rules": []}, "rules"),
        ({"rules": [{"name": "A"}]}, "rules.0.then"),
        ({"rules": [{"name": "A", "then": {"action": "queue"}}]}, "rules.0.then.queue"),
        ({"rules": [{"name": "A", "then": {"action": "dance"}}]}, "rules.0.then"),
        ({"rules": [{"name": "A", "when": {"to": ["555"]}, "then": TO_SUPPORT}]}, "rules.0.when.to.0"),
        ({"rules": [{"name": "A", "when": {"tow": []}, "then": TO_SUPPORT}]}, "rules.0.when.tow"),
        ({"rules": [{"name": "A", "then": {"action": "message", "text": ""}}]}, "rules.0.then.text"),
    ],
)
def test_a_malformed_set_names_the_wrong_field(data: Any, field: str) -> None:
    body, found = parse(data)
    assert body is None
    assert field in [error.field for error in found]


def test_a_wrong_rule_is_the_only_error_and_says_what_would_be_right() -> None:
    wrong = {"name": "A", "when": {"to": "0100"}, "then": TO_SUPPORT}
    _, found = parse({"rules": [wrong]})
    assert [(error.field, error.value, error.expected) for error in found] == [("rules.0.when.to", "0100", "a list")]
