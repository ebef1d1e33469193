"""What is true of every calendar at every instant."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from callcenter.setup.calendars import public_holidays
from callcenter.setup.calendars.hours import DAY, WEEKDAYS
from callcenter.setup.calendars.rules import CalendarBody, status

pytestmark = pytest.mark.pure

ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia",
     "America/St_Johns", "Africa/Casablanca", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Antarctica/Troll"]
)  # fmt: skip
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (hypothesis adds it)
DATES = st.dates(date(1990, 1, 1), date(2060, 1, 1))


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def hours(draw: st.DrawFn, over_midnight: bool = True) -> list[str]:
    """Up to three spans of one day that do not overlap; the last may reach over midnight."""
    bounds = sorted(draw(st.sets(st.integers(0, DAY), max_size=6)))
    spans = [f"{clock(a)}-{clock(b)}" for a, b in zip(bounds[::2], bounds[1::2], strict=False)]
    if over_midnight and len(bounds) % 2 and 0 < bounds[-1] < DAY:
        spans.append(f"{clock(bounds[-1])}-{clock(draw(st.integers(0, bounds[-1] - 1)))}")
    return spans


@st.composite
def exceptions(draw: st.DrawFn) -> list[dict[str, Any]]:
    days = draw(st.lists(DATES, unique=True, max_size=3))
    return [{"date": str(day), "open": draw(hours()), "name": draw(st.sampled_from(["", "Inventory"]))} for day in days]


@st.composite
def calendars(draw: st.DrawFn, over_midnight: bool = True, special: bool = True) -> CalendarBody:
    body: dict[str, Any] = {"zone": draw(ZONES), "weekly": {day: draw(hours(over_midnight)) for day in WEEKDAYS}}
    if special:
        country = draw(st.sampled_from(sorted(public_holidays.subdivisions())))
        body |= {"exceptions": draw(exceptions()), "holidays": draw(st.sampled_from([None, {"country": country}]))}
    return CalendarBody.model_validate(body)


def complement(spans: tuple[str, ...]) -> list[str]:
    """The rest of the day of spans that stay within it."""
    edges = [0, *sorted(_minutes(part, end) for span in spans for end, part in enumerate(span.split("-"))), DAY]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [f"{clock(a)}-{clock(b)}" for a, b in pairs if a < b]


def _minutes(text: str, is_end: int) -> int:
    found = int(text[:2]) * 60 + int(text[3:])
    return DAY if is_end and found == 0 else found


@given(calendars(), st.datetimes(timezones=st.timezones()))
def test_every_calendar_has_a_verdict_with_words_at_every_instant(body: CalendarBody, at: datetime) -> None:
    verdict = status(body, at)
    assert isinstance(verdict.open, bool)
    assert verdict.because
    assert status(body, at) == verdict


@given(calendars(over_midnight=False, special=False), INSTANTS)
def test_what_is_left_of_the_week_is_open_exactly_when_the_calendar_is_closed(body: CalendarBody, at: datetime) -> None:
    rest = {day: complement(body.weekly.on(day)) for day in WEEKDAYS}
    other = CalendarBody.model_validate({"zone": body.zone, "weekly": rest})
    assert status(body, at).open is not status(other, at).open


@given(calendars(), INSTANTS)
def test_a_verdict_holds_for_its_whole_minute(body: CalendarBody, at: datetime) -> None:
    """All bounds are whole minutes, the first included and the last not, in every zone, and when the clocks change."""
    first = at.replace(second=0, microsecond=0)
    last = first + timedelta(seconds=59, microseconds=999_999)
    assert status(body, first).open is status(body, at).open is status(body, last).open


@given(DATES, st.integers(0, DAY - 1), st.integers(1, DAY - 1))
def test_a_span_is_open_from_its_start_and_closed_from_its_end(day: date, start: int, length: int) -> None:
    """In a zone without changes of the clocks, with this span as the only one."""
    weekday = WEEKDAYS[day.weekday()]
    text = f"{clock(start)}-{clock((start + length) % DAY)}"
    alone = CalendarBody.model_validate({"zone": "Asia/Kathmandu", "weekly": {weekday: [text]}})
    midnight = datetime.combine(day, datetime.min.time(), ZoneInfo("Asia/Kathmandu"))
    opens, closes = midnight + timedelta(minutes=start), midnight + timedelta(minutes=start + length)
    moment = timedelta(microseconds=1)
    assert [status(alone, at).open for at in (opens - moment, opens, closes - moment, closes)] == [
        False, True, True, False,
    ]  # fmt: skip


@given(calendars(), INSTANTS, st.timezones())
def test_the_zone_in_which_an_instant_is_told_does_not_matter(body: CalendarBody, at: datetime, told: ZoneInfo) -> None:
    assert status(body, at) == status(body, at.astimezone(told))


@given(calendars(), DATES, st.integers(0, DAY - 1))
def test_an_exception_decides_its_day_whatever_else_holds(body: CalendarBody, day: date, minute: int) -> None:
    """Closed all day but for what the day before brings over midnight, when that is an exception without hours too."""
    before = {"from": str(day - timedelta(days=1)), "to": str(day)}
    plain = body.model_dump(mode="json", by_alias=True)
    shut = CalendarBody.model_validate(plain | {"exceptions": [before]})
    at = datetime.combine(day, datetime.min.time(), ZoneInfo(body.zone)) + timedelta(minutes=minute)
    assume(at.astimezone(UTC).astimezone(at.tzinfo).date() == day)  # Samoa had no 30 December 2011
    assert not status(shut, at).open
    opened = CalendarBody.model_validate(plain | {"exceptions": [{"date": str(day), "open": ["00:00-24:00"]}]})
    assert status(opened, at).open
