"""A rule set is judged as a whole before it may be published: each error names rule, field, and what would be right."""

from typing import Any

import pytest

from callcenter.setup.queues.rules import QueueBody
from callcenter.setup.rule_sets.coverage import check
from callcenter.setup.rule_sets.names import Known
from callcenter.setup.rule_sets.rules import parse

pytestmark = pytest.mark.pure

MAIN = "+15550100"
TO_SUPPORT = {"action": "queue", "queue": "support"}
SORRY = {"action": "message", "text": "Sorry."}
KNOWN = Known(
    queues={
        "support": QueueBody(profile="shop"),
        "sales": QueueBody(profile="shop", required_skills=("english",)),
        "orphan": QueueBody(profile="gone"),
    },
    profiles=frozenset({"shop"}),
    calendars=frozenset({"office", "night"}),
    lists=frozenset({"vip"}),
    skills=frozenset({"english", "german"}),
    trunks=frozenset({"carrier"}),
)
BERLIN = "Europe/Berlin"
WORKDAYS = {"weekday": {"days": ["mon", "tue", "wed", "thu", "fri"], "zone": BERLIN}}


def judge(*rules: tuple[Any, Any], numbers: tuple[str, ...] = ()) -> list[tuple[str, Any, str]]:
    """The errors of rules (condition, action), named 1, 2, …"""
    body, found = parse({"rules": [{"name": str(n), "when": w, "then": t} for n, (w, t) in enumerate(rules, start=1)]})
    assert body is not None, found
    known = Known(**{**vars(KNOWN), "numbers": numbers})
    return [(error.field, error.value, error.expected) for error in check(body, known)]


def menu(*keys: str, **options: Any) -> dict[str, Any]:
    found = {key: {"name": f"Option {key}"} for key in keys} | {key[1:]: value for key, value in options.items()}
    return {"action": "menu", "prompt": "Press a key.", "options": found, "otherwise": TO_SUPPORT}


def fallbacks(*steps: tuple[float, Any], **more: Any) -> dict[str, Any]:
    return TO_SUPPORT | {"fallbacks": [{"after_seconds": at, "then": then} for at, then in steps]} | more


@pytest.mark.parametrize(
    ("when", "field", "value", "expected"),
    [
        ({"in_list": ["vip", "vipp"]}, "in_list.1", "vipp", "an existing caller list: vip"),
        ({"open": "offce"}, "open", "offce", "an existing calendar: night, office"),
        ({"closed": "offce"}, "closed", "offce", "an existing calendar: night, office"),
        ({"last_queue": ["suport"]}, "last_queue.0", "suport", "an existing queue: orphan, sales, support"),
        ({"last_profile": ["shopp"]}, "last_profile.0", "shopp", "an existing profile: shop"),
        ({"queue": {"name": "suport", "waiting": {"below": 3}}}, "queue.name", "suport",
         "an existing queue: orphan, sales, support"),
        ({"weekday": {"days": ["mon"], "zone": "Europe/Berln"}}, "weekday.zone", "Europe/Berln",
         "an IANA time zone, such as Europe/Berlin"),
        ({"from_country": ["XX"]}, "from_country.0", "XX",
         "a country that has telephone numbers, as two letters of ISO 3166, such as DE"),
        ({"any": [{"anonymous": True}, {"none": [{"open": "x"}]}]}, "any.1.none.0.open", "x",
         "an existing calendar: night, office"),
    ],
)  # fmt: skip
def test_a_condition_that_names_nothing_of_the_company(when: Any, field: str, value: str, expected: str) -> None:
    assert judge((when, SORRY)) == [(f"rules.0.when.{field}", value, expected)]


