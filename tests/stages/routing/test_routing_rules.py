"""Where a call goes, and the words that say why."""

from typing import Any

import pytest

from callcenter.setup.rule_sets.actions import HumanFirst, Menu, Message, ToQueue
from callcenter.stages.routing.facts import QueueFigures
from callcenter.stages.routing.rules import decide
from tests.stages.routing.calls import SORRY, TO_SUPPORT, a_call, rules, taken

pytestmark = pytest.mark.pure

RULES = rules(
    ("Germans", {"to": ["+15550100"], "from_prefix": ["+49"]}, SORRY),
    ("Main", {"to": ["+15550100"]}, TO_SUPPORT),
    ("Strangers", {"entered": False}, SORRY),
)
INVOICES = {"action": "queue", "queue": "invoices"}
ORDERS = {
    "action": "menu",
    "prompt": "For an order of today, press 1. For older ones, press 2.",
    "options": {"1": {"name": "Today", "then": TO_SUPPORT}, "2": {"name": "Older"}},
    "otherwise": {"action": "voicemail", "box": "orders"},
}
MENU = {
    "action": "menu",
    "prompt": "For orders, press 1. For invoices, press 2. For anything else, press 3.",
    "options": {
        "1": {"name": "Orders", "then": ORDERS},
        "2": {"name": "Invoices"},
        "3": {"name": "Anything else", "then": SORRY},
    },
    "repeats": 1,
    "otherwise": TO_SUPPORT,
}
WITH_MENUS = rules(
    ("Invoices of Germans", {"digits": ["2"], "from_country": ["DE"]}, SORRY),
    ("Invoices", {"digits": ["2"]}, INVOICES),
    ("Older orders", {"digits": ["12"]}, {"action": "reject"}),
    ("Menu", {}, MENU),
)


def test_the_first_rule_that_matches_decides_and_the_trace_tells_why() -> None:
    decision = decide(RULES, a_call(from_="+1555"), {})
    assert (decision.position, *taken(decision)) == (2, "Main", "queue")
    assert decision.trace == (
        "rule 1 'Germans' did not match: the caller's number does not start with +49",
        "rule 2 'Main' matched: the dialled number is +15550100",
    )


@pytest.mark.parametrize(
    ("call", "rule", "action"),
    [
        ({}, "Germans", "message"),
        ({"from_": "+43123"}, "Main", "queue"),
        ({"from_": ""}, "Main", "queue"),
        ({"to": "+15550177", "entered": False}, "Strangers", "message"),
        ({"to": "+15550177"}, None, "message"),
    ],
)
def test_the_order_of_rules_is_the_order_of_asking(call: dict[str, Any], rule: str | None, action: str) -> None:
    assert taken(decide(RULES, a_call(**call), {})) == (rule, action)


def test_a_call_that_no_rule_matches_hears_a_sentence_and_is_refused() -> None:
    decision = decide(RULES, a_call(to="+15550177"), {})
    assert (decision.position, decision.rule) == (None, None)
    assert isinstance(decision.action, Message)
    assert decision.action.outcome == "refused"
    assert decision.trace[-1] == "no rule matched"
    assert len(decision.trace) == 4


def test_without_a_published_rule_set_a_call_hears_a_sentence() -> None:
    decision = decide(None, a_call(), {})
    assert isinstance(decision.action, Message)
    assert decision.trace == ("no rule set is published",)


@pytest.mark.parametrize(
    ("keys", "call", "rule", "action"),
    [
        ("", {}, "Menu", "menu"),
        ("1", {}, "Menu", "menu"),
        ("11", {}, "Menu", "queue"),
        ("12", {}, "Older orders", "reject"),
        ("2", {}, "Invoices of Germans", "message"),
        ("2", {"from_": "+4312345678"}, "Invoices", "queue"),
        ("3", {}, "Menu", "message"),
        # A key without an option is a try; two tries are given here, then it goes on otherwise.
        ("9", {}, "Menu", "menu"),
        ("93", {}, "Menu", "message"),
        ("99", {}, "Menu", "queue"),
        ("9911", {}, "Menu", "queue"),
        ("199", {}, "Menu", "menu"),
        ("1999", {}, "Menu", "voicemail"),
        ("192", {}, "Older orders", "reject"),
        ("9192", {}, "Older orders", "reject"),
        # What is pressed after the end of the menus changes nothing.
        ("311", {}, "Menu", "message"),
    ],
)
def test_keys_walk_the_menus(keys: str, call: dict[str, Any], rule: str, action: str) -> None:
    assert taken(decide(WITH_MENUS, a_call(digits=tuple(keys), **call), {})) == (rule, action)


