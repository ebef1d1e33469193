"""Expected wait and what is said of it: pure."""

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.stages.waiting.rules import PERIOD_SECONDS, Answer, expected_wait
from callcenter.stages.waiting.words import position_words, wait_words

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def answers(*ago: float, waited: float = 600) -> list[Answer]:
    """Calls that an agent took so many seconds ago, each after `waited` in line."""
    return [
        Answer(NOW - timedelta(seconds=each + waited), NOW - timedelta(seconds=each))
        for each in ago
    ]  # fmt: skip


def test_the_wait_is_the_time_between_answers_for_each_place_in_line() -> None:
    steady = answers(10, 70, 130, 190)
    assert expected_wait(1, steady, 2, NOW) == 60
    assert expected_wait(3, steady, 2, NOW) == 180


@pytest.mark.parametrize(
    ("measured", "seats"),
    [
        ([], 2),
        (answers(10, 70, 130), 2),
        (answers(10, 70, 130, 190), 0),
        (answers(10, 70, 130, PERIOD_SECONDS + 1), 2),
        (answers(10, 12, 14, 900), 2),
    ],
    ids=["nothing measured", "only two times between", "no seats", "too long ago", "too wide a spread"],
)
def test_nothing_is_said_rather_than_a_wrong_number(measured: list[Answer], seats: int) -> None:
    assert expected_wait(1, measured, seats, NOW) is None


def test_times_between_callers_who_did_not_have_to_wait_say_nothing() -> None:
    assert expected_wait(1, answers(10, 70, 130, 190, waited=1), 2, NOW) is None


def test_a_spread_that_is_too_wide_for_the_next_in_line_will_do_for_the_sixth() -> None:
    uneven = answers(0, 20, 140, 160, 280, 300, 420, 440, 560)
    assert expected_wait(1, uneven, 2, NOW) is None
    assert expected_wait(6, uneven, 2, NOW) == pytest.approx(420)


def test_the_order_in_which_answers_come_does_not_matter() -> None:
    steady = answers(10, 70, 130, 190)
    assert expected_wait(1, steady[::-1], 2, NOW) == expected_wait(1, steady, 2, NOW)


@pytest.mark.parametrize(
    ("language", "position", "words"),
    [
        ("en", 1, "You are next in line."),
        ("en", 2, "You are second in line."),
        ("en-GB", 10, "You are tenth in line."),
        ("en", 11, "There are 10 callers before you."),
        ("de", 1, "Sie sind als Nächstes an der Reihe."),
        ("de-AT", 2, "Vor Ihnen wartet noch ein Anrufer."),
        ("de", 4, "Vor Ihnen warten noch drei Anrufer."),
        ("de", 31, "Vor Ihnen warten noch 30 Anrufer."),
        ("fr", 1, ""),
    ],
)
def test_the_position_in_words(language: str, position: int, words: str) -> None:
    assert position_words(language, position) == words


@pytest.mark.parametrize(
    ("language", "seconds", "words"),
    [
        ("en", 59, "It will take less than a minute."),
        ("en", 60, "It will take about one minute."),
        ("en", 130, "It will take about three minutes."),
        ("en", 611, "It will take about 15 minutes."),
        ("en", 3600, "It will take about 60 minutes."),
        ("en", 3601, "It will take more than an hour."),
        ("de", 30, "Es dauert weniger als eine Minute."),
        ("de", 60, "Es dauert etwa eine Minute."),
        ("de", 280, "Es dauert etwa fünf Minuten."),
        ("de", 4000, "Es dauert mehr als eine Stunde."),
        ("fr", 60, ""),
    ],
)
def test_the_wait_in_words(language: str, seconds: float, words: str) -> None:
    assert wait_words(language, seconds) == words