@pytest.mark.parametrize(
    ("then", "field", "value", "expected"),
    [
        ({"action": "queue", "queue": "suport"}, "queue", "suport", "an existing queue: orphan, sales, support"),
        ({"action": "queue", "queue": "orphan"}, "queue", "orphan", "a queue whose profile exists: 'gone' does not"),
        (TO_SUPPORT | {"profile": "shopp"}, "profile", "shopp", "an existing profile: shop"),
        (TO_SUPPORT | {"required_skills": ["french"]}, "required_skills.0", "french",
         "an existing skill: english, german"),
        (TO_SUPPORT | {"preferred_skills": ["french"]}, "preferred_skills.0", "french",
         "an existing skill: english, german"),
        ({"action": "human_first", "queue": "suport"}, "queue", "suport", "an existing queue: orphan, sales, support"),
        ({"action": "call_back", "queue": "suport"}, "queue", "suport", "an existing queue: orphan, sales, support"),
        ({"action": "transfer", "number": MAIN, "trunk": "x"}, "trunk", "x", "an existing outbound trunk: carrier"),
        ({"action": "message", "audio": "bye"}, "audio", "bye", "an existing sound: none is set up yet"),
        ({"action": "message"}, "text", None, "a text to say, or audio: the name of a sound to play"),
        (menu(_1={"name": "Orders", "then": {"action": "queue", "queue": "x"}}), "options.1.then.queue", "x",
         "an existing queue: orphan, sales, support"),
        (menu("1") | {"otherwise": {"action": "message"}}, "otherwise.text", None,
         "a text to say, or audio: the name of a sound to play"),
        (menu(_1={"name": "Orders", "say": ["Order"], "then": SORRY},
              _2={"name": "Invoices", "say": ["invoice", "order"], "then": SORRY}), "options.2.say.1", "order",
         "a word that does not choose option 1 as well"),
        (fallbacks((60, {"action": "queue", "queue": "x"})), "fallbacks.0.then.queue", "x",
         "an existing queue: orphan, sales, support"),
        (fallbacks((60, {"action": "widen_skills", "drop": "all"}), (60, SORRY)), "fallbacks.1.after_seconds", 60,
         "more than 60, as before it"),
        (fallbacks((60, {"action": "widen_skills", "drop": ["german"]}), required_skills=["english"]),
         "fallbacks.0.then.drop.0", "german", "an existing required skill of this queue: english"),
        (fallbacks((60, SORRY), (90, {"action": "widen_skills", "drop": "all"})), "fallbacks.1", "widen_skills",
         "no fallback after 'message', which ends the wait here"),
        (fallbacks((60, {"action": "queue", "queue": "support"})), "fallbacks.0.then.queue", "support",
         "a queue that the call did not wait in before; this is a loop: support → support"),
        (fallbacks((60, {"action": "queue", "queue": "sales"}), (90, TO_SUPPORT)), "fallbacks.1.then.queue", "support",
         "a queue that the call did not wait in before; this is a loop: support → sales → support"),
        (fallbacks((60, {"action": "queue", "queue": "sales",
                         "fallbacks": [{"after_seconds": 5, "then": TO_SUPPORT}]})),
         "fallbacks.0.then.fallbacks.0.then.queue", "support",
         "a queue that the call did not wait in before; this is a loop: support → sales → support"),
    ],
)  # fmt: skip
def test_an_action_that_cannot_be_done(then: Any, field: str, value: Any, expected: str) -> None:
    assert (f"rules.0.then.{field}", value, expected) in judge(({"to": [MAIN]}, then))


def test_a_skill_that_only_a_queue_requires_may_be_dropped_after_a_while() -> None:
    drop = {"after_seconds": 60, "then": {"action": "widen_skills", "drop": ["english"]}}
    assert judge(({}, {"action": "queue", "queue": "sales", "fallbacks": [drop]})) == []


def test_trunks_that_nobody_could_ask_for_are_not_judged() -> None:
    body, _ = parse({"rules": [{"name": "1", "then": {"action": "transfer", "number": MAIN, "trunk": "x"}}]})
    assert body is not None
    assert check(body, Known()) == []


