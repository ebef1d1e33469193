"""When a calendar is open, and the words for it: zones, changes of the clocks, midnight, leap days, special days."""

from datetime import UTC, datetime
from typing import Any

import pytest

from callcenter.setup.calendars.rules import CalendarBody, status

pytestmark = pytest.mark.pure

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def calendar(zone: str, spans: dict[str, list[str]], **more: Any) -> CalendarBody:
    """`spans` by days such as "mon-fri" or "sat"."""
    weekly: dict[str, list[str]] = {}
    for days, hours in spans.items():
        first, _, last = days.partition("-")
        weekly |= {day: hours for day in WEEK[WEEK.index(first) : WEEK.index(last or first) + 1]}
    return CalendarBody.model_validate({"zone": zone, "weekly": weekly} | more)


def berlin(country: str = "DE", subdivision: str | None = None) -> CalendarBody:
    return calendar(
        "Europe/Berlin", {"mon-sun": ["09:00-17:00"]}, holidays={"country": country, "subdivision": subdivision}
    )


OFFICE = calendar("Europe/Berlin", {"mon-fri": ["08:00-18:00"]})
LUNCH = calendar("Europe/Berlin", {"mon-thu": ["13:00-17:00", "08:00-12:00"], "fri": ["08:00-14:00"]})
NIGHTS = calendar("Europe/Berlin", {"mon-fri": ["22:00-06:00"]})
SUNDAY_NIGHT = calendar("UTC", {"sun": ["22:00-06:00"]})
SMALL_HOURS = calendar("Europe/Berlin", {"mon-sun": ["02:15-02:45"]})
HALF_PAST_TWO = calendar("Europe/Berlin", {"mon-sun": ["20:00-02:30"]})
NEW_YORK = calendar("America/New_York", {"mon-fri": ["09:00-17:00"]})
NEW_YORK_SMALL_HOURS = calendar("America/New_York", {"mon-sun": ["01:30-02:30"]})
LORD_HOWE = calendar("Australia/Lord_Howe", {"mon-sun": ["01:30-01:45"]})
APIA = calendar("Pacific/Apia", {"fri": ["00:00-24:00"]})
ALWAYS = calendar("Asia/Tokyo", {"mon-sun": ["00:00-24:00"]})
NEVER = calendar("Europe/Berlin", {})
TOKYO = calendar("Asia/Tokyo", {"mon": ["08:00-09:00"]})
KOLKATA = calendar("Asia/Kolkata", {"mon-sun": ["09:00-10:00"]})
KATHMANDU = calendar("Asia/Kathmandu", {"mon-sun": ["09:00-10:00"]})
AUCKLAND = calendar("Pacific/Auckland", {"fri": ["09:00-10:00"]})
SATURDAY_NIGHT = calendar("Europe/Berlin", {"sat": ["22:00-06:00"]})
NO_LEAP_DAY = calendar("UTC", {"mon-sun": ["08:00-18:00"]}, exceptions=[{"date": "2028-02-29"}])
US_DAYS = calendar("America/New_York", {"mon-sun": ["09:00-17:00"]}, holidays={"country": "US"})
US_ALWAYS = calendar("America/New_York", {"mon-sun": ["00:00-24:00"]}, holidays={"country": "US"})
GERMAN_NIGHTS = calendar("Europe/Berlin", {"mon-sun": ["22:00-06:00"]}, holidays={"country": "DE"})

