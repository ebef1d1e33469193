"""Which call gets which worker, decided without a database."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.stages.offers.rules import Loaded, Wish, share_out

pytestmark = pytest.mark.pure

SKILLS = st.frozensets(st.sampled_from(("billing", "french", "returns")))
AT = datetime(2026, 11, 22, tzinfo=UTC)


def wish(number: int, *required: str) -> Wish:
    return Wish(OfferId(f"offer-{number}"), CallId(f"call-{number}"), frozenset(required))


def worker(
    name: str, *skills: str, busy: int = 0, free: int = 3, deployment: str = "", failed_at: datetime | None = None
) -> Loaded:
    return Loaded(name, frozenset(skills), deployment, failed_at, busy, free, first_seat=ord(name[0]))


def names(wishes: list[Wish], workers: list[Loaded], shares: dict[str, int] | None = None) -> list[str]:
    return [name for _, name in share_out(wishes, workers, shares or {})]


def test_the_least_loaded_worker_is_asked_and_what_was_just_given_counts() -> None:
    assert names([wish(n) for n in range(4)], [worker("a", busy=2), worker("b")]) == ["b", "b", "a", "b"]


def test_a_worker_that_failed_lately_is_asked_when_nobody_else_has_a_seat() -> None:
    workers = [worker("a", failed_at=AT), worker("b", busy=5, free=1)]
    assert names([wish(1), wish(2)], workers) == ["b", "a"]


def test_a_call_that_no_seat_is_left_for_does_not_hold_up_those_behind_it() -> None:
    given_to = share_out(
        [wish(1, "french"), wish(2, "french"), wish(3)], [worker("a", "french", free=1), worker("b")], {}
    )
    assert [(w.call_id, name) for w, name in given_to] == [("call-1", "a"), ("call-3", "b")]


def test_a_deployment_of_the_last_resort_is_asked_last() -> None:
    workers = [worker("a", deployment="dark"), worker("b", deployment="blue", busy=9, free=1)]
    assert names([wish(1), wish(2)], workers, {"dark": 0}) == ["b", "a"]


@given(st.lists(SKILLS, max_size=12), st.lists(st.tuples(SKILLS, st.integers(1, 3), st.integers(0, 3)), max_size=5))
def test_nobody_gets_what_they_lack_or_more_than_they_have_and_nobody_waits_beside_a_free_seat(
    asked: list[frozenset[str]], staff: list[tuple[frozenset[str], int, int]]
) -> None:
    workers = [worker(chr(97 + n), *skills, free=free, busy=busy) for n, (skills, free, busy) in enumerate(staff)]
    wishes = [wish(n, *skills) for n, skills in enumerate(asked)]
    found = share_out(wishes, workers, {})
    by_name = {one.name: one for one in workers}
    assert all(one.required_skills <= by_name[name].skills for one, name in found)
    used = Counter(name for _, name in found)
    assert all(count <= by_name[name].free for name, count in used.items())
    served = {one.offer_id for one, _ in found}
    left = [one for one in workers if used[one.name] < one.free]
    assert not [
        one for one in wishes if one.offer_id not in served and any(one.required_skills <= w.skills for w in left)
    ]
