"""Calendars as calls meet them."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from callcenter.platform.plumbing.db import Database
from callcenter.setup.audit.rules import command
from callcenter.setup.calendars import public_holidays, store
from callcenter.setup.calendars.model import Calendar
from callcenter.setup.calendars.rules import CalendarBody, status
from callcenter.setup.entries import flow

pytestmark = pytest.mark.postgres


async def test_a_calendar_that_cannot_be_read_any_more_is_left_out_and_logged(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database(database_url, pool_size=1)
    async with database.transaction() as tx:
        good = CalendarBody(zone="UTC")
        await flow.put(tx, store.CALENDARS, command("a test"), "office", good, None)
        await tx.execute(sa.insert(Calendar).values(name="broken", body={"zone": "Mars"}))
        assert await store.named(tx, {"office", "broken", "unknown"}) == {"office": good}
        assert await store.named(tx, ()) == {}
    assert [record.message for record in caplog.records] == ["calendar cannot be read"]
    await database.close()


async def test_after_the_start_no_call_waits_for_the_holidays_to_be_computed(database_url: str) -> None:
    database = Database(database_url, pool_size=1)
    body = CalendarBody.model_validate({"zone": "UTC", "holidays": {"country": "NO"}})
    async with database.transaction() as tx:
        await flow.put(tx, store.CALENDARS, command("a test"), "oslo", body, None)
        await store.warm(tx)
    computed = public_holidays.names.cache_info().misses
    status(body, datetime.now(UTC))
    assert public_holidays.names.cache_info().misses == computed
    await database.close()
