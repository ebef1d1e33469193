"""Plans: the smallest change in place, nothing of others touched, nothing unsafe or ambiguous let through."""

from dataclasses import replace

import pytest

from sip import safety
from sip.desired import Rule, Trunk
from sip.existing import Existing, StoredRule, StoredTrunk
from sip.plan import Action, Plan, make_plan
from tests.sip.trunk_values import NUMBERS, trunk, wanted

pytestmark = pytest.mark.pure

EMPTY = Existing((), ())


def stored(*pairs: tuple[str, Trunk]) -> Existing:
    """LiveKit as an apply leaves it: each trunk with its rule."""
    rules = wanted(*(value for _, value in pairs)).rules
    return Existing(
        tuple(StoredTrunk(id, value) for id, value in pairs),
        tuple(StoredRule(f"R{id}", replace(rule, trunk_ids=(id,))) for (id, _), rule in zip(pairs, rules, strict=True)),
    )


def words(plan: Plan) -> list[tuple[str, str, str]]:
    return [(change.action.value, change.kind, change.name) for change in plan.changes]


def test_a_new_trunk_comes_before_its_rule_because_the_rule_names_the_trunks_id() -> None:
    plan = make_plan(wanted(trunk("one", NUMBERS[0])), EMPTY)
    assert words(plan) == [("create", "trunk", "one"), ("create", "rule", "one")]


def test_what_is_as_wanted_is_left_alone() -> None:
    one = trunk("one", NUMBERS[0])
    plan = make_plan(wanted(one), stored(("T1", one)))
    assert plan.changes == ()
    assert [change.kind for change in plan.unchanged] == ["trunk", "rule"]


def test_a_changed_number_and_password_update_in_place_without_showing_the_password() -> None:
    before = replace(trunk("one", NUMBERS[0], NUMBERS[1]), username="u", password="old-secret")
    after = replace(before, numbers=(NUMBERS[1], NUMBERS[2]), password="new-secret")
    (change,) = make_plan(wanted(after), stored(("T1", before))).changes
    assert (change.action, change.id) == (Action.UPDATE, "T1")
    assert {field.field: field.what for field in change.fields} == {
        "numbers": f"added {NUMBERS[2]}; removed {NUMBERS[0]}",
        "password": "changed",
    }
    assert "secret" not in repr(change)


def test_what_somebody_set_by_hand_is_shown_and_set_back() -> None:
    one = trunk("one", NUMBERS[0])
    by_hand = replace(one, other=(("krisp_enabled", "True"),))
    (change,) = make_plan(wanted(one), stored(("T1", by_hand))).changes
    assert [(field.field, field.what) for field in change.fields] == [("other", "krisp_enabled: True → nothing")]


def test_a_rule_that_lost_its_trunk_or_points_elsewhere_is_led_back() -> None:
    one = trunk("one", NUMBERS[0])
    existing = stored(("T1", one))
    astray = Existing(existing.trunks, (StoredRule("R1", replace(existing.rules[0].rule, trunk_ids=())),))
    (change,) = make_plan(wanted(one), astray).changes
    assert isinstance(change.wanted, Rule)
    assert (change.kind, change.id, change.wanted.trunk_ids) == ("rule", "R1", ("T1",))


def test_a_trunk_that_left_the_files_is_deleted_with_consent_only_its_rule_first() -> None:
    one, two = trunk("one", NUMBERS[0]), trunk("two", NUMBERS[1])
    plan = make_plan(wanted(one), stored(("T1", one), ("T2", two)))
    assert words(plan) == [("delete", "rule", "two"), ("delete", "trunk", "two")]
    assert plan.deletions == plan.changes


def test_trunks_of_nobody_and_of_other_owners_are_not_touched() -> None:
    other = trunk("two", NUMBERS[1], owner="elsewhere")
    nobodys = replace(trunk("three", NUMBERS[2]), marker=None)
    plan = make_plan(wanted(), stored(("T2", other), ("T3", nobodys)))
    assert (plan.changes, plan.refusals, plan.warnings) == ((), (), ())


def test_a_number_is_given_away_before_it_is_taken() -> None:
    before = stored(("T1", trunk("one", NUMBERS[0])), ("T2", trunk("two", NUMBERS[1], NUMBERS[2])))
    plan = make_plan(wanted(trunk("one", NUMBERS[0], NUMBERS[1]), trunk("two", NUMBERS[2])), before)
    assert words(plan) == [("update", "trunk", "two"), ("update", "trunk", "one")]
    assert plan.refusals == ()


