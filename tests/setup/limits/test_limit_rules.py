import pytest
from pydantic import ValidationError

from callcenter.setup.limits.rules import LimitBody, Per, concerning, reached

pytestmark = pytest.mark.pure

LIMITS = {
    "house": LimitBody(per=Per.WAITING),
    "any trunk": LimitBody(per=Per.TRUNK, max_calls=100),
    "carrier": LimitBody(per=Per.TRUNK, trunk="carrier", max_calls=10),
    "callers": LimitBody(per=Per.CALLER, max_calls=2),
}


@pytest.mark.parametrize(
    ("trunk", "caller", "expected"),
    [
        ("demo", "+15551230001", ["callers", "any trunk", "house"]),
        ("carrier", "+15551230001", ["callers", "any trunk", "carrier", "house"]),
        ("demo", "", ["any trunk", "house"]),
    ],
)
def test_a_call_is_judged_by_the_limits_that_concern_it_always_in_one_order(
    trunk: str, caller: str, expected: list[str]
) -> None:
    assert [name for name, _ in concerning(LIMITS, trunk, caller)] == expected
    backwards = dict(reversed(LIMITS.items()))
    assert [name for name, _ in concerning(backwards, trunk, caller)] == expected


def test_a_limit_is_reached_when_as_many_others_are_there_and_says_so() -> None:
    assert reached("callers", LIMITS["callers"], 1, 2) is None
    words = "limit 'callers': there are 2 other calls of this caller, at most 2 are let in"
    assert reached("callers", LIMITS["callers"], 2, 2) == words


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"per": "caller"}, "max_calls: expected a number of calls"),
        ({"per": "caller", "max_calls": 1, "trunk": "demo"}, "trunk: expected nothing"),
        ({"per": "moon", "max_calls": 1}, "per"),
        ({"per": "trunk", "max_calls": -1}, "max_calls"),
        ({"per": "trunk", "max_calls": 1, "then": {"action": "voicemail", "box": "x"}}, "then"),
    ],
)
def test_a_limit_that_says_nothing_sensible_is_refused_with_the_field(body: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        LimitBody.model_validate(body)