CASES: list[tuple[str, CalendarBody, str, bool]] = [
    # Bounds are [from, to).
    ("the minute it opens", OFFICE, "2026-11-20T08:00:00+01:00", True),
    ("the last moment before it opens", OFFICE, "2026-11-20T07:59:59.999999+01:00", False),
    ("the last moment before it closes", OFFICE, "2026-11-20T17:59:59.999999+01:00", True),
    ("the minute it closes", OFFICE, "2026-11-20T18:00:00+01:00", False),
    ("the end of lunch", LUNCH, "2026-11-19T13:00+01:00", True),
    ("lunch", LUNCH, "2026-11-19T12:00+01:00", False),
    ("the end of the morning", LUNCH, "2026-11-19T11:59+01:00", True),
    ("a short day's end", LUNCH, "2026-11-20T14:00+01:00", False),
    ("midnight of a whole day", ALWAYS, "2026-11-20T00:00+09:00", True),
    ("the last minute of a whole day", ALWAYS, "2026-11-20T23:59:59+09:00", True),
    ("a calendar without hours", NEVER, "2026-11-20T12:00+01:00", False),
    # Weekdays.
    ("a Monday", OFFICE, "2026-11-16T12:00+01:00", True),
    ("a Saturday", OFFICE, "2026-11-21T12:00+01:00", False),
    ("a Sunday", OFFICE, "2026-11-22T12:00+01:00", False),
    # Zones: the instant is told in another one than the calendar's.
    ("winter in Berlin, told in UTC", OFFICE, "2026-11-20T17:00Z", False),
    ("summer in Berlin, told in UTC", OFFICE, "2026-07-10T16:00Z", False),
    ("summer in Berlin an hour before", OFFICE, "2026-07-10T15:59Z", True),
    ("an opening in summer, told in UTC", OFFICE, "2026-07-10T06:00Z", True),
    ("Friday in New York while it is Saturday in Berlin", NEW_YORK, "2026-11-20T21:59Z", True),
    ("Monday in Tokyo while it is Sunday in UTC", TOKYO, "2026-11-15T23:00Z", True),
    ("an offset of half an hour", KOLKATA, "2026-11-20T03:30Z", True),
    ("an offset of half an hour, before", KOLKATA, "2026-11-20T03:29Z", False),
    ("an offset of three quarters", KATHMANDU, "2026-11-20T03:15Z", True),
    ("Newfoundland", calendar("America/St_Johns", {"fri": ["09:00-10:00"]}), "2026-11-20T12:30Z", True),
    ("the first place of a day", calendar("Pacific/Kiritimati", {"sat": ["00:00-01:00"]}), "2026-11-20T10:00Z", True),
    ("the last place of a day", calendar("Pacific/Pago_Pago", {"thu": ["23:00-24:00"]}), "2026-11-20T10:59Z", True),
    ("a zone east of the date line with summer time", AUCKLAND, "2026-11-19T20:00Z", True),
    # The clocks go forward: 02:00 becomes 03:00.
    ("a span inside the hour that does not happen, before it", SMALL_HOURS, "2026-03-29T00:59:59Z", False),
    ("a span inside the hour that does not happen, after it", SMALL_HOURS, "2026-03-29T01:00Z", False),
    ("the same span a day later", SMALL_HOURS, "2026-03-30T00:15Z", True),
    ("an end that does not happen: open until the clocks go forward", HALF_PAST_TWO, "2026-03-29T00:59:59Z", True),
    ("an end that does not happen: closed at once", HALF_PAST_TWO, "2026-03-29T01:00Z", False),
    ("the office on the Monday after", OFFICE, "2026-03-30T06:00Z", True),
    ("New York's gap, before", NEW_YORK_SMALL_HOURS, "2026-03-08T06:30Z", True),
    ("New York's gap, after", NEW_YORK_SMALL_HOURS, "2026-03-08T07:00Z", False),
    ("New York changes weeks before Berlin", NEW_YORK, "2026-03-16T13:00Z", True),
    ("Berlin has not changed yet", OFFICE, "2026-03-16T06:59Z", False),
    # The clocks go back: 03:00 becomes 02:00, and the hour from 2 to 3 happens twice.
    ("the first time of the doubled hour", SMALL_HOURS, "2026-10-25T00:15Z", True),
    ("between the two", SMALL_HOURS, "2026-10-25T00:45Z", False),
    ("the second time of the doubled hour", SMALL_HOURS, "2026-10-25T01:15Z", True),
    ("after the second time", SMALL_HOURS, "2026-10-25T01:45Z", False),
    ("an end in the doubled hour, first time", HALF_PAST_TWO, "2026-10-25T00:30Z", False),
    ("an end in the doubled hour, second time before", HALF_PAST_TWO, "2026-10-25T01:29:59Z", True),
    ("an end in the doubled hour, second time", HALF_PAST_TWO, "2026-10-25T01:30Z", False),
    ("New York's doubled hour", NEW_YORK_SMALL_HOURS, "2026-11-01T06:45Z", True),
    ("a change of half an hour, first time", LORD_HOWE, "2026-04-04T14:35Z", True),
    ("a change of half an hour, between", LORD_HOWE, "2026-04-04T14:50Z", False),
    ("a change of half an hour, second time", LORD_HOWE, "2026-04-04T15:05Z", True),
    ("a Friday that never was: Thursday's last second", APIA, "2011-12-30T09:59:59Z", False),
    ("a Friday that never was: Saturday at once", APIA, "2011-12-30T10:00Z", False),
    # Over midnight: a span belongs to the day it starts on.
    ("before midnight", NIGHTS, "2026-11-20T23:59:59+01:00", True),
    ("after midnight", NIGHTS, "2026-11-21T00:00+01:00", True),
    ("the end on the next day", NIGHTS, "2026-11-21T06:00+01:00", False),
    ("just before the end on the next day", NIGHTS, "2026-11-21T05:59+01:00", True),
    ("the night after the last", NIGHTS, "2026-11-21T23:00+01:00", False),
    ("the night before the first", NIGHTS, "2026-11-16T05:00+01:00", False),
    ("from Sunday to Monday", SUNDAY_NIGHT, "2026-11-23T05:59Z", True),
    ("not from Monday to Tuesday", SUNDAY_NIGHT, "2026-11-24T05:59Z", False),
    ("over the end of a year", calendar("UTC", {"thu": ["22:00-06:00"]}), "2027-01-01T05:59Z", True),
    ("over the end of a month", calendar("UTC", {"mon": ["23:30-00:30"]}), "2026-12-01T00:29Z", True),
    ("an end at midnight", calendar("UTC", {"mon": ["20:00-00:00"]}), "2026-11-30T23:59Z", True),
    ("after an end at midnight", calendar("UTC", {"mon": ["20:00-00:00"]}), "2026-12-01T00:00Z", False),
    ("almost a day long", calendar("UTC", {"mon": ["08:01-08:00"]}), "2026-12-01T07:59Z", True),
    ("a night on which the clocks go forward", SATURDAY_NIGHT, "2026-03-29T03:59Z", True),
    ("its end", SATURDAY_NIGHT, "2026-03-29T04:00Z", False),
    # Leap days.
    ("a leap day by its weekday", calendar("UTC", {"tue": ["08:00-18:00"]}), "2028-02-29T12:00Z", True),
    ("into a leap day", calendar("UTC", {"mon": ["22:00-06:00"]}), "2028-02-29T05:59Z", True),
    ("out of a leap day", calendar("UTC", {"tue": ["22:00-06:00"]}), "2028-03-01T05:59Z", True),
    ("out of February without one", calendar("UTC", {"sat": ["22:00-06:00"]}), "2026-03-01T05:59Z", True),
    ("a century without one", calendar("UTC", {"sun": ["22:00-06:00"]}), "2100-03-01T05:59Z", True),
    ("a century with one", calendar("UTC", {"tue": ["08:00-18:00"]}), "2000-02-29T12:00Z", True),
    ("a leap day as an exception", NO_LEAP_DAY, "2028-02-29T12:00Z", False),
    # Holidays, by country and part of it; they are days of the calendar's zone.
    ("a holiday of the whole country", berlin(), "2026-10-03T12:00+02:00", False),
    ("the day after it", berlin(), "2026-10-04T12:00+02:00", True),
    ("a holiday of Berlin only, in Berlin", berlin("DE", "BE"), "2027-03-08T12:00+01:00", False),
    ("a holiday of Berlin only, in Bavaria", berlin("DE", "BY"), "2027-03-08T12:00+01:00", True),
    ("Epiphany in Bavaria", berlin("DE", "BY"), "2027-01-06T12:00+01:00", False),
    ("Epiphany without a subdivision", berlin(), "2027-01-06T12:00+01:00", True),
    ("Easter Monday moves", berlin(), "2027-03-29T12:00+02:00", False),
    ("Austria's own day", berlin("AT"), "2026-10-26T12:00+01:00", False),
    ("the second of January in Scotland", berlin("GB", "SCT"), "2026-01-02T12:00+01:00", False),
    ("the second of January in England", berlin("GB", "ENG"), "2026-01-02T12:00+01:00", True),
    ("a day in lieu: the fourth of July is a Saturday", US_DAYS, "2026-07-03T12:00-04:00", False),
    ("a holiday begins at midnight of the zone", US_ALWAYS, "2026-12-25T04:59Z", True),
    ("and lasts until midnight of the zone", US_ALWAYS, "2026-12-26T04:59Z", False),
    ("a night that began before a holiday goes on", GERMAN_NIGHTS, "2026-10-03T05:00+02:00", True),
    ("no night begins on a holiday", GERMAN_NIGHTS, "2026-10-04T05:00+02:00", False),
]  # fmt: skip


