"""`GET /edge/state`: whether the house has room, as the SIP edge asks it."""

import pytest

from tests.platform.api.world import World

pytestmark = pytest.mark.postgres


async def state(world: World) -> dict[str, object]:
    async with world.client() as client:
        answer = await client.get("/edge/state")
    assert answer.status_code == 200
    found: dict[str, object] = answer.json()
    return found


async def test_a_house_without_workers_turns_nobody_away(world: World) -> None:
    await world.call(state="ringing")
    assert await state(world) == {"admit": True, "seats": 0, "calls": 1}


async def test_a_house_is_full_while_every_seat_has_its_call(world: World) -> None:
    await world.offer(await world.call(state="talking"))
    await world.seat()
    await world.ended_call()
    assert await state(world) == {"admit": True, "seats": 2, "calls": 1}
    await world.call(state="ringing")
    assert await state(world) == {"admit": False, "seats": 2, "calls": 2}


async def test_seats_of_a_draining_worker_count_as_long_as_they_have_a_call(world: World) -> None:
    await world.offer(await world.call(state="talking"))
    await world.seat()
    await world.run("UPDATE workers SET state = 'draining'")
    assert await state(world) == {"admit": False, "seats": 1, "calls": 1}


async def test_the_answer_has_the_form_that_the_edge_reads(world: World) -> None:
    async with world.client() as client:
        text = (await client.get("/edge/state")).text
    assert text.startswith('{"admit":true,'), "sip/edge/kamailio.py looks for this word"