def test_trunks_that_exchange_numbers_are_refused_with_a_way_out() -> None:
    before = stored(("T1", trunk("one", NUMBERS[0])), ("T2", trunk("two", NUMBERS[1])))
    plan = make_plan(wanted(trunk("one", NUMBERS[1]), trunk("two", NUMBERS[0])), before)
    assert [reason for reason in plan.refusals if "one and two exchange numbers" in reason]


@pytest.mark.parametrize(
    "open_trunk",
    [
        replace(trunk("open", NUMBERS[0]), addresses=()),
        replace(trunk("open", NUMBERS[0]), addresses=("0.0.0.0/0",)),
        replace(trunk("open", NUMBERS[0]), addresses=(), username="u", password=""),
    ],
)
def test_a_trunk_without_authentication_is_refused(open_trunk: Trunk) -> None:
    (reason,) = make_plan(wanted(open_trunk), EMPTY).refusals
    assert "no authentication" in reason


def test_numbers_that_somebody_elses_trunk_has_are_refused_however_they_are_written() -> None:
    theirs = replace(trunk("theirs", "1 (555) 0200"), marker=None)
    assert NUMBERS[0] == "+15550200"
    (reason,) = make_plan(wanted(trunk("one", NUMBERS[0])), stored(("T1", theirs))).refusals
    assert "theirs (T1, not managed by these files)" in reason


def test_a_second_catch_all_is_refused_whatever_the_addresses() -> None:
    theirs = replace(trunk("theirs", catch_all=True, owner="elsewhere"), addresses=("198.51.100.0/24",))
    (reason,) = make_plan(wanted(trunk("one", catch_all=True)), stored(("T1", theirs))).refusals
    assert "cannot be the catch-all" in reason
    assert "owner elsewhere" in reason


def test_two_wanted_trunks_with_one_number_are_refused() -> None:
    plan = make_plan(wanted(trunk("one", NUMBERS[0], catch_all=True), trunk("two", NUMBERS[0])), EMPTY)
    assert [NUMBERS[0] in reason for reason in plan.refusals] == [True]


def test_somebody_elses_rule_on_our_trunk_is_refused() -> None:
    one = trunk("one", NUMBERS[0])
    existing = stored(("T1", one))
    theirs = StoredRule("R9", replace(existing.rules[0].rule, marker=None, name="by hand"))
    (reason,) = make_plan(wanted(one), Existing(existing.trunks, (*existing.rules, theirs))).refusals
    assert "by hand (R9" in reason


def test_open_trunks_and_rules_of_others_are_pointed_out() -> None:
    open_trunk = replace(trunk("open", NUMBERS[5]), marker=None, addresses=())
    open_rule = StoredRule("R9", Rule("open", None, "room", ()))
    plan = make_plan(wanted(), Existing((StoredTrunk("T9", open_trunk),), (open_rule,)))
    assert [("admits calls from anywhere" in warning) for warning in plan.warnings] == [True, True]


def test_of_two_copies_the_smallest_id_stays_and_the_other_goes_without_asking() -> None:
    one = trunk("one", NUMBERS[0])
    plan = make_plan(wanted(one), stored(("T1", one), ("T2", one)))
    assert [(c.kind, c.id, c.needs_consent) for c in plan.changes] == [("rule", "RT2", False), ("trunk", "T2", False)]


def test_a_copy_that_differs_goes_with_consent_only() -> None:
    one = trunk("one", NUMBERS[0])
    plan = make_plan(wanted(one), stored(("T1", one), ("T2", trunk("one", NUMBERS[1]))))
    assert [(c.kind, c.id, c.needs_consent) for c in plan.changes] == [("rule", "RT2", False), ("trunk", "T2", True)]


@pytest.mark.parametrize(
    ("host", "is_forged"),
    [("127.0.0.0/8", True), ("203.0.113.7/32", True), ("203.0.113.7", False), ("pbx.example.com", False)],
)
def test_a_from_header_that_repeats_an_address_list_entry_is_told(host: str, is_forged: bool) -> None:
    assert safety.forged(host) is is_forged
