"""Callers who are connected with a number outside."""

from collections.abc import AsyncIterator

import pytest

from callcenter.journey import transferred
from callcenter.journey.arrived import caller_left
from callcenter.journey.left import left
from callcenter.platform.api.invariants import INVARIANTS, check
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.plumbing.livekit_calls import DialFailed
from callcenter.platform.plumbing.livekit_rooms import Participant
from callcenter.platform.wire.base import SeatKind
from callcenter.setup.rule_sets import flow as rule_sets
from callcenter.stages.outbound import flow, store
from callcenter.stages.outbound.flow import given_up
from callcenter.stages.outbound.loop import Sweeper
from sip import Guard
from tests.journey.company import Company, commands
from tests.journey.phones import Phones, number, phones

pytestmark = pytest.mark.postgres

OUTSIDE = number(9)


@pytest.fixture
async def world(company: Company) -> AsyncIterator[Phones]:
    async with phones(company) as opened:
        then = {"action": "transfer", "number": OUTSIDE, "failed": "Nobody is there."}
        body = {"rules": [{"name": "Outside", "when": {}, "then": then}]}
        async with company.j.db.transaction() as tx:
            await rule_sets.publish(tx, body, "test")
        await company.worker(SeatKind.ATTENDANT, seats=5)
        yield opened


async def transferring(world: Phones) -> tuple[CallId, OfferId, str]:
    call_id = await world.company.call(from_=number(1))
    await world.company.sql("UPDATE calls SET answered_at = arrived_at, state = 'waiting'")
    offer_id = await world.attended(call_id)
    return call_id, offer_id, (await world.company.row(call_id))["room"]


async def test_nobody_is_dialled_before_an_attendant_is_with_the_caller(world: Phones) -> None:
    await world.company.call(from_=number(1))
    assert await world.transfers.connect_once() == 0
    assert world.lines.dialled == []


async def test_the_number_is_dialled_into_the_callers_room_and_the_attendant_leaves(world: Phones) -> None:
    call_id, attendant, room = await transferring(world)
    assert await world.transfers.connect_once() == 1
    await world.transfers.settle()
    assert world.lines.dialled == [room]
    row = await world.company.row(call_id)
    assert (row["state"], row["lead"]) == ("talking", "none")
    assert await world.company.ids("SELECT left_at FROM legs WHERE kind = 'phone'") == ["None"]
    fades = await world.company.ids("SELECT payload -> 'message' ->> 'type' FROM effects WHERE kind = 'command'")
    assert "fade" in fades
    await left(world.j, attendant, None)
    assert await world.company.move() == 0, "no other attendant is wanted"
    assert await world.transfers.connect_once() == 0, "it is dialled once"
    async with world.j.db.transaction() as tx:
        found = [await check(tx, invariant) for invariant in INVARIANTS]
    assert [each.examples for each in found if each.violations] == []


async def test_the_other_sides_hanging_up_ends_the_call(world: Phones) -> None:
    call_id, _, room = await transferring(world)
    await world.transfers.connect_once()
    await world.transfers.settle()
    (identity,) = await world.company.ids("SELECT identity FROM legs WHERE kind = 'phone'")
    assert not await transferred.other_side_left(world.j, room, "somebody")
    assert await transferred.other_side_left(world.j, room, identity)
    row = await world.company.row(call_id)
    assert (row["outcome"], row["ended_by"]) == ("completed", "system")
    assert await world.company.ids("SELECT state || ' ' || because FROM calls_out") == ["ended callee_left"]


async def test_the_callers_hanging_up_ends_the_room_and_with_it_the_other_leg(world: Phones) -> None:
    call_id, _, room = await transferring(world)
    await world.transfers.connect_once()
    await world.transfers.settle()
    assert await caller_left(world.j, room)
    await world.j.performer.settle()
    assert ("delete", room) in world.company.rooms.done
    assert (await world.company.row(call_id))["outcome"] == "completed"


async def test_when_nobody_takes_it_the_caller_hears_a_sentence_and_their_room_stays(world: Phones) -> None:
    world.lines.refuses = DialFailed(486, "Busy Here")
    call_id, attendant, room = await transferring(world)
    await world.transfers.connect_once()
    await world.transfers.settle()
    worker = (await world.company.offer_row(attendant))["worker"]
    assert ("say_and_end", attendant) in await commands(world.company, worker)
    assert [each[0] for each in world.lines.removed] == [room]
    assert "transfer_failed" in await world.company.events(call_id)


