"""Opening hours and weekdays as rules ask for them, in many zones, on the days when clocks change."""

from datetime import UTC, datetime
from typing import Any

import pytest

from callcenter.setup.calendars.rules import CalendarBody
from tests.stages.routing.calls import a_call, judged

pytestmark = pytest.mark.pure

WORKDAYS = {day: ["08:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def body(zone: str, weekly: dict[str, Any], **more: Any) -> CalendarBody:
    return CalendarBody.model_validate({"zone": zone, "weekly": weekly, **more})


CALENDARS = {
    "berlin": body("Europe/Berlin", WORKDAYS),
    "new_york": body("America/New_York", WORKDAYS),
    "tokyo": body("Asia/Tokyo", WORKDAYS),
    "kolkata": body("Asia/Kolkata", WORKDAYS),
    "kathmandu": body("Asia/Kathmandu", WORKDAYS),
    "lord_howe": body("Australia/Lord_Howe", WORKDAYS),
    "kiritimati": body("Pacific/Kiritimati", WORKDAYS),
    "honolulu": body("Pacific/Honolulu", WORKDAYS),
    "sao_paulo": body("America/Sao_Paulo", WORKDAYS),
    "night": body("Europe/Berlin", {day: ["22:00-06:00"] for day in EVERY_DAY}),
    "weekend_night": body("America/New_York", {"fri": ["20:00-04:00"]}),
    "small_hours": body("Europe/Berlin", {"sun": ["02:15-02:45"]}),
    "always": body("UTC", {day: ["00:00-24:00"] for day in EVERY_DAY}),
    "never": body("Europe/Berlin", {}),
    "holidays": body("Europe/Berlin", WORKDAYS, holidays={"country": "DE", "subdivision": "BE"}),
    "leap": body("Europe/Berlin", WORKDAYS, exceptions=[{"date": "2028-02-29", "name": "Leap day"}]),
    "special": body(
        "Europe/Berlin", WORKDAYS,
        exceptions=[{"date": "2026-11-21", "open": ["10:00-14:00"], "name": "Saturday sale"},
                    {"from": "2026-12-24", "to": "2026-12-31", "name": "Between the years"}],
    ),
}  # fmt: skip


def at(text: str) -> datetime:
    """UTC, as `2026-11-20 17:42`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("calendar", "when", "is_open"),
    [
        # Berlin in winter (UTC+1) and summer (UTC+2): to the minute.
        ("berlin", "2026-11-20 06:59", False), ("berlin", "2026-11-20 07:00", True),
        ("berlin", "2026-11-20 16:59", True), ("berlin", "2026-11-20 17:00", False),
        ("berlin", "2026-07-17 05:59", False), ("berlin", "2026-07-17 06:00", True),
        ("berlin", "2026-07-17 15:59", True), ("berlin", "2026-07-17 16:00", False),
        ("berlin", "2026-11-21 10:00", False), ("berlin", "2026-11-22 10:00", False),
        ("berlin", "2026-11-22 23:30", False), ("berlin", "2026-11-23 07:00", True),
        # The Mondays after the clocks changed (29 March and 25 October 2026).
        ("berlin", "2026-03-27 07:00", True), ("berlin", "2026-03-30 06:00", True),
        ("berlin", "2026-03-27 06:30", False), ("berlin", "2026-10-26 06:30", False),
        ("berlin", "2026-10-23 06:30", True), ("berlin", "2026-10-26 07:00", True),
        # The gap: 02:15-02:45 on 29 March does not happen; the fold: on 25 October it happens twice.
        ("small_hours", "2026-03-29 00:59", False), ("small_hours", "2026-03-29 01:00", False),
        ("small_hours", "2026-03-29 01:20", False), ("small_hours", "2026-10-25 00:20", True),
        ("small_hours", "2026-10-25 00:50", False), ("small_hours", "2026-10-25 01:20", True),
        ("small_hours", "2026-10-25 01:50", False),
        # New York: clocks change on 8 March and 1 November 2026.
        ("new_york", "2026-03-06 13:00", True), ("new_york", "2026-03-06 12:30", False),
        ("new_york", "2026-03-09 12:30", True), ("new_york", "2026-10-30 12:30", True),
        ("new_york", "2026-11-02 12:30", False), ("new_york", "2026-11-02 22:59", True),
        ("new_york", "2026-11-02 23:00", False),
        # Days that are other days elsewhere.
        ("tokyo", "2026-11-22 23:00", True), ("tokyo", "2026-11-22 22:59", False),
        ("tokyo", "2026-11-20 09:00", False), ("kiritimati", "2026-11-19 18:00", True),
        ("kiritimati", "2026-11-20 18:00", False), ("honolulu", "2026-11-21 03:59", True),
        ("honolulu", "2026-11-20 17:59", False), ("honolulu", "2026-11-20 18:00", True),
        # Offsets of half and three quarters of an hour, and a change of half an hour (Lord Howe, 4 October 2026).
        ("kolkata", "2026-11-20 02:30", True), ("kolkata", "2026-11-20 02:29", False),
        ("kathmandu", "2026-11-20 02:15", True), ("kathmandu", "2026-11-20 02:14", False),
        ("lord_howe", "2026-10-01 21:30", True), ("lord_howe", "2026-10-01 21:29", False),
        ("lord_howe", "2026-10-05 21:00", True), ("lord_howe", "2026-10-05 20:59", False),
        # A zone that gave summer time up.
        ("sao_paulo", "2018-12-03 10:00", True), ("sao_paulo", "2026-12-03 10:00", False),
        # Over midnight, also while the clocks change.
        ("night", "2026-11-20 21:00", True), ("night", "2026-11-20 20:59", False),
        ("night", "2026-11-21 04:59", True), ("night", "2026-11-21 05:00", False),
        ("night", "2026-03-29 03:59", True), ("night", "2026-03-29 04:00", False),
        ("night", "2026-10-25 04:59", True), ("night", "2026-10-25 05:00", False),
        ("weekend_night", "2026-11-21 08:59", True), ("weekend_night", "2026-11-21 09:00", False),
        ("weekend_night", "2026-11-22 05:00", False),
        # Always and never.
        ("always", "2026-02-28 23:59", True), ("always", "2028-02-29 00:00", True),
        ("never", "2026-11-20 12:00", False),
        # Holidays, leap days, exceptions.
        ("holidays", "2026-12-25 10:00", False), ("holidays", "2026-12-28 10:00", True),
        ("holidays", "2027-03-08 10:00", False), ("berlin", "2027-03-08 10:00", True),
        ("leap", "2028-02-29 10:00", False), ("leap", "2028-02-28 10:00", True), ("leap", "2028-03-01 10:00", True),
        ("special", "2026-11-21 10:00", True), ("special", "2026-11-21 13:00", False),
        ("special", "2026-12-30 10:00", False), ("special", "2027-01-04 10:00", True),
    ],
)  # fmt: skip
def test_a_calendar_is_open_or_closed_and_never_both(calendar: str, when: str, is_open: bool) -> None:
    call = a_call(at=at(when))
    opened, because = judged({"open": calendar}, call, CALENDARS)
    closed, same = judged({"closed": calendar}, call, CALENDARS)
    assert (opened, closed) == (is_open, not is_open)
    assert because == same


@pytest.mark.parametrize(
    ("calendar", "when", "because"),
    [
        ("berlin", "2026-11-20 17:42", "18:42 Europe/Berlin is outside Mon–Fri 08:00–18:00"),
        ("berlin", "2026-11-20 12:00", "13:00 Europe/Berlin is within Mon–Fri 08:00–18:00"),
        ("holidays", "2026-12-25 10:00", "2026-12-25 Europe/Berlin is a holiday in DE-BE: Christmas Day"),
        (
            "special",
            "2026-12-30 10:00",
            "2026-12-30 (Between the years) Europe/Berlin is closed all day by an exception",
        ),
    ],
)
def test_the_words_of_opening_hours(calendar: str, when: str, because: str) -> None:
    assert judged({"closed": calendar}, a_call(at=at(when)), CALENDARS)[1] == because


def test_a_calendar_that_there_is_not_is_neither_open_nor_closed() -> None:
    for state in ("open", "closed"):
        assert judged({state: "gone"}, a_call(), CALENDARS) == (False, "there is no calendar 'gone'")


@pytest.mark.parametrize(
    ("zone", "when", "day"),
    [
        ("UTC", "2026-11-20 23:59", "fri"), ("UTC", "2026-11-21 00:00", "sat"),
        ("Europe/Berlin", "2026-11-20 22:59", "fri"), ("Europe/Berlin", "2026-11-20 23:00", "sat"),
        ("America/New_York", "2026-11-21 04:59", "fri"), ("America/New_York", "2026-11-21 05:00", "sat"),
        ("Asia/Tokyo", "2026-11-20 15:00", "sat"), ("Asia/Kolkata", "2026-11-20 18:29", "fri"),
        ("Asia/Kolkata", "2026-11-20 18:30", "sat"), ("Pacific/Kiritimati", "2026-11-20 10:00", "sat"),
        ("Pacific/Honolulu", "2026-11-21 09:59", "fri"), ("Europe/Berlin", "2028-02-28 23:00", "tue"),
        ("Europe/Berlin", "2026-03-28 23:00", "sun"), ("Europe/Berlin", "2026-10-25 23:00", "mon"),
    ],
)  # fmt: skip
def test_the_weekday_is_that_of_the_zone(zone: str, when: str, day: str) -> None:
    call = a_call(at=at(when))
    assert judged({"weekday": {"days": [day], "zone": zone}}, call) == (True, f"it is {day.title()} in {zone}")
    others = [other for other in EVERY_DAY if other != day]
    assert not judged({"weekday": {"days": others, "zone": zone}}, call)[0]


def test_a_zone_that_there_is_not_has_no_weekday() -> None:
    call = {"weekday": {"days": list(EVERY_DAY), "zone": "Europe/Berln"}}
    assert judged(call, a_call()) == (False, "there is no time zone Europe/Berln")
