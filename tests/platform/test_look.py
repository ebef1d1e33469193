"""The router asks once for all of its work, and wakes those who have some."""

import asyncio

import pytest

from callcenter.journey import effects
from callcenter.platform.plumbing.look import Look
from callcenter.stages.offers import drains
from callcenter.stages.offers import store as offers
from callcenter.stages.waiting import loop as waiting
from callcenter.stages.waiting import store as entries
from tests.journey.company import Company

pytestmark = pytest.mark.postgres


async def test_nobody_is_woken_for_nothing_and_each_for_its_own_work(company: Company) -> None:
    names = ("line", "expiring", "draining", "over", "effects")
    work = (
        entries.moving(), offers.expiring(), drains.draining(), waiting.over(company.j), effects.sweepable(),
    )  # fmt: skip
    events = [asyncio.Event() for _ in names]
    look = Look(company.j.db, dict(zip(events, work, strict=True)))

    async def woken() -> set[str]:
        await company.j.performer.settle()
        for event in events:
            event.clear()
        count = await look.look_once()
        found = {name for name, event in zip(names, events, strict=True) if event.is_set()}
        assert count == len(found)
        return found

    assert await woken() == set()
    worker = await company.worker()
    assert await woken() == set()
    call_id = await company.call()
    assert await woken() == {"line"}
    assert await company.move() == 1
    assert await woken() == set()
    await company.sql("UPDATE offers SET lease_until = clock_timestamp()")
    assert await woken() == {"expiring"}
    await company.sql("UPDATE offers SET lease_until = clock_timestamp() + interval '1 minute'")
    await company.sql(f"UPDATE workers SET state = 'draining' WHERE name = '{worker}'")
    assert await woken() == {"draining"}
    await company.sql("UPDATE workers SET state = 'up'")
    await company.sql("UPDATE calls SET arrived_at = arrived_at - interval '1 day'")
    assert await woken() == {"over"}
    await company.sql("UPDATE calls SET arrived_at = arrived_at + interval '1 day'")
    await company.sql("UPDATE effects SET done_at = NULL, due_at = clock_timestamp()")
    assert await woken() == {"effects"}
    assert call_id