def test_the_trace_tells_the_way_through_the_menus() -> None:
    trace = decide(WITH_MENUS, a_call(digits=("1", "9", "2")), {}).trace
    assert trace == (
        "rule 1 'Invoices of Germans' did not match: no key was pressed",
        "rule 2 'Invoices' did not match: no key was pressed",
        "rule 3 'Older orders' did not match: no key was pressed",
        "rule 4 'Menu' matched: it matches every call",
        "rule 4 'Menu' matched: key 1 is 'Orders'",
        "rule 4 'Menu' matched: key 9 is no option of the menu",
        "rule 4 'Menu' matched: key 2 is 'Older'",
        "rule 1 'Invoices of Germans' did not match: the keys pressed are 12, not 2",
        "rule 2 'Invoices' did not match: the keys pressed are 12, not 2",
        "rule 3 'Older orders' matched: the keys pressed are 12",
    )


TIMED = rules(
    ("Late", {"digits": ["1", "12"], "waited_seconds": {"at_least": 60}}, {"action": "voicemail", "box": "late"}),
    ("Second", {"digits": ["1"]}, WITH_MENUS.rules[-1].then),
    ("Older", {"digits": ["12"]}, TO_SUPPORT),
    ("Menu", {}, {"action": "menu", "prompt": "One.", "options": {"1": {"name": "Orders"}}, "otherwise": SORRY}),
)


@pytest.mark.parametrize(
    ("keys", "at", "rule"),
    [
        ("1", (59,), "Second"),
        ("1", (60,), "Late"),
        ("12", (10, 59), "Older"),
        ("12", (10, 60), "Late"),
        ("12", (60, 90), "Late"),
    ],
)
def test_each_key_asks_by_the_time_waited_until_it_was_pressed(keys: str, at: tuple[float, ...], rule: str) -> None:
    assert decide(TIMED, a_call(digits=tuple(keys), digits_at=at), {}).rule == rule


def test_keys_that_nobody_asked_for_are_said() -> None:
    assert decide(RULES, a_call(digits=("1", "2")), {}).trace[-1] == "the keys 12 were not asked for"


def test_out_of_keys_the_decision_is_the_menu_that_waits_for_one() -> None:
    action = decide(WITH_MENUS, a_call(digits=("1",)), {}).action
    assert isinstance(action, Menu)
    assert set(action.options) == {"1", "2"}


FIRST = rules(("Complaints", {}, {"action": "human_first", "queue": "support", "ask_seconds": 30}))


def test_human_first_without_supervisors_says_that_the_call_goes_to_the_queue() -> None:
    decision = decide(FIRST, a_call(queues={"support": QueueFigures(supervisors=0)}), {})
    assert isinstance(decision.action, HumanFirst)
    assert decision.trace == (
        "rule 1 'Complaints' matched: it matches every call",
        "no supervisor can be asked, so the call goes to queue 'support'",
    )
    assert decide(FIRST, a_call(), {}).trace == decision.trace


def test_human_first_with_a_supervisor_says_nothing_of_it() -> None:
    assert len(decide(FIRST, a_call(queues={"support": QueueFigures(supervisors=1)}), {}).trace) == 1


def test_the_action_is_handed_on_as_the_rule_says_it() -> None:
    then = {
        "action": "queue", "queue": "support", "profile": "shop", "priority": 10, "required_skills": ["german"],
        "preferred_skills": ["billing"], "prefer_seconds": 20,
        "fallbacks": [{"after_seconds": 60, "then": {"action": "widen_skills", "drop": "all"}}],
    }  # fmt: skip
    action = decide(rules(("VIP", {}, then)), a_call(), {}).action
    assert isinstance(action, ToQueue)
    assert action.model_dump(mode="json") == then
