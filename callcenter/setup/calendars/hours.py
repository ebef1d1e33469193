"""The shape of a calendar, and the hours that start on one of its days."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from itertools import pairwise
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from callcenter.setup.calendars import public_holidays

Date = date
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60

_SPAN = r"([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)"
SPAN_EXPECTED = "a span such as '08:00-18:00', over midnight '22:00-06:00', the whole day '00:00-24:00'"


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo | None:
    """An IANA time zone, or None when there is none of this name."""
    return ZoneInfo(name) if name in _zone_names() else None


@dataclass(frozen=True)
class Span:
    """Opening hours in minutes from midnight, `start` included, `end` not; `end` past DAY is on the next day."""

    start: int
    end: int

    def __str__(self) -> str:
        last = self.end if self.end <= DAY else self.end - DAY
        return f"{_clock(self.start)}–{_clock(last)}"


@lru_cache(maxsize=4096)
def span(text: str) -> Span:
    """`text` is of the form HH:MM-HH:MM; an end at or before the start is on the next day."""
    first, last = text.split("-")
    start, end = _minutes(first), _minutes(last)
    return Span(start, end if end > start else end + DAY)


def _zone_exists(name: str) -> str:
    if zone(name) is None:
        raise wrong("an IANA time zone such as Europe/Berlin, America/New_York or UTC")
    return name


def _a_span(text: str) -> str:
    if not re.fullmatch(_SPAN, text):
        raise wrong(SPAN_EXPECTED)
    first, last = text.split("-")
    if first == last:
        raise wrong("two different times; the whole day is '00:00-24:00'")
    return text


def _apart(spans: tuple[str, ...]) -> tuple[str, ...]:
    found = sorted((span(text) for text in spans), key=lambda one: one.start)
    for earlier, later in pairwise(found):
        if later.start < earlier.end:
            raise wrong(f"spans of one day that do not overlap: {earlier} and {later} do")
    return spans


def wrong(expected: str) -> PydanticCustomError:
    return PydanticCustomError("expected", "{expected}", {"expected": expected})


ZoneName = Annotated[str, AfterValidator(_zone_exists)]
SpanText = Annotated[
    str, Field(examples=["08:00-18:00"], json_schema_extra={"pattern": f"^{_SPAN}$"}), AfterValidator(_a_span)
]
Spans = Annotated[tuple[SpanText, ...], Field(max_length=24), AfterValidator(_apart)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class Weekly(_Strict):
    """Opening hours by weekday; a day without any is closed."""

    mon: Spans = ()
    tue: Spans = ()
    wed: Spans = ()
    thu: Spans = ()
    fri: Spans = ()
    sat: Spans = ()
    sun: Spans = ()

    def on(self, day: Weekday) -> tuple[str, ...]:
        spans: tuple[str, ...] = getattr(self, day)
        return spans


class PublicHolidays(_Strict):
    """Closed on the public holidays of a country, and of a part of it."""

    country: str = Field(description="ISO 3166-1 alpha-2, such as DE.")
    subdivision: str | None = Field(None, description="Mostly ISO 3166-2 without the country, such as BE for Berlin.")

    @field_validator("country")
    @classmethod
    def _known_country(cls, country: str) -> str:
        if country not in public_holidays.subdivisions():
            raise wrong("a country whose holidays are known, as two capital letters of ISO 3166-1, such as DE")
        return country

    @field_validator("subdivision")
    @classmethod
    def _known_subdivision(cls, subdivision: str | None, info: ValidationInfo) -> str | None:
        country = info.data.get("country")  # absent when it was wrong itself
        if subdivision is not None and country is not None:
            known = public_holidays.subdivisions()[country]
            if subdivision not in known:
                raise wrong(f"a subdivision of {country}: {', '.join(sorted(known)) or 'none; leave it out'}")
        return subdivision

    @property
    def where(self) -> str:
        return f"{self.country}-{self.subdivision}" if self.subdivision else self.country


class SpecialDays(_Strict):
    """A day, or days in a row, with hours of their own: closed unless `open` names some."""

    date: Date | None = None
    from_date: Date | None = Field(None, alias="from")
    to_date: Date | None = Field(None, alias="to", description="The last day, included.")
    open: Spans = ()
    name: str = Field("", max_length=80)

    @model_validator(mode="before")
    @classmethod
    def _one_day_or_days_in_a_row(cls, data: Any) -> Any:
        if isinstance(data, dict):
            given = {name for name in ("date", "from", "to") if data.get(name, data.get(f"{name}_date")) is not None}
            if given not in ({"date"}, {"from", "to"}):
                raise wrong("either date, or from and to")
        return data

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise wrong(f"to on or after from: {self.last} is before {self.first}")
        return self

    @property
    def first(self) -> Date:
        return self.date or self.from_date or Date.min

    @property
    def last(self) -> Date:
        return self.date or self.to_date or Date.max

    def holds_on(self, day: Date) -> bool:
        return self.first <= day <= self.last


class CalendarBody(_Strict):
    """Opening hours. The first exception that names a day decides it, then the holidays, then the weekly hours."""

    zone: ZoneName = Field(description="IANA time zone.", examples=["Europe/Berlin"])
    weekly: Weekly = Weekly()
    holidays: PublicHolidays | None = None
    exceptions: tuple[SpecialDays, ...] = Field((), max_length=1000)

    @field_validator("exceptions")
    @classmethod
    def _every_one_counts(cls, exceptions: tuple[SpecialDays, ...]) -> tuple[SpecialDays, ...]:
        for index, later in enumerate(exceptions):
            for before, earlier in enumerate(exceptions[:index]):
                if earlier.first <= later.first and later.last <= earlier.last:
                    raise wrong(f"number {index + 1} before number {before + 1}, which names all of its days")
        return exceptions


@dataclass(frozen=True)
class Day:
    """The hours that start on one day, and what decided them (one of the two, or the weekly hours)."""

    day: date
    spans: tuple[Span, ...]
    exception: SpecialDays | None = None
    holiday: str | None = None


def day_of(body: CalendarBody, day: date) -> Day:
    """What holds on a day: its exception, or its holiday, or its weekday."""
    for exception in body.exceptions:
        if exception.holds_on(day):
            return Day(day, tuple(span(text) for text in exception.open), exception=exception)
    if body.holidays is not None:
        found = public_holidays.names(body.holidays.country, body.holidays.subdivision, day.year)
        if day in found:
            return Day(day, (), holiday=found[day])
    return Day(day, tuple(span(text) for text in body.weekly.on(WEEKDAYS[day.weekday()])))


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