@pytest.mark.parametrize(("body", "at", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_calendar_is_open_or_not(body: CalendarBody, at: str, expected: bool) -> None:
    verdict = status(body, datetime.fromisoformat(at))
    assert verdict.open is expected, verdict.because


SHOP = calendar(
    "Europe/Berlin",
    {"mon-fri": ["08:00-18:00"]},
    holidays={"country": "DE", "subdivision": "BE"},
    exceptions=[
        {"date": "2026-12-24", "open": ["08:00-12:00", "22:00-02:00"], "name": "Christmas Eve"},
        {"date": "2026-12-25", "open": ["10:00-11:00"], "name": "Emergency line"},
        {"date": "2026-12-29", "open": ["09:00-10:00"]},
        {"from": "2026-12-28", "to": "2027-01-02", "name": "Company holidays"},
        {"date": "2026-11-21", "open": ["10:00-14:00"]},
    ],
)

SHOP_NIGHTS = calendar(
    "Europe/Berlin",
    {"mon-sun": ["22:00-06:00"]},
    exceptions=[{"date": "2026-10-03", "open": ["22:00-23:00"], "name": "Moving house"}],
)

WORDS: list[tuple[CalendarBody, str, bool, str]] = [
    (OFFICE, "2026-11-20T17:42Z", False, "18:42 Europe/Berlin is outside Mon–Fri 08:00–18:00"),
    (OFFICE, "2026-11-20T16:42Z", True, "17:42 Europe/Berlin is within Mon–Fri 08:00–18:00"),
    (OFFICE, "2026-11-21T11:00Z", False, "Sat 12:00 Europe/Berlin is outside Mon–Fri 08:00–18:00"),
    (LUNCH, "2026-11-19T11:30Z", False,
     "Thu 12:30 Europe/Berlin is outside Mon–Thu 08:00–12:00 and 13:00–17:00, Fri 08:00–14:00"),
    (LUNCH, "2026-11-20T12:30Z", True, "13:30 Europe/Berlin is within Fri 08:00–14:00"),
    (NIGHTS, "2026-11-21T04:00Z", True, "Sat 05:00 Europe/Berlin is within Mon–Fri 22:00–06:00"),
    (NIGHTS, "2026-11-16T04:00Z", False, "Mon 05:00 Europe/Berlin is outside Mon–Fri 22:00–06:00"),
    (GERMAN_NIGHTS, "2026-10-04T03:00Z", False,
     "Sun 05:00 Europe/Berlin is outside Mon–Sun 22:00–06:00, for no hours began on 2026-10-03, a holiday in DE: "
     "German Unity Day"),
    (SHOP_NIGHTS, "2026-10-04T03:00Z", False,
     "Sun 05:00 Europe/Berlin is outside Mon–Sun 22:00–06:00, for 2026-10-03 (Moving house) is an exception"),
    (ALWAYS, "2026-11-21T04:00Z", True, "13:00 Asia/Tokyo is within Mon–Sun 00:00–24:00"),
    (NEVER, "2026-11-20T17:42Z", False, "18:42 Europe/Berlin: the calendar has no weekly hours"),
    (SHOP, "2027-03-08T11:00Z", False, "2027-03-08 Europe/Berlin is a holiday in DE-BE: Women's Day"),
    (SHOP, "2026-12-24T09:00Z", True, "10:00 Europe/Berlin is within 08:00–12:00 of 2026-12-24 (Christmas Eve)"),
    (SHOP, "2026-12-24T12:00Z", False,
     "13:00 Europe/Berlin is outside 08:00–12:00 and 22:00–02:00 of 2026-12-24 (Christmas Eve)"),
    (SHOP, "2026-12-25T00:30Z", True, "01:30 Europe/Berlin is within 22:00–02:00 of 2026-12-24 (Christmas Eve)"),
    (SHOP, "2026-12-25T09:30Z", True, "10:30 Europe/Berlin is within 10:00–11:00 of 2026-12-25 (Emergency line)"),
    (SHOP, "2026-12-29T08:30Z", True, "09:30 Europe/Berlin is within 09:00–10:00 of 2026-12-29"),
    (SHOP, "2026-12-28T08:30Z", False, "2026-12-28 (Company holidays) Europe/Berlin is closed all day by an exception"),
    (SHOP, "2027-01-01T12:00Z", False, "2027-01-01 (Company holidays) Europe/Berlin is closed all day by an exception"),
    (SHOP, "2027-01-04T12:00Z", True, "13:00 Europe/Berlin is within Mon–Fri 08:00–18:00"),
    (SHOP, "2026-11-21T11:00Z", True, "12:00 Europe/Berlin is within 10:00–14:00 of 2026-11-21"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "at", "expected", "because"), WORDS, ids=[w[3] for w in WORDS])
def test_a_verdict_says_why(body: CalendarBody, at: str, expected: bool, because: str) -> None:
    verdict = status(body, datetime.fromisoformat(at))
    assert (verdict.open, verdict.because) == (expected, because)


def test_a_time_without_a_zone_is_utc() -> None:
    naive = datetime(2026, 11, 20, 17, 30)  # noqa: DTZ001 (that is the question)
    assert status(OFFICE, naive) == status(OFFICE, naive.replace(tzinfo=UTC))


def test_what_this_machine_does_not_know_is_closed_and_said() -> None:
    """A calendar may have been stored by a newer product, with newer zones and holidays."""
    lost = OFFICE.model_copy(update={"zone": "Mars/Olympus_Mons"})
    verdict = status(lost, datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert (verdict.open, verdict.because) == (False, "the time zone Mars/Olympus_Mons is not known here")
    body = berlin()
    assert body.holidays is not None
    for unknown in ({"country": "XX"}, {"subdivision": "XX"}):
        other = body.model_copy(update={"holidays": body.holidays.model_copy(update=unknown)})
        assert status(other, datetime.fromisoformat("2026-10-03T12:00+02:00")).open


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
def test_the_ends_of_time_have_an_answer(at: datetime, zone: str) -> None:
    assert status(calendar(zone, {}), at).open is False
