"""What is true of any rule set and any call: a decision always, the same one again, and a trace that agrees with it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from callcenter.setup.calendars.rules import CalendarBody
from callcenter.setup.queues.rules import QueueBody
from callcenter.setup.rule_sets.atoms import condition
from callcenter.setup.rule_sets.conditions import DAYS, When
from callcenter.setup.rule_sets.coverage import check
from callcenter.setup.rule_sets.implication import NOBODY, taken_by
from callcenter.setup.rule_sets.names import Known
from callcenter.setup.rule_sets.rules import RuleSetBody
from callcenter.stages.routing.conditions import ready
from callcenter.stages.routing.facts import Facts, QueueFigures
from callcenter.stages.routing.fields import Calendars, Situation
from callcenter.stages.routing.rules import NO_RULE, Compiled, decide

pytestmark = pytest.mark.pure

BOTH = ("+15550100", "+15550101")
CALLERS = ("", "+493012345678", "+494012345678", "+4312345678", "+12125551234", "alice")
LISTS = ("vip", "blocked")
CALENDARS = {
    "office": CalendarBody.model_validate({"zone": "Europe/Berlin", "weekly": {"fri": ["08:00-18:00"]}}),
    "never": CalendarBody(zone="UTC"),
}
ZONES = ("Europe/Berlin", "Asia/Tokyo")


def some(*values: Any) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


limits = st.one_of(
    st.builds(lambda low: {"at_least": low}, st.sampled_from((0, 30, 60))),
    st.builds(lambda high: {"below": high}, st.sampled_from((30, 60))),
    st.just({"at_least": 30, "below": 60}),
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "to": some(*BOTH),
    "from": some(*(number for number in CALLERS if number.startswith("+"))),
    "from_prefix": some("+49", "+4930", "+1", "+43"),
    "from_country": some("DE", "AT", "US"),
    "anonymous": st.booleans(),
    "entered": st.booleans(),
    "in_list": some(*LISTS),
    "attribute": st.dictionaries(st.sampled_from(("tier", "city")), some("a", "b", "*"), min_size=1),
    "last_queue": some("support", "sales"),
    "last_profile": some("shop"),
    "open_call_back": st.booleans(),
    "open": st.sampled_from(tuple(CALENDARS)),
    "closed": st.sampled_from(tuple(CALENDARS)),
    "weekday": st.fixed_dictionaries({"days": some(*DAYS), "zone": st.sampled_from(ZONES)}),
    "language": some("de", "de-AT", "en"),
    "header": st.dictionaries(st.sampled_from(("x-tenant", "X-Tenant")), some("a", "*"), min_size=1, max_size=1),
    "digits": some("1", "2", "12"),
    "waited_seconds": limits,
    "queue": st.builds(lambda name, waiting: {"name": name, "waiting": waiting}, st.just("support"), limits),
    "share": st.fixed_dictionaries({"percent": st.sampled_from((0, 20, 50, 100)), "of": st.sampled_from(("a", "b"))}),
}


def mapping(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.lists(st.sampled_from(tuple(fields)), max_size=2, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({name: fields[name] for name in chosen})
    )


def conditions_of(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(
        mapping(fields),
        lambda inner: mapping(fields | dict.fromkeys(("all", "any", "none"), st.lists(inner, min_size=1, max_size=2))),
        max_leaves=4,
    )


whens = conditions_of(FIELDS)
# Conditions that have to do with each other: all of an example ask for one thing, or for two.
alike = st.lists(st.sampled_from(tuple(FIELDS)), min_size=1, max_size=2, unique=True).flatmap(
    lambda chosen: st.lists(conditions_of({name: FIELDS[name] for name in chosen}), min_size=2, max_size=4)
)
ENDS = st.sampled_from(
    (
        {"action": "queue", "queue": "support"},
        {"action": "message", "text": "Sorry."},
        {"action": "reject"},
        {"action": "human_first", "queue": "support"},
        {"action": "voicemail", "box": "main"},
    )
)
actions = st.recursive(
    ENDS,
    lambda inner: st.builds(
        lambda options, otherwise, repeats: {
            "action": "menu", "prompt": "Press a key.", "options": options, "otherwise": otherwise, "repeats": repeats,
        },
        st.dictionaries(
            st.sampled_from("12*"),
            st.one_of(st.just({"name": "Again"}), st.builds(lambda then: {"name": "There", "then": then}, inner)),
            min_size=1,
        ),
        inner, st.integers(0, 2),
    ),
    max_leaves=4,
)  # fmt: skip
rule_sets = st.lists(st.tuples(whens, actions), min_size=1, max_size=5).map(
    lambda rules: RuleSetBody.model_validate(
        {"rules": [{"name": f"R{n}", "when": when, "then": then} for n, (when, then) in enumerate(rules)]}
    )
)
calls = st.builds(
    Facts,
    to=st.sampled_from((*BOTH, "+15550177", "")),
    from_=st.sampled_from(CALLERS) | st.text(max_size=20),
    entered=st.booleans(),
    call_id=st.text(max_size=8),
    at=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (bounds are naive)
    language=st.sampled_from((None, "de", "de-AT", "en-GB", "")),
    headers=st.dictionaries(st.just("x-tenant"), st.sampled_from(("a", "c"))),
    digits=st.lists(st.sampled_from(("1", "2", "*", "9", "12", "", "x")), max_size=6).map(tuple),
    digits_at=st.lists(st.sampled_from((0, 30, 60)), max_size=3).map(tuple),
    waited_seconds=st.sampled_from((0, 29.9, 30, 60, 1e9)),
    attributes=st.dictionaries(st.sampled_from(("tier", "city")), st.sampled_from(("a", "c"))),
    lists=st.frozensets(st.sampled_from(LISTS)),
    last_queue=st.sampled_from((None, "support", "billing")),
    last_profile=st.sampled_from((None, "shop", "other")),
    open_call_back=st.booleans(),
    queues=st.dictionaries(
        st.just("support"), st.builds(QueueFigures, waiting=st.sampled_from((0, 30, 60)))
    ),
)  # fmt: skip
many = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@many
@given(rule_sets, calls)
def test_every_call_gets_a_decision_and_always_the_same_one(body: RuleSetBody, call: Facts) -> None:
    first = decide(body, call, CALENDARS)
    assert first.action is not None
    assert first.trace
    assert decide(body, call, CALENDARS) == first
    assert decide(body, replace(call), dict(CALENDARS)).trace == first.trace


@many
@given(rule_sets, calls)
def test_the_trace_agrees_with_the_decision(body: RuleSetBody, call: Facts) -> None:
    decision = decide(body, replace(call, digits=()), CALENDARS)
    if decision.position is None:
        assert decision.action is NO_RULE
        assert [step.matched for step in decision.steps] == [False] * len(body.rules)
        assert decision.trace[-1] == "no rule matched"
    else:
        assert [step.matched for step in decision.steps] == [False] * (decision.position - 1) + [True]
        assert [step.position for step in decision.steps] == list(range(1, decision.position + 1))
        assert decision.rule == body.rules[decision.position - 1].name == decision.steps[-1].name
        assert decision.action == body.rules[decision.position - 1].then


@many
@given(rule_sets, calls)
def test_with_keys_too_the_last_matching_step_is_of_the_rule_that_decides(body: RuleSetBody, call: Facts) -> None:
    decision = decide(body, call, CALENDARS)
    last = [step for step in decision.steps if step.matched]
    if decision.position is not None:
        assert (last[-1].position, last[-1].name) == (decision.position, decision.rule)
    else:
        assert not decision.steps[-1].matched


@many
@given(rule_sets, calls)
def test_the_decision_without_words_is_the_same(body: RuleSetBody, call: Facts) -> None:
    rules, calendars = Compiled(body), Calendars(CALENDARS)
    told, untold = rules.decide(call, calendars), rules.destination(call, calendars)
    assert (untold.position, untold.rule, untold.action) == (told.position, told.rule, told.action)


@many
@given(whens, calls, st.sampled_from(("", "1", "2", "12", "9")))
def test_the_words_say_what_is_decided(when: dict[str, Any], call: Facts, pressed: str) -> None:
    test = ready(When.model_validate(when))
    situation = Situation(call, Calendars(CALENDARS), pressed)
    held, words = test.because(situation)
    assert held is test.holds(situation)
    assert words


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(alike, st.lists(calls, min_size=5, max_size=15), st.sampled_from(("", "1", "12")))
@example([{"anonymous": True}, {"anonymous": False}, {}], [], "")
def test_a_rule_reported_unreachable_never_matches(
    conditions: list[dict[str, Any]], facts: list[Facts], pressed: str
) -> None:
    read = [When.model_validate(when) for when in conditions]
    atoms = [condition(when) for when in read]
    taken = taken_by(atoms[-1], atoms[:-1], frozenset(CALENDARS))
    if taken is None:
        return
    event("unreachable")
    tests = [ready(when) for when in read]
    for call in facts:
        situation = Situation(call, Calendars(CALENDARS), pressed)
        held = [test.holds(situation) for test in tests]
        assert not held[-1] or (taken != NOBODY and any(held[:-1]))


@many
@given(rule_sets, st.lists(calls, min_size=1, max_size=5))
def test_a_number_with_a_route_never_meets_no_rule(body: RuleSetBody, facts: list[Facts]) -> None:
    known = Known(
        queues={"support": QueueBody(profile="shop")}, profiles=frozenset({"shop"}), numbers=BOTH,
        calendars=frozenset(CALENDARS), lists=frozenset(LISTS),
    )  # fmt: skip
    without = {error.value for error in check(body, known) if error.expected.startswith("a rule that matches every")}
    for call in facts:
        for number in set(BOTH) - without:
            decision = decide(body, replace(call, to=number, entered=True, digits=call.digits[:1]), CALENDARS)
            assert decision.position is not None
