"""How a worker stops: drained, hurried, or out of time."""

import asyncio

import pytest

from callcenter.inroom.client.leaving import Leaving

pytestmark = pytest.mark.pure


async def test_a_first_signal_drains_and_a_second_one_hurries_and_the_desks_word_never_does() -> None:
    stopping = Leaving(3600)
    stopping.drain()
    stopping.drain()
    assert (stopping.draining, stopping.hurry) == (True, False)
    stopping.asked()
    assert stopping.hurry
    fresh = Leaving(3600)
    fresh.asked()
    assert (fresh.draining, fresh.hurry) == (True, False)
    fresh.asked()
    assert fresh.hurry


async def test_a_worker_that_empties_in_time_never_bothers_the_desk() -> None:
    told: list[str] = []
    await Leaving(3600).empty(asyncio.sleep(0), lambda: told.append("hurry"))
    assert told == []


@pytest.mark.parametrize("by_signal", [True, False])
async def test_a_worker_in_a_hurry_or_out_of_time_tells_the_desk_and_stops_waiting_for_jobs_that_stay(
    by_signal: bool,
) -> None:
    stopping = Leaving(3600 if by_signal else 0, ask_after_seconds=0.01, handover_seconds=0.01)
    stopping.asked()
    if by_signal:
        stopping.asked()
    told: list[bool] = []
    async with asyncio.timeout(5):
        await stopping.empty(asyncio.Event().wait(), lambda: told.append(stopping.hurry))
    assert told == [True]