def test_two_rules_of_one_name_are_refused() -> None:
    body, _ = parse({"rules": [{"name": "A", "when": {"to": [number]}, "then": SORRY} for number in (MAIN, "+1555")]})
    assert body is not None
    assert [(error.field, error.expected) for error in check(body, KNOWN)] == [
        ("rules.1.name", "a name that no other rule has")
    ]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ([{}], {"to": [MAIN]}),
        ([{"to": [MAIN]}], {"to": [MAIN], "open": "office"}),
        ([{"to": [MAIN, "+1555"]}], {"to": [MAIN]}),
        ([{"to": [MAIN]}, {"to": ["+1555"]}], {"to": [MAIN, "+1555"]}),
        ([{"from_prefix": ["+49"]}], {"from_prefix": ["+4930", "+4940"]}),
        ([{"from_prefix": ["+49"]}], {"from": ["+4930123456"]}),
        ([{"anonymous": False}], {"from_prefix": ["+49"]}),
        ([{"anonymous": True}, {"anonymous": False}], {}),
        ([{"open": "office"}, {"closed": "office"}], {"in_list": ["vip"]}),
        ([{"open": "office", "in_list": ["vip"]}, {"closed": "office"}], {"in_list": ["vip"]}),
        ([{"in_list": ["vip"]}, {"none": [{"in_list": ["vip"]}]}], {"to": [MAIN]}),
        ([{"any": [{"in_list": ["vip"]}, {"open": "office"}]}], {"open": "office"}),
        ([{"open": "office"}, {"in_list": ["vip"]}], {"any": [{"in_list": ["vip"]}, {"open": "office"}]}),
        ([{"all": [{"to": [MAIN]}]}], {"to": [MAIN]}),
        ([{"header": {"x-tenant": ["*"]}}], {"header": {"X-Tenant": ["a"]}}),
        ([{"attribute": {"tier": ["gold", "silver"]}}], {"attribute": {"tier": ["gold"]}}),
        ([{"language": ["de"]}], {"language": ["de-AT"]}),
        ([{"share": {"percent": 30, "of": "trial"}}], {"share": {"percent": 20, "of": "trial"}}),
        ([{"share": {"percent": 100, "of": "trial"}}], {}),
        ([{"waited_seconds": {"at_least": 60}}], {"waited_seconds": {"at_least": 90}}),
        ([{"waited_seconds": {"at_least": 60}}, {"waited_seconds": {"below": 60}}], {}),
        ([{"queue": {"name": "support", "waiting": {"at_least": 2}}}],
         {"queue": {"name": "support", "waiting": {"at_least": 3, "below": 9}}}),
        ([WORKDAYS, {"weekday": {"days": ["sat", "sun"], "zone": BERLIN}}], {}),
        ([{"none": [{"to": [MAIN]}]}], {"to": ["+1555"]}),
        ([{"digits": ["1", "2"]}], {"digits": ["2"]}),
    ],
)  # fmt: skip
def test_a_rule_that_no_call_reaches_is_named_with_the_rule_that_takes_its_calls(
    earlier: list[Any], later: Any
) -> None:
    rules = [(when, SORRY) for when in earlier]
    assert [error for error in judge(*rules) if error[0].startswith("rules.")] == []
    (error,) = judge(*rules, (later, SORRY))
    assert error[:2] == (f"rules.{len(earlier)}", str(len(earlier) + 1))
    assert error[2].startswith("to stand before rule ")


def test_the_words_tell_a_rule_for_everybody_from_rules_that_together_leave_nobody() -> None:
    assert judge(({}, SORRY), ({"to": [MAIN]}, SORRY))[0][2] == "to stand before rule 1 '1', which matches every call"
    (error,) = judge(({"open": "office"}, SORRY), ({"closed": "office"}, SORRY), ({}, SORRY))
    assert error[2] == "to stand before rule 2 '2', which leaves no call for it"


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ([{"to": [MAIN], "open": "office"}], {"to": [MAIN]}),
        ([{"to": [MAIN]}], {"to": [MAIN, "+1555"]}),
        ([{"in_list": ["vip"]}], {"attribute": {"tier": ["gold"]}}),
        ([{"from_prefix": ["+49"]}], {"anonymous": False}),
        ([{"from_country": ["DE"]}], {"from_prefix": ["+49"]}),  # numbers may be shared, and plans change
        ([{"open": "office"}, {"closed": "night"}], {}),
        ([WORKDAYS], {"weekday": {"days": ["mon"], "zone": "Asia/Tokyo"}}),
        ([{"share": {"percent": 30, "of": "trial"}}], {"share": {"percent": 20, "of": "other"}}),
        ([{"queue": {"name": "support", "waiting": {"at_least": 2}}},
          {"queue": {"name": "support", "waiting": {"below": 2}}}], {}),  # a figure may be unknown
        ([{"language": ["de-AT"]}], {"language": ["de"]}),
        ([{"header": {"X-Tenant": ["a"]}}], {"header": {"X-Tenant": ["*"]}}),
    ],
)  # fmt: skip
def test_a_rule_that_some_call_may_reach_is_let_through(earlier: list[Any], later: Any) -> None:
    assert judge(*((when, SORRY) for when in (*earlier, later))) == []