async def test_what_the_guard_refuses_is_not_dialled(world: Phones) -> None:
    world.lines.guard = Guard(prefixes=("+43",))
    call_id, _, _ = await transferring(world)
    await world.transfers.connect_once()
    assert world.lines.dialled == []
    assert "transfer_failed" in await world.company.events(call_id)


async def test_another_router_goes_on_with_what_a_dead_one_dialled(world: Phones) -> None:
    call_id, _, _ = await transferring(world)
    async with world.j.db.transaction() as tx:
        trunk = (await world.lines.outbound())[0]
        assert tx
    asked = await transferred.begins(world.j, call_id, trunk)
    assert asked is not None
    assert await world.transfers.connect_once() == 0, "nobody dials it twice"
    await world.company.sql("UPDATE calls_out SET live_until = clock_timestamp()")
    async with world.j.db.transaction() as tx:
        assert await given_up(tx, asked.id)
    assert await world.transfers.connect_once() == 1
    assert "transfer_failed" in await world.company.events(call_id)


async def left_ringing(world: Phones) -> tuple[CallId, str, str]:
    """A router has dialled the number outside, and died while it rings: the call, its room, the callee."""
    call_id, _, room = await transferring(world)
    asked = await transferred.begins(world.j, call_id, (await world.lines.outbound())[0])
    assert asked is not None
    async with world.j.db.transaction() as tx:
        assert await flow.dialling(tx, asked)
    callee = store.callee_of(asked.id)
    world.lines.up[room] = [Participant("caller", True, {"sip.callStatus": "active"}), ringing(callee, "ringing")]
    return call_id, room, callee


def ringing(callee: str, status: str) -> Participant:
    return Participant(callee, True, {"sip.callStatus": status, "sip.callIDFull": "as-the-carrier-has-it"})


def sweeper(world: Phones) -> Sweeper:
    return Sweeper(world.j.db, world.lines, world.j.timing.max_call, patience_seconds=0)


async def test_who_answers_what_a_dead_router_dialled_is_connected_by_another(world: Phones) -> None:
    call_id, room, callee = await left_ringing(world)
    assert await sweeper(world).sweep_once() == 0, "it rings"
    assert await world.transfers.connect_once() == 0
    world.lines.up[room][1] = ringing(callee, "active")
    assert await sweeper(world).sweep_once() == 1
    assert await world.transfers.connect_once() == 1
    assert (await world.company.row(call_id))["state"] == "talking"
    assert await world.company.ids("SELECT state || ' ' || sip_call_id FROM calls_out") == [
        "answered as-the-carrier-has-it"
    ]
    assert await sweeper(world).sweep_once() == 0, "they talk"


@pytest.mark.parametrize("gone", [True, False])
async def test_who_declines_what_a_dead_router_dialled_is_told_at_once(world: Phones, *, gone: bool) -> None:
    call_id, room, callee = await left_ringing(world)
    looking = sweeper(world)
    assert await looking.sweep_once() == 0
    world.lines.up[room][1:] = [] if gone else [ringing(callee, "hangup")]
    assert await looking.sweep_once() == 1
    assert await world.company.ids("SELECT state || ' ' || because FROM calls_out") == ["failed abandoned"]
    assert await world.transfers.connect_once() == 1
    assert "transfer_failed" in await world.company.events(call_id)


async def test_a_callee_who_is_not_in_the_room_yet_is_not_given_up(world: Phones) -> None:
    _, room, _ = await left_ringing(world)
    world.lines.up[room][1:] = []
    assert await sweeper(world).sweep_once() == 0, "the engine takes its time"
    await world.company.sql("UPDATE calls_out SET requested_at = requested_at - interval '11 seconds'")
    assert await sweeper(world).sweep_once() == 1


async def test_a_call_id_that_is_known_is_kept_when_the_dialler_does_not_learn_it(world: Phones) -> None:
    _, room, callee = await left_ringing(world)
    world.lines.up[room][1] = ringing(callee, "active")
    assert await sweeper(world).sweep_once() == 1
    async with world.j.db.transaction() as tx:
        for less in ("", "SCL_own"):
            assert await store.answered(tx, callee.removeprefix(store.CALLEE), less, 60)
    assert await world.company.ids("SELECT sip_call_id FROM calls_out") == ["as-the-carrier-has-it"]
