"""Two verbs about one call at the same moment: whichever is first, nobody is left in silence or in the wrong place."""

import asyncio

import pytest

from callcenter.journey import gave_up, transferred
from callcenter.journey.call_back_cancelled import cancelled
from callcenter.platform.plumbing.ids import CallId
from callcenter.setup.audit.rules import command
from callcenter.setup.rule_sets import flow as rule_sets
from callcenter.stages.outbound import store as calls_out
from callcenter.stages.waiting import overflow
from callcenter.stages.waiting.rules import widened
from tests.journey.phones import Phones, number, promises_hold

pytestmark = pytest.mark.postgres


async def blocked(world: Phones, so_many: int) -> None:
    """So many statements wait for somebody's lock."""
    waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while len(await world.company.ids(waiting)) < so_many:
            await asyncio.sleep(0.01)


async def test_who_cancels_a_call_back_while_it_is_being_dialled_ends_the_call_that_rings(world: Phones) -> None:
    call_back_id = await world.promise(1, 9)
    await world.company.worker()
    world.lines.rings = asyncio.Event()
    async with world.j.db.transaction() as tx:
        await calls_out.lock_trunk(tx, "carrier")
        dialled = asyncio.create_task(world.ringer.ring_once())
        await blocked(world, 1)
        cancels = asyncio.create_task(cancelled(world.j, call_back_id, command("test")))
        await blocked(world, 2)
    await asyncio.gather(dialled, cancels)
    (call_id,) = await world.company.ids("SELECT id FROM calls WHERE direction = 'outbound'")
    assert (await world.back(call_back_id))["state"] == "cancelled"
    assert (await world.company.row(CallId(call_id)))["state"] == "ended", "nobody is to answer to silence"
    await promises_hold(world)


async def test_skills_that_are_not_insisted_on_any_more_stay_so_when_others_are_dropped(world: Phones) -> None:
    """Both may be due at the same second, and two routers look."""
    await world.company.sql("INSERT INTO skills (name) VALUES ('german'), ('patient') ON CONFLICT DO NOTHING")
    fallback = {"after_seconds": 30, "then": {"action": "widen_skills", "drop": ["german"]}}
    then = {
        "action": "queue", "queue": "support", "required_skills": ["german"], "preferred_skills": ["patient"],
        "prefer_seconds": 30, "fallbacks": [fallback],
    }  # fmt: skip
    async with world.j.db.transaction() as tx:
        await rule_sets.publish(tx, {"rules": [{"name": "All", "then": then}]}, "test")
    call_id = await world.company.call()
    await world.company.sql(
        "UPDATE waiting_entries SET prefer_until = clock_timestamp(), next_fallback_at = clock_timestamp()"
    )
    async with world.j.db.transaction() as tx:
        waiter = await overflow.waiter(tx, call_id)
        assert waiter is not None
        async with world.j.db.transaction() as other:
            await overflow.relax(other)
        await overflow.widen(tx, call_id, widened(waiter.skills, ("german",)))
    async with world.j.db.transaction() as tx:
        await overflow.relax(tx)
    assert await world.company.ids("SELECT required_skills::text FROM waiting_entries") == ["{}"]


async def transferring(world: Phones) -> CallId:
    """A caller with an attendant, to be connected with a number outside."""
    then = {"action": "transfer", "number": number(9), "failed": "Nobody is there."}
    async with world.j.db.transaction() as tx:
        await rule_sets.publish(tx, {"rules": [{"name": "Outside", "when": {}, "then": then}]}, "test")
    call_id = await world.company.call(from_=number(1))
    await world.company.sql("UPDATE calls SET answered_at = arrived_at, state = 'waiting'")
    await world.attended(call_id)
    return call_id


async def test_who_answers_for_a_caller_that_is_not_connected_any_more_is_hung_up_on(world: Phones) -> None:
    call_id = await transferring(world)
    world.lines.rings = asyncio.Event()
    assert await world.transfers.connect_once() == 1
    await asyncio.wait_for(world.lines.ringing.wait(), 10)
    assert await gave_up.too_long(world.j, call_id), "its last sentence is being said"
    world.lines.rings.set()
    await world.transfers.settle()
    (call_out_id,) = await world.company.ids("SELECT id FROM calls_out")
    assert world.lines.removed == [((await world.company.row(call_id))["room"], calls_out.callee_of(call_out_id))]
    assert await world.company.ids("SELECT state FROM calls_out") == ["ended"]


async def test_a_router_that_cannot_dial_gives_nobody_up_whom_another_has_dialled(world: Phones) -> None:
    call_id = await transferring(world)
    world.lines.rings = asyncio.Event()
    assert await world.transfers.connect_once() == 1
    await asyncio.wait_for(world.lines.ringing.wait(), 10)
    assert not await transferred.failed(world.j, call_id, "unreachable", None)
    assert await world.company.ids("SELECT treatment ->> 'kind' FROM waiting_entries") == ["transfer"]
    world.lines.rings.set()
    await world.transfers.settle()
    assert (await world.company.row(call_id))["state"] == "talking"
