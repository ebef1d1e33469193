"""All SQL of calendars."""

import logging
from collections.abc import Collection

import sqlalchemy as sa
from pydantic import ValidationError

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.audit.model import Thing
from callcenter.setup.calendars import public_holidays
from callcenter.setup.calendars.model import Calendar
from callcenter.setup.calendars.rules import CalendarBody
from callcenter.setup.entries.rules import Kind

log = logging.getLogger(__name__)

CALENDARS = Kind(Thing.CALENDAR, Calendar, CalendarBody, "calendars", named_in=frozenset({"open", "closed"}))


async def names(tx: Tx) -> set[str]:
    return {row["name"] for row in await tx.rows(sa.select(Calendar.name))}


async def named(tx: Tx, wanted: Collection[str]) -> dict[str, CalendarBody]:
    """Those of these calendars that exist. One that this version of the product cannot read any more is left out with
    a line in the log: a call must not fail by it."""
    found: dict[str, CalendarBody] = {}
    if not wanted:
        return found
    for row in await tx.rows(sa.select(Calendar.name, Calendar.body).where(Calendar.name.in_(wanted))):
        try:
            found[row["name"]] = CalendarBody.model_validate(row["body"])
        except ValidationError as error:
            log.error("calendar cannot be read", extra={"calendar": row["name"], "error": str(error)})
    return found


async def warm(tx: Tx) -> None:
    """Compute the holidays that calendars will ask for, of this year and the next: the first ones of a country take the
    library up to a second, which no caller should wait for."""
    year = (await tx.now()).year
    for body in (await named(tx, await names(tx))).values():
        if body.holidays is not None:
            for wanted in (year, year + 1):
                public_holidays.names(body.holidays.country, body.holidays.subdivision, wanted)
