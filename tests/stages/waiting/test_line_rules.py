"""The order of the line and the skills that are asked for, on plain values."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.platform.plumbing.ids import CallId
from callcenter.setup.queues.rules import Ageing
from callcenter.stages.waiting.rules import Skills, Standing, aged_priority, in_order, skills, widened

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
AGEINGS = st.builds(
    Ageing, every_seconds=st.sampled_from([1, 7.5, 60]), points=st.integers(1, 5), at_most=st.integers(1, 20)
)


@pytest.mark.parametrize(
    ("waited", "expected"), [(0, 5), (59.9, 5), (60, 7), (179, 9), (180, 10), (86_400, 10), (-3, 5)]
)
def test_who_waits_gains_points_for_each_whole_interval_up_to_a_bound(waited: float, expected: int) -> None:
    assert aged_priority(5, waited, Ageing(every_seconds=60, points=2, at_most=5)) == expected


def test_without_ageing_a_priority_stays_what_it_was() -> None:
    assert aged_priority(-3, 86_400, None) == -3


@given(st.integers(-100, 100), st.lists(st.floats(0, 1e6), min_size=2), AGEINGS)
def test_ageing_only_ever_rises_and_never_above_its_bound(priority: int, waits: list[float], ageing: Ageing) -> None:
    gained = [aged_priority(priority, waited, ageing) for waited in sorted(waits)]
    assert all(before <= after for before, after in pairwise(gained))
    assert priority <= gained[0]
    assert gained[-1] <= priority + ageing.at_most


def test_the_order_is_aged_priority_then_arrival_then_id() -> None:
    ages = Ageing(every_seconds=60, points=1, at_most=3)
    line = [
        Standing(CallId("e"), 1, NOW - timedelta(seconds=10), ages),
        Standing(CallId("d"), 0, NOW - timedelta(seconds=90), ages),  # has reached the priority of e, and came first
        Standing(CallId("c"), 2, NOW),
        Standing(CallId("b"), 0, NOW - timedelta(seconds=30)),
        Standing(CallId("a"), 0, NOW - timedelta(seconds=30)),
    ]
    assert [one.call_id for one in in_order(line, NOW)] == ["c", "d", "e", "a", "b"]


ALIKE = st.builds(
    Standing, st.uuids().map(str), st.just(3), st.datetimes().map(lambda at: at.replace(tzinfo=UTC)),
    st.just(Ageing(every_seconds=30, points=2, at_most=9)),
)  # fmt: skip


@given(st.lists(ALIKE, unique_by=lambda one: one.call_id))
def test_calls_of_one_priority_that_age_alike_stay_in_the_order_of_their_arrival(line: list[Standing]) -> None:
    ordered = in_order(line, datetime(2100, 1, 1, tzinfo=UTC))
    assert [(one.entered_at, one.call_id) for one in ordered] == sorted((one.entered_at, one.call_id) for one in line)


def test_preferred_skills_are_required_as_long_as_they_are_insisted_on() -> None:
    assert skills(["german"], ["vip", "german"], 30) == Skills(("german", "vip"), ("vip",), insisted=True)
    assert skills(["german"], ["vip"], 0) == Skills(("german",), ("vip",))
    assert skills(["german"], ["german"], 30) == Skills(("german",))


def test_widening_drops_the_skills_it_names_or_all_and_keeps_the_rest() -> None:
    insisted = Skills(("german", "sales", "vip"), ("vip",), insisted=True)
    assert widened(insisted, ["sales", "unheard of"]) == Skills(("german", "vip"), ("vip",), insisted=True)
    assert widened(insisted, ["vip"]) == Skills(("german", "sales"), ("vip",))
    assert widened(insisted, None) == Skills((), ("vip",))
