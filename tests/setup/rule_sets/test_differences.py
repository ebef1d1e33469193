"""What has become of one rule set in another is said in words, each change once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.setup.rule_sets.differences import DifferenceKind, differences
from callcenter.setup.rule_sets.rules import RuleSetBody

pytestmark = pytest.mark.pure

SUPPORT = {"action": "queue", "queue": "support"}
MENU = {
    "action": "menu",
    "prompt": "Press one for orders.",
    "options": {"1": {"name": "orders"}, "2": {"name": "invoices"}},
    "otherwise": SUPPORT,
}


def body(*rules: dict[str, Any]) -> RuleSetBody:
    return RuleSetBody.model_validate({"rules": rules})


def rule(name: str, then: dict[str, Any] | None = None, **when: Any) -> dict[str, Any]:
    return {"name": name, "when": when, "then": then or SUPPORT}


def words(before: RuleSetBody, after: RuleSetBody) -> list[str]:
    return [difference.words for difference in differences(before, after)]


def one(before: dict[str, Any], after: dict[str, Any]) -> tuple[str | None, str]:
    """The only difference between two sets of this one rule."""
    (found,) = differences(body(before), body(after))
    return found.field, found.words


def test_the_same_rules_differ_in_nothing() -> None:
    same = body(rule("Main", MENU, to=["+15550100"]), rule("Rest"))
    assert differences(same, same) == []


def test_a_rule_that_was_moved_is_the_only_one_said_to_have_moved() -> None:
    a, b, c = rule("Main"), rule("Orders"), rule("After hours", closed="office")
    (found,) = differences(body(a, b, c), body(a, c, b))
    assert found.words == "rule 3 'After hours' moved to 2"
    assert (found.kind, found.position_before, found.position_after) == (DifferenceKind.MOVED, 3, 2)


def test_rules_behind_a_new_or_removed_one_have_not_moved() -> None:
    a, b, new = rule("Main"), rule("Orders"), rule("VIP", {**SUPPORT, "priority": 10}, in_list=["vip"])
    assert words(body(a, b), body(new, a, b)) == ["rule 1 'VIP' is new: queue support"]
    assert words(body(new, a, b), body(a, b)) == ["rule 1 'VIP' was removed"]


def test_a_renamed_rule_is_known_by_what_it_does() -> None:
    before, after = rule("Main", to=["+15550100"]), rule("Main line", to=["+15550100"])
    assert one(before, after) == ("rules.0.name", "rule 1 'Main' is now called 'Main line'")


def test_a_rule_that_was_moved_and_changed_says_both() -> None:
    a, b, c = rule("A"), rule("B"), rule("C")
    urgent = rule("C", {**SUPPORT, "priority": 10})
    assert words(body(a, b, c), body(urgent, a, b)) == ["rule 3 'C' moved to 1", "rule 1 'C': priority 0 → 10"]


@pytest.mark.parametrize(
    ("before", "after", "field", "said"),
    [
        (SUPPORT, {**SUPPORT, "priority": 10}, "then.priority", "priority 0 → 10"),
        (SUPPORT, {**SUPPORT, "profile": "shop"}, "then.profile", "profile none → shop"),
        (SUPPORT, {**SUPPORT, "queue": "orders"}, "then.queue", "queue support → orders"),
        (
            {**SUPPORT, "required_skills": ["de", "fr"]},
            {**SUPPORT, "required_skills": ["de"]},
            "then.required_skills", "required_skills: fr removed",
        ),
        (
            {**SUPPORT, "preferred_skills": ["de", "fr"]},
            {**SUPPORT, "preferred_skills": ["fr", "de"]},
            "then.preferred_skills", "preferred_skills in another order: fr, de",
        ),
        (
            {**SUPPORT, "fallbacks": [{"after_seconds": 60, "then": {"action": "voicemail", "box": "main"}}]},
            {**SUPPORT, "fallbacks": [{"after_seconds": 90, "then": {"action": "voicemail", "box": "main"}}]},
            "then.fallbacks.0.after_seconds", "fallback 1 after_seconds 60 → 90",
        ),
        (
            SUPPORT,
            {**SUPPORT, "fallbacks": [{"after_seconds": 60, "then": {"action": "widen_skills", "drop": "all"}}]},
            "then.fallbacks", "fallback: after 60 s widen_skills all added",
        ),
        (SUPPORT, {"action": "message", "text": "We are closed."}, "then",
         "then queue support → message 'We are closed.'"),
        (MENU, {**MENU, "options": {"1": {"name": "orders", "then": SUPPORT}, "2": {"name": "invoices"}}},
         "then.options.1.then", "option 1 then: queue support added"),
        (MENU, {**MENU, "options": {"1": {"name": "orders"}}}, "then.options.2", "option 2: invoices removed"),
        (MENU, {**MENU, "otherwise": {"action": "reject"}}, "then.otherwise", "otherwise queue support → reject"),
        ({"action": "transfer", "number": "+4930123"}, {"action": "transfer", "number": "+4930124"},
         "then.number", "number +4930123 → +4930124"),
    ],
)  # fmt: skip
def test_a_changed_action_names_the_field_and_both_values(
    before: dict[str, Any], after: dict[str, Any], field: str, said: str
) -> None:
    assert one(rule("A", before), rule("A", after)) == (f"rules.0.{field}", f"rule 1 'A': {said}")


@pytest.mark.parametrize(
    ("before", "after", "field", "said"),
    [
        ({}, {"open": "office"}, "when.open", "when open: office added"),
        ({"anonymous": True}, {}, "when.anonymous", "when anonymous: yes removed"),
        ({"anonymous": True}, {"anonymous": False}, "when.anonymous", "when anonymous yes → no"),
        ({"from": ["+491"]}, {"from": ["+491", "+492"]}, "when.from", "when from: +492 added"),
        ({"waited_seconds": {"at_least": 5}}, {"waited_seconds": {"at_least": 5, "below": 9}},
         "when.waited_seconds.below", "when waited_seconds below none → 9"),
        ({"any": [{"open": "office"}, {"in_list": ["vip"]}]}, {"any": [{"open": "office"}, {"in_list": ["gold"]}]},
         "when.any.1.in_list", None),
        ({"share": {"percent": 10, "of": "trial"}}, {"share": {"percent": 20, "of": "trial"}},
         "when.share.percent", "when share percent 10 → 20"),
    ],
)  # fmt: skip
def test_a_changed_condition_names_the_field_and_what_came_or_went(
    before: dict[str, Any], after: dict[str, Any], field: str, said: str | None
) -> None:
    found = differences(body(rule("A", **before)), body(rule("A", **after)))
    assert {difference.field for difference in found} == {f"rules.0.{field}"}
    if said is not None:
        assert [difference.words for difference in found] == [f"rule 1 'A': {said}"]


def test_two_rules_of_one_name_are_compared_in_their_order() -> None:
    first, second = rule("A", open="office"), rule("A", closed="office")
    assert differences(body(first, second), body(first, second)) == []


@given(st.permutations([f"rule {n}" for n in range(8)]), st.permutations([f"rule {n}" for n in range(8)]))
def test_moving_what_is_said_to_have_moved_gives_the_new_order(before: list[str], after: list[str]) -> None:
    """And no fewer moves would do: the rules that stayed are in the same order in both."""
    found = differences(body(*map(rule, before)), body(*map(rule, after)))
    moved = {difference.rule: difference.position_after for difference in found}
    order = [name for name in before if name not in moved]
    for name, position in sorted(moved.items(), key=lambda move: move[1] or 0):
        assert position is not None
        order.insert(position - 1, name)
    assert order == after
    assert len(before) - len(moved) == _longest_common(before, after)


def _longest_common(before: list[str], after: list[str]) -> int:
    lengths = [[0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for i, left in enumerate(before):
        for k, right in enumerate(after):
            longer = max(lengths[i][k + 1], lengths[i + 1][k])
            lengths[i + 1][k + 1] = lengths[i][k] + 1 if left == right else longer
    return lengths[-1][-1]
