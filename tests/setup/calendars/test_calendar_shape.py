"""What a calendar may say, and what is said of a wrong one."""

from typing import Any

import pytest
from pydantic import ValidationError

from callcenter.setup.calendars import public_holidays
from callcenter.setup.calendars.rules import CalendarBody

pytestmark = pytest.mark.pure

DAY = {"date": "2026-12-24"}
WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"zone": "Berlin"}, "zone", "an IANA time zone"),
    ({"zone": "europe/berlin"}, "zone", "an IANA time zone"),
    ({"zone": "../etc/passwd"}, "zone", "an IANA time zone"),
    ({"weekly": {"mon": ["8:00-18:00"]}}, "weekly.mon.0", "a span such as '08:00-18:00'"),
    ({"weekly": {"mon": ["08:00-25:00"]}}, "weekly.mon.0", "a span"),
    ({"weekly": {"mon": ["24:00-08:00"]}}, "weekly.mon.0", "a span"),
    ({"weekly": {"mon": ["08:00-18:00\n"]}}, "weekly.mon.0", "a span"),
    ({"weekly": {"mon": ["08:00-08:00"]}}, "weekly.mon.0", "two different times"),
    ({"weekly": {"mon": ["08:00-18:00", "12:00-13:00"]}}, "weekly.mon", "08:00–18:00 and 12:00–13:00 do"),
    ({"weekly": {"mon": ["22:00-06:00", "23:00-23:30"]}}, "weekly.mon", "22:00–06:00 and 23:00–23:30 do"),
    ({"weekly": {"monday": []}}, "weekly.monday", "Extra inputs"),
    ({"holidays": {"country": "Germany"}}, "holidays.country", "two capital letters"),
    ({"holidays": {"country": "DE", "subdivision": "TX"}}, "holidays.subdivision", "a subdivision of DE: "),
    ({"holidays": {"country": "MC", "subdivision": "X"}}, "holidays.subdivision", "none; leave it out"),
    ({"exceptions": [{}]}, "exceptions.0", "either date, or from and to"),
    ({"exceptions": [{"from": "2026-12-24"}]}, "exceptions.0", "either date, or from and to"),
    ({"exceptions": [{**DAY, "to": "2026-12-25"}]}, "exceptions.0", "either date, or from and to"),
    ({"exceptions": [{"from": "2026-12-24", "to": "2026-12-23"}]}, "exceptions.0", "to on or after from"),
    ({"exceptions": [{"date": "2026-02-29"}]}, "exceptions.0.date", "date"),
    ({"exceptions": [DAY, DAY]}, "exceptions", "number 2 before number 1"),
    ({"exceptions": [{"from": "2026-12-20", "to": "2026-12-31"}, DAY]}, "exceptions", "number 2 before number 1"),
]


@pytest.mark.parametrize(("data", "place", "words"), WRONG)
def test_a_wrong_calendar_names_the_field_and_what_would_be_right(data: dict[str, Any], place: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        CalendarBody.model_validate({"zone": "UTC"} | data)
    (error,) = refused.value.errors()
    assert ".".join(str(part) for part in error["loc"]) == place
    assert words in error["msg"]


def test_a_calendar_survives_being_stored() -> None:
    body = CalendarBody.model_validate(
        {"zone": "UTC", "weekly": {"sun": ["22:00-06:00"]}, "holidays": {"country": "US", "subdivision": "TX"},
         "exceptions": [{"from": "2028-02-28", "to": "2028-02-29", "name": "x"},
                        {"date": "2026-12-24", "open": ["08:00-09:00"]}]}
    )  # fmt: skip
    stored = body.model_dump(mode="json", by_alias=True)
    assert stored["exceptions"][0]["from"] == "2028-02-28"
    assert CalendarBody.model_validate(stored) == body


def test_the_holidays_of_every_country_can_be_told_in_any_year_without_a_word_on_stderr(
    recwarn: pytest.WarningsRecorder,
) -> None:
    for country in public_holidays.subdivisions():
        for year in (1, 1970, 2026, 9999):
            public_holidays.names(country, None, year)
    assert public_holidays.names("DE", "BE", 2026)
    assert not recwarn.list
