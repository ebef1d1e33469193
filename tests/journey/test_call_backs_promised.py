"""Callers who hang up and keep their place: what is promised, and to whom."""

import pytest

from callcenter.journey.arrived import caller_left
from callcenter.journey.left import lost
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.base import SeatKind
from callcenter.setup.queues.rules import WaitingKey
from callcenter.stages.waiting import loop
from sip import Guard
from tests.journey.phones import Phones, number

pytestmark = pytest.mark.postgres

KEYS = {"1": WaitingKey(name="Call me back", then="call_back")}


async def in_line(world: Phones, from_: str) -> tuple[CallId, OfferId]:
    """A caller who waits with an attendant and may press keys."""
    await world.queue(keys=KEYS)
    await world.company.worker(SeatKind.ATTENDANT, seats=5)
    call_id = await world.company.call(from_=from_)
    await world.company.sql(
        "UPDATE waiting_entries SET attendant_due_at = clock_timestamp() WHERE call_id = :id", id=call_id
    )
    return call_id, await world.attended(call_id)


async def promises(world: Phones) -> list[str]:
    return await world.company.ids("SELECT id FROM call_backs ORDER BY asked_at")


async def test_a_caller_who_confirms_their_number_keeps_the_place_of_their_arrival(world: Phones) -> None:
    call_id, offer_id = await in_line(world, number(1))
    arrived = await world.company.ids("SELECT entered_at FROM waiting_entries")
    asked = (await world.press(offer_id, 0, "1")).ask
    assert "4 9 3, 0 2 3, 1 2 5, 0 0 1" in asked.prompt
    goodbye = await world.press(offer_id, asked.number, "1")
    assert goodbye.then_end
    (call_back_id,) = await promises(world)
    row = await world.back(call_back_id)
    assert (row["state"], row["number"], row["queue"], row["origin_call_id"]) == (
        "planned",
        number(1),
        "support",
        call_id,
    )
    assert [str(row["entered_at"])] == arrived
    assert "call_back_promised" in await world.company.events(call_id)


async def test_another_number_is_keyed_in_and_confirmed(world: Phones) -> None:
    _, offer_id = await in_line(world, number(1))
    await world.press(offer_id, 0, "1")
    keyed = (await world.press(offer_id, 1, "2")).ask
    assert keyed.until == "#"
    again = (await world.press(offer_id, keyed.number, None, digits="12")).ask
    assert "did not understand" in again.prompt
    confirm = (await world.press(offer_id, again.number, None, digits="00493023125002")).ask
    assert "4 9 3, 0 2 3, 1 2 5, 0 0 2" in confirm.prompt
    assert (await world.press(offer_id, confirm.number, "1")).then_end
    (call_back_id,) = await promises(world)
    assert (await world.back(call_back_id))["number"] == number(2)


async def test_who_withholds_their_number_is_asked_for_one_and_without_any_stays_in_line(world: Phones) -> None:
    _, offer_id = await in_line(world, "")
    asked = (await world.press(offer_id, 0, "1")).ask
    assert asked.until == "#"
    await world.press(offer_id, 1, None)
    plan = await world.press(offer_id, 2, None)
    assert plan.ask is None
    assert not plan.then_end, "music, and the line"
    assert await promises(world) == []
    assert await world.company.ids("SELECT state FROM waiting_entries WHERE treatment IS NULL") == ["waiting"]


async def test_nobody_is_promised_a_call_that_the_guard_would_refuse(world: Phones) -> None:
    world.lines.guard = Guard(prefixes=("+43",))
    _, offer_id = await in_line(world, number(1))
    await world.press(offer_id, 0, "1")
    asked = (await world.press(offer_id, 1, "1")).ask
    assert asked.until == "#"
    assert asked.prompt.startswith("I am sorry, I cannot call that number.")
    assert (await world.press(offer_id, 2, None)).ask is None, "who gives no other one is in line again"
    assert await promises(world) == []


async def test_nobody_has_us_ring_our_own_number(world: Phones) -> None:
    await world.company.sql("INSERT INTO numbers (e164, name) VALUES (:number, 'Ours')", number=number(2))
    _, offer_id = await in_line(world, number(2))
    await world.press(offer_id, 0, "1")
    assert (await world.press(offer_id, 1, "1")).ask.until == "#"
    assert await promises(world) == []


async def test_nobody_has_others_rung_again_and_again(world: Phones) -> None:
    for ended in range(3):
        await world.promise(1, minutes_ago=5)
        await world.company.sql("UPDATE call_backs SET state = 'cancelled', next_attempt_at = NULL, ended_at = now()")
        assert len(await promises(world)) == ended + 1
    _, offer_id = await in_line(world, number(1))
    await world.press(offer_id, 0, "1")
    assert (await world.press(offer_id, 1, "1")).ask.until == "#"
    assert len(await promises(world)) == 3


async def test_a_caller_has_one_open_call_back_at_the_better_of_their_places(world: Phones) -> None:
    first = await world.promise(1, minutes_ago=5)
    second = await world.promise(1, minutes_ago=9)
    assert second == first
    third = await world.promise(1, minutes_ago=2)
    assert third == first
    waited = await world.company.ids("SELECT round(extract(epoch FROM now() - entered_at) / 60) FROM call_backs")
    assert waited == ["9"]


@pytest.mark.parametrize("because", ["the caller hangs up", "nobody is there to say goodbye"])
async def test_a_call_that_ends_before_the_goodbye_was_said_is_a_call_back_all_the_same(
    world: Phones, because: str
) -> None:
    call_id, offer_id = await in_line(world, number(1))
    await world.press(offer_id, 0, "1")
    await world.press(offer_id, 1, "1")
    if because == "the caller hangs up":
        assert await caller_left(world.j, (await world.company.row(call_id))["room"])
    else:
        await lost(world.j, offer_id, "it died")
        await world.company.sql("UPDATE waiting_entries SET gives_up_at = clock_timestamp()")
        assert await loop.give_up_once(world.j) == 1
    assert (await world.company.row(call_id))["outcome"] == "call_back"
    assert len(await promises(world)) == 1
