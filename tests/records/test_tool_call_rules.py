"""When two tool calls ask for the same, and what of a long call is told to who comes later."""

import pytest

from callcenter.records.tool_calls.rules import effect_key
from callcenter.records.transcripts.rules import MOST_DIGEST_CHARACTERS, digest

pytestmark = pytest.mark.pure

ASKED = {"order_number": "4711", "problem": "it arrived damaged"}


@pytest.mark.parametrize(
    "again",
    [
        {"problem": "it arrived damaged", "order_number": "4711"},
        {"order_number": " 4711", "problem": "It  arrived\ndamaged."},
        {"order_number": "\uff14\uff17\uff11\uff11", "problem": "it arrived damaged"},
    ],
)
def test_arguments_that_mean_the_same_have_one_key(again: dict[str, str]) -> None:
    assert effect_key(again) == effect_key(ASKED)


@pytest.mark.parametrize(
    "other",
    [
        ASKED | {"order_number": "4712"},
        ASKED | {"problem": "it arrived undamaged"},
        {"order_number": "it arrived damaged", "problem": "4711"},
        {"order_number": ["4711"], "problem": "it arrived damaged"},
        {"order_number": 4711, "problem": "it arrived damaged"},
        {},
    ],
)
def test_other_arguments_have_another_key(other: dict[str, object]) -> None:
    assert effect_key(other) != effect_key(ASKED)


def test_lone_surrogates_have_a_key_too() -> None:
    assert effect_key({"problem": "\ud800"})


def test_a_digest_is_bounded_and_keeps_what_was_said_last() -> None:
    assert digest([]) == ""
    assert digest(["my name is Ann", "i moved"]) == "Earlier in this call the caller said: my name is Ann; i moved"
    long = digest([f"sentence number {n}" for n in range(1000)])
    assert long.startswith("Earlier in this call the caller said: …; sentence")
    assert long.endswith("sentence number 999")
    assert len(digest(["word " * 5000])) < 200
    assert len(long) < MOST_DIGEST_CHARACTERS + 100