@pytest.mark.parametrize(
    "when",
    [
        {"to": [MAIN], "all": [{"to": ["+1555"]}]},
        {"anonymous": True, "from_prefix": ["+49"]},
        {"open": "office", "closed": "office"},
        {"to": [MAIN], "none": [{"to": [MAIN, "+1555"]}]},
        {"share": {"percent": 0, "of": "trial"}},
        {"none": [{"share": {"percent": 100, "of": "trial"}}]},
        {"waited_seconds": {"below": 10}, "any": [{"waited_seconds": {"at_least": 10}}]},
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(when: Any) -> None:
    expected = "conditions that a call can meet together; no call meets these"
    assert judge((when, SORRY)) == [("rules.0.when", "1", expected)]


@pytest.mark.parametrize(
    "whens",
    [
        [{}],
        [{"to": [MAIN]}],
        [{"entered": True}],
        [{"to": [MAIN], "open": "office"}, {"to": [MAIN], "closed": "office"}],
        [{"to": [MAIN], "in_list": ["vip"]}, {"none": [{"in_list": ["vip"]}]}],
        [{"anonymous": True}, {"to": [MAIN], "anonymous": False}],
        [{"any": [{"to": [MAIN]}, {"in_list": ["vip"]}]}],
    ],
)
def test_a_number_whose_every_call_meets_a_rule_has_a_route(whens: list[Any]) -> None:
    assert judge(*((when, SORRY) for when in whens), numbers=(MAIN,)) == []


@pytest.mark.parametrize(
    "whens",
    [
        [{"to": ["+15550101"]}],
        [{"to": [MAIN], "open": "office"}],
        [{"to": [MAIN], "from_prefix": ["+49"]}, {"entered": False}],
        [{"to": [MAIN], "open": "office"}, {"to": [MAIN], "closed": "night"}],
        [{"to": [MAIN], "share": {"percent": 99.99, "of": "trial"}}],
        [{"to": [MAIN], "digits": ["1"]}],
        [{"to": [MAIN], "queue": {"name": "support", "waiting": {"at_least": 0}}}],
    ],
)
def test_a_number_with_calls_that_no_rule_takes_is_refused(whens: list[Any]) -> None:
    expected = [("rules", MAIN, f"a rule that matches every call to {MAIN}")]
    assert judge(*((when, SORRY) for when in whens), numbers=(MAIN,)) == expected


def test_a_key_that_leads_back_to_its_own_menu_is_a_circle() -> None:
    expected = (
        "then, or a rule before this one for digits that end with '1': this key leads back to a menu that was heard "
        "before"
    )
    assert judge(({}, menu("1")), numbers=(MAIN,)) == [("rules.0.then.options.1", "1", expected)]


def test_a_key_for_which_an_earlier_rule_stands_is_no_circle() -> None:
    assert judge(({"digits": ["1"]}, SORRY), ({}, menu("1")), numbers=(MAIN,)) == []


def test_a_menu_within_a_menu_asks_for_the_keys_of_both() -> None:
    inner = ({"digits": ["1"]}, menu("2"))
    assert judge(({"digits": ["12"]}, SORRY), inner, ({}, menu("1")), numbers=(MAIN,)) == []
    assert judge(({"digits": ["2"]}, SORRY), inner, ({}, menu("1")), numbers=(MAIN,))[0][0] == "rules.1.then.options.2"


def test_a_menu_inside_an_option_asks_the_rules_with_the_keys_of_both() -> None:
    nested = menu(_1={"name": "Orders", "then": menu("2")})
    assert judge(({"digits": ["12"]}, SORRY), ({}, nested), numbers=(MAIN,)) == []
    (error,) = judge(({"digits": ["2"]}, SORRY), ({}, nested), numbers=(MAIN,))
    assert error[0] == "rules.1.then.options.1.then.options.2"
    assert "digits that end with '12'" in error[2]


def test_a_key_after_which_no_rule_is_left_is_refused() -> None:
    calls = ({"to": [MAIN], "none": [{"digits": ["1"]}]}, menu("1"))
    assert judge(calls, numbers=(MAIN,)) == [
        ("rules.0.then.options.1", MAIN, f"a rule that matches every call to {MAIN} after the keys 1")
    ]


def test_all_errors_are_told_at_once() -> None:
    found = judge(({}, {"action": "queue", "queue": "x"}), ({}, {"action": "message"}), numbers=(MAIN,))
    assert [field for field, _, _ in found] == ["rules.0.then.queue", "rules.1.then.text", "rules.1"]
