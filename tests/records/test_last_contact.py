"""The queue a caller was last in, and who they spoke with."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from callcenter.records.calls import read
from callcenter.records.calls.read import LAST_CALLS, LastContact
from tests.platform.api.world import ARRIVED, World

pytestmark = pytest.mark.postgres
CALLER = "+15551230001"


async def call(world: World, days_ago: int, spoken: bool = False, **values: Any) -> None:
    at = ARRIVED - timedelta(days=days_ago)
    call_id = await world.ended_call(**{"from_number": CALLER, "arrived_at": at} | values)
    if spoken:
        await world.leg(call_id, "agent")


async def last(world: World, number: str = CALLER) -> LastContact:
    async with world.database.transaction() as tx:
        return await read.last_contact(tx, number)


async def test_the_last_queue_is_of_the_latest_call_that_had_one_and_the_profile_of_who_was_spoken_with(
    world: World,
) -> None:
    await call(world, 9, queue="old", profile="old", spoken=True)
    await call(world, 5, queue="sales", profile="seller", spoken=True)
    await call(world, 3, queue="support", profile="helper")  # gave up in line: spoke with nobody
    await call(world, 1)  # a message: no queue
    assert await last(world) == LastContact("support", "seller")


async def test_other_callers_calls_to_them_and_withheld_numbers_do_not_count(world: World) -> None:
    await call(world, 1, queue="sales", profile="seller", spoken=True, from_number="+15551230002")
    await call(world, 1, queue="sales", profile="seller", spoken=True, direction="outbound")
    await call(world, 1, queue="sales", profile="seller", spoken=True, from_number="")
    assert await last(world) == LastContact()
    assert await last(world, "") == LastContact()


async def test_one_who_rings_without_end_costs_no_more_than_the_latest_calls(world: World) -> None:
    await call(world, 99, queue="sales")
    await world.run(
        "INSERT INTO calls (id, sip_call_id, room, caller_identity, channel, direction, from_number, to_number, trunk,"
        " state, lead, arrived_at, outcome, ended_at) SELECT gen_random_uuid(), 'x' || n, 'x' || n, 'x', 'sip',"
        " 'inbound', CASE n % 50 WHEN 0 THEN :caller ELSE '+1555' || n END, '+15550101', 'demo',"
        " 'ended', 'none', now(), 'completed', now() FROM generate_series(1, 50 * :many) n",
        caller=CALLER,
        many=LAST_CALLS,
    )
    assert await last(world) == LastContact()
    async with world.database.transaction() as tx:
        await tx.execute(sa.text("ANALYZE calls"))
        plan = await tx.execute(sa.text(
            "EXPLAIN SELECT queue FROM calls WHERE from_number = '+15551230001' AND direction = 'inbound'"
            f" ORDER BY arrived_at DESC, id DESC LIMIT {LAST_CALLS}"
        ))  # fmt: skip
        assert "ix_calls_from_number" in "\n".join(row[0] for row in plan)
