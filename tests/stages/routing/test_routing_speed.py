"""Deciding costs little, even by a large rule set: replay does a hundred thousand calls."""

from time import process_time

import pytest

from callcenter.setup.calendars.rules import CalendarBody
from callcenter.setup.rule_sets.rules import RuleSetBody
from callcenter.stages.routing.fields import Calendars
from callcenter.stages.routing.rules import Compiled
from tests.stages.routing.calls import SORRY, TO_SUPPORT, a_call, rules

pytestmark = pytest.mark.pure

NUMBERS = [f"+1555{n:04}" for n in range(50)]
OFFICE = CalendarBody.model_validate({"zone": "Europe/Berlin", "weekly": {"fri": ["08:00-18:00"]}})
CALLS = 2_000
REPLAYED = 100_000
REPLAY_SECONDS = 10.0


def large() -> RuleSetBody:
    """200 rules: of each number those for its VIPs, its Germans, its nights, and its others."""
    return rules(
        *(
            (f"{name} {number}", {"to": [number], **when}, then)
            for number in NUMBERS
            for name, when, then in (
                ("VIP", {"any": [{"in_list": ["vip"]}, {"attribute": {"tier": ["gold"]}}]}, TO_SUPPORT),
                ("Germans", {"from_country": ["DE"], "share": {"percent": 10, "of": "trial"}}, TO_SUPPORT),
                ("Night", {"closed": "office"}, SORRY),
                ("Others", {}, TO_SUPPORT),
            )
        )
    )


def test_a_hundred_thousand_calls_are_decided_in_less_than_their_time_by_two_hundred_rules() -> None:
    """Measured in processor time, for other tests run beside this one; replay has to read its calls besides."""
    compiled, calendars = Compiled(large()), Calendars({"office": OFFICE})
    calls = [a_call(to=NUMBERS[n % 50], from_=f"+4930{n:06}") for n in range(CALLS)]
    begun = process_time()
    for call in calls:
        compiled.destination(call, calendars)
    assert (process_time() - begun) * REPLAYED / CALLS < REPLAY_SECONDS / 2


def test_a_decision_with_all_its_words_takes_a_millisecond() -> None:
    """The typical one, of the middle of the set; ten times as long would still be nothing to a caller."""
    compiled, calendars = Compiled(large()), Calendars({"office": OFFICE})
    begun = process_time()
    for n in range(100):
        compiled.decide(a_call(to=NUMBERS[25], from_=f"+4930{n:06}"), calendars)
    assert (process_time() - begun) / 100 < 0.01
