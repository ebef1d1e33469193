"""Where a call goes, and the words that say why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.setup.rule_sets.rules import Message, Rule, RuleSetBody, ToQueue, When
from callcenter.stages.routing.rules import Facts, decide

pytestmark = pytest.mark.pure

SUPPORT = ToQueue(action="queue", queue="support")
SORRY = Message(action="message", text="Sorry.")


def rule_set(*rules: tuple[str, When, ToQueue | Message]) -> RuleSetBody:
    return RuleSetBody(rules=tuple(Rule(name=name, when=when, then=then) for name, when, then in rules))


RULES = rule_set(
    ("Germans", When(to=("+15550100",), from_prefix=("+49",)), SORRY),
    ("Main", When(to=("+15550100",)), SUPPORT),
    ("Strangers", When(entered=False), SORRY),
)


def test_the_first_rule_that_matches_decides_and_the_trace_tells_why() -> None:
    decision = decide(RULES, Facts(to="+15550100", from_="+1555", entered=True))
    assert (decision.rule, decision.action) == ("Main", SUPPORT)
    assert decision.trace == (
        "rule 1 'Germans' did not match: the caller's number does not start with +49",
        "rule 2 'Main' matched: the dialled number is +15550100",
    )


def test_all_conditions_of_a_rule_must_hold() -> None:
    assert decide(RULES, Facts(to="+15550100", from_="+4930", entered=True)).rule == "Germans"
    assert decide(RULES, Facts(to="+15550177", from_="+4930", entered=False)).rule == "Strangers"


def test_a_call_that_no_rule_matches_hears_a_sentence_and_is_refused() -> None:
    decision = decide(RULES, Facts(to="+15550177", from_="+1", entered=True))
    assert decision.rule is None
    assert isinstance(decision.action, Message)
    assert decision.action.outcome == "refused"
    assert decision.trace[-1] == "no rule matched"


def test_without_a_published_rule_set_a_call_hears_a_sentence() -> None:
    assert isinstance(decide(None, Facts("+1", "+2", True)).action, Message)


@given(to=st.text(max_size=40), from_=st.text(max_size=40), entered=st.booleans())
def test_every_call_gets_a_decision(to: str, from_: str, entered: bool) -> None:
    decision = decide(RULES, Facts(to, from_, entered))
    assert decision.action is not None
    assert decision.trace
