"""The words of a verdict: "18:42 Europe/Berlin is outside Mon–Fri 08:00–18:00"."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from callcenter.setup.calendars.hours import DAY, WEEKDAYS, CalendarBody, Day, Span, span


def opened(body: CalendarBody, local: datetime, day: Day, within: Span) -> str:
    """Why it is open: `within` is among the hours of `day`, which may be the day before that of `local`."""
    if day.exception is not None:
        return f"{_clock(body, local)} is within {within} of {_named(day)}"
    weekday = "" if day.day == local.date() else _weekday(local)
    return f"{weekday}{_clock(body, local)} is within {next(_groups(body, day.day.weekday()))}"


def closed(body: CalendarBody, local: datetime, today: Day, yesterday: Day | None) -> str:
    """Why it is closed, from what holds on the day of `local` and on the one before."""
    if today.holiday is not None:
        return f"{today.day} {body.zone} is {_holiday(body, today)}"
    if today.exception is not None:
        if not today.spans:
            return f"{_named(today)} {body.zone} is closed all day by an exception"
        return f"{_clock(body, local)} is outside {_list(today.spans)} of {_named(today)}"
    groups = list(_groups(body))
    if not groups:
        return f"{_clock(body, local)}: the calendar has no weekly hours"
    same_hours_each_day = len({group.partition(" ")[2] for group in groups}) == 1
    within_days = all(one.end <= DAY for one in today.spans)
    weekday = "" if today.spans and same_hours_each_day and within_days else _weekday(local)
    return f"{weekday}{_clock(body, local)} is outside {', '.join(groups)}{_but_for(body, local, yesterday)}"


def _but_for(body: CalendarBody, local: datetime, yesterday: Day | None) -> str:
    """Why the weekly hours of the day before, which reach over midnight, do not count."""
    if yesterday is None or (yesterday.holiday is None and yesterday.exception is None):
        return ""
    minute = DAY + local.hour * 60 + local.minute
    if not any(span(text).end > minute for text in body.weekly.on(WEEKDAYS[yesterday.day.weekday()])):
        return ""
    if yesterday.exception is not None:
        return f", for {_named(yesterday)} is an exception"
    return f", for no hours began on {yesterday.day}, {_holiday(body, yesterday)}"


def _holiday(body: CalendarBody, day: Day) -> str:
    where = body.holidays.where if body.holidays else ""
    return f"a holiday in {where}: {day.holiday}"


def _weekday(local: datetime) -> str:
    return f"{WEEKDAYS[local.weekday()].title()} "


def _clock(body: CalendarBody, local: datetime) -> str:
    return f"{local:%H:%M} {body.zone}"


def _named(day: Day) -> str:
    name = day.exception.name if day.exception else ""
    return f"{day.day} ({name})" if name else f"{day.day}"


def _groups(body: CalendarBody, weekday: int | None = None) -> Iterator[str]:
    """Days in a row with the same hours, such as "Mon–Fri 08:00–18:00"; of `weekday` only, if given."""
    week = [(index, body.weekly.on(day)) for index, day in enumerate(WEEKDAYS)]
    for texts, found in groupby(week, key=lambda one: one[1]):
        days = [index for index, _ in found]
        if texts and (weekday is None or weekday in days):
            first, last = WEEKDAYS[days[0]].title(), WEEKDAYS[days[-1]].title()
            yield f"{first if first == last else f'{first}–{last}'} {_list(tuple(span(text) for text in texts))}"


def _list(spans: tuple[Span, ...]) -> str:
    return " and ".join(str(one) for one in sorted(spans, key=lambda one: one.start))
