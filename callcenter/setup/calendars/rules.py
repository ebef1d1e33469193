"""Whether a calendar is open: weekly hours in a zone, public holidays, exceptions. Pure; `at` is an argument.

Hours are wall-clock times, [from, to). A span belongs to the day it starts on: 22:00-06:00 on Friday ends on Saturday
at 06:00, even when Saturday is a holiday. Where the clocks go forward, times that do not happen are passed over; where
they go back, an hour that happens twice counts twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from callcenter.setup.calendars import words
from callcenter.setup.calendars.hours import DAY, CalendarBody, Day, day_of, zone

__all__ = ["CalendarBody", "Verdict", "is_open", "status"]


@dataclass(frozen=True)
class Verdict:
    """Whether a calendar is open, and why in words."""

    open: bool
    because: str


def status(body: CalendarBody, at: datetime) -> Verdict:
    """Whether the calendar is open at an instant, and why. Total: never raises; an `at` without a zone is UTC."""
    known = zone(body.zone)
    if known is None:  # the zones of this machine are older than those the calendar was stored with
        return Verdict(False, f"the time zone {body.zone} is not known here")
    try:
        local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(known)
        days = list(_days(body, local.date()))
    except OverflowError:
        return Verdict(False, f"{at.year} is outside of time as a calendar counts it")
    minute = local.hour * 60 + local.minute
    for back, day in enumerate(days):
        for one in day.spans:
            if one.start <= minute + back * DAY < one.end:
                return Verdict(True, words.opened(body, local, day, one))
    return Verdict(False, words.closed(body, local, days[0], days[1] if len(days) > 1 else None))


def is_open(body: CalendarBody, at: datetime) -> bool:
    """`status` without its words, which take most of the time: for those who ask about a hundred thousand calls."""
    known = zone(body.zone)
    if known is None:
        return False
    try:
        local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(known)
        minute = local.hour * 60 + local.minute
        days = enumerate(_days(body, local.date()))
        return any(one.start <= minute + back * DAY < one.end for back, day in days for one in day.spans)
    except OverflowError:
        return False


def _days(body: CalendarBody, today: date) -> Iterator[Day]:
    """Today and the day before, whose hours may reach over midnight."""
    yield day_of(body, today)
    if today > date.min:
        yield day_of(body, today - timedelta(days=1))
