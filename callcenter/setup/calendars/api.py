"""Calendars over HTTP: kept as all entries are, and asked whether they are open; which public holidays are known."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.plumbing.errors import FieldError, Invalid, NotFound
from callcenter.setup.calendars import public_holidays
from callcenter.setup.calendars.hours import Day, day_of, zone
from callcenter.setup.calendars.rules import CalendarBody, status
from callcenter.setup.calendars.store import CALENDARS
from callcenter.setup.entries import api as entries_api
from callcenter.setup.entries import flow
from callcenter.setup.users.rules import Permission

router = entries_api.router(CALENDARS)
Reader = Depends(Permit(Permission.READ_SETUP))
DAYS_AHEAD = 14
Date = date


class CalendarStatus(BaseModel):
    at: datetime
    open: bool
    because: str = Field(description="Why, in the words of a call's trace.")


@router.get("/api/calendars/{name}/status", responses={404: {}}, dependencies=[Reader])
async def get_calendar_status(
    name: Annotated[str, entries_api.key_path(CALENDARS)],
    db: TheDatabase,
    at: Annotated[AwareDatetime | None, Query(description="The instant that is asked for; now, if left out.")] = None,
) -> CalendarStatus:
    """Whether a calendar is open, and why."""
    async with snapshot(db) as tx:
        entry = await flow.get(tx, CALENDARS, name)
    instant = at or datetime.now(UTC)
    verdict = status(entry.body, instant)
    return CalendarStatus(at=instant, open=verdict.open, because=verdict.because)


class CalendarQuestion(BaseModel):
    """A calendar that need not be stored, and the instant that is asked for."""

    model_config = ConfigDict(extra="forbid")

    calendar: CalendarBody
    at: AwareDatetime | None = Field(None, description="Now, if left out.")


class DayAhead(BaseModel):
    """The hours that start on one day, and what decided them; the weekly hours where both names are null."""

    date: Date
    open: list[str] = Field(description="Spans, such as 08:00–18:00.")
    exception: str | None = Field(description="Name of the exception, which may be empty.")
    holiday: str | None


class CalendarPreview(CalendarStatus):
    days: list[DayAhead] = Field(description="From the day of `at` in the calendar's zone on.")


@router.post("/api/calendars/preview", dependencies=[Reader])
async def preview_calendar(question: CalendarQuestion) -> CalendarPreview:
    """Whether a calendar would be open, and its next days. Nothing is stored."""
    body, instant = question.calendar, question.at or datetime.now(UTC)
    verdict = status(body, instant)
    known = zone(body.zone)
    try:
        first = instant.astimezone(known).date()
        days = [day_of(body, first + timedelta(days=ahead)) for ahead in range(DAYS_AHEAD)]
    except OverflowError as error:
        raise Invalid(errors=(FieldError("at", instant.isoformat(), "an instant in the years 1 to 9998"),)) from error
    return CalendarPreview(
        at=instant, open=verdict.open, because=verdict.because, days=[_day_ahead(day) for day in days]
    )


def _day_ahead(day: Day) -> DayAhead:
    exception = day.exception.name if day.exception is not None else None
    return DayAhead(date=day.day, open=[str(each) for each in day.spans], exception=exception, holiday=day.holiday)


class HolidayCountry(BaseModel):
    country: str = Field(description="ISO 3166-1 alpha-2.")
    subdivisions: list[str]


class HolidayCountries(BaseModel):
    items: list[HolidayCountry]
    next_cursor: str | None = None


class Holiday(BaseModel):
    date: Date
    name: str


class Holidays(BaseModel):
    items: list[Holiday]
    next_cursor: str | None = None


@router.get("/api/public-holidays", dependencies=[Reader])
async def list_holiday_countries() -> HolidayCountries:
    """The countries and their parts whose public holidays are known."""
    known = sorted(public_holidays.subdivisions().items())
    return HolidayCountries(
        items=[HolidayCountry(country=country, subdivisions=sorted(parts)) for country, parts in known]
    )


@router.get("/api/public-holidays/{country}", dependencies=[Reader], responses={404: {}})
def list_holidays(
    country: Annotated[str, Path(description="ISO 3166-1 alpha-2, such as DE.")],
    year: Annotated[int, Query(ge=1900, le=2200)],
    subdivision: Annotated[str | None, Query(description="Such as BE; the whole country, if left out.")] = None,
) -> Holidays:
    """The public holidays of a year, in their order."""
    # Not on the event loop: the first ones of a country take up to a second.
    known = public_holidays.subdivisions()
    if country not in known:
        raise NotFound(errors=(FieldError("path.country", country, "a country of /api/public-holidays"),))
    if subdivision is not None and subdivision not in known[country]:
        expected = f"a subdivision of {country}: {', '.join(sorted(known[country])) or 'none; leave it out'}"
        raise Invalid(errors=(FieldError("query.subdivision", subdivision, expected),))
    found = sorted(public_holidays.names(country, subdivision, year).items())
    return Holidays(items=[Holiday(date=day, name=name) for day, name in found])
