"""The control plane dies at every boundary of an offer, and the call that rings is answered all the same."""

import asyncio
import os
import signal

import psycopg
import pytest

from tests.journeys.mortal.stack import Mortal

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(180)]

ANSWERED_SECONDS = 10.0  # an offer's lease is 5 s, and an effect is left to its recorder for 6 s
SEATS_SECONDS = 15.0  # with the start of another desk, should it be the desk that died
OFFER = ("dispatch.committed", "dispatch.told", "dispatch.done")
EXPIRY = ("remove.committed", "remove.told", "remove.done")
CLAIM = ("grant.committed", "grant.told", "grant.done")
ATTENDANT = ("command.committed", "command.told", "command.done")


@pytest.mark.parametrize("point", [*OFFER, *CLAIM])
async def test_i1_a_call_whose_router_or_desk_dies_while_it_is_offered_is_answered_by_an_agent(
    mortal: Mortal, point: str
) -> None:
    (mortal.points / point).touch()
    async with mortal.callers.ring() as caller:
        await mortal.until(caller, lambda record: record["lead"] == "agent", ANSWERED_SECONDS)
        await caller.call.answered(timeout=ANSWERED_SECONDS)
        await caller.call.hears_sound(5)
        assert not (mortal.points / point).exists(), "nobody died"
        await caller.call.hang_up()
        await mortal.until(caller, lambda record: record["state"] == "ended", 10)
    await mortal.all_seats_are_free(SEATS_SECONDS)
    await mortal.no_promise_is_broken()


@pytest.mark.parametrize("point", EXPIRY)
async def test_i1_a_call_whose_router_dies_while_an_offer_expires_is_answered_by_an_agent(
    mortal: Mortal, point: str
) -> None:
    worker = await mortal.pid("agent")
    os.kill(worker, signal.SIGSTOP)
    try:
        async with mortal.callers.ring() as caller:
            offer = "UPDATE offers SET lease_until = clock_timestamp() WHERE kind = 'agent' AND state = 'offered'"
            await mortal.until(caller, lambda record: bool(record["offers"]), 5)
            (mortal.points / point).touch()
            async with await psycopg.AsyncConnection.connect(mortal.stack.database_url, autocommit=True) as connection:
                await connection.execute(offer)
            while (mortal.points / point).exists():
                await asyncio.sleep(0.05)
            os.kill(worker, signal.SIGCONT)
            await mortal.until(caller, lambda record: record["lead"] == "agent", ANSWERED_SECONDS)
            await caller.call.answered(timeout=ANSWERED_SECONDS)
            await caller.call.hang_up()
            await mortal.until(caller, lambda record: record["state"] == "ended", 10)
    finally:
        os.kill(worker, signal.SIGCONT)
    await mortal.all_seats_are_free(SEATS_SECONDS)
    await mortal.no_promise_is_broken()


@pytest.mark.parametrize("point", ATTENDANT)
async def test_i1_a_call_whose_router_or_desk_dies_while_an_attendant_is_asked_is_answered(
    mortal: Mortal, point: str
) -> None:
    async with mortal.callers.ring("+15550102") as caller:
        await mortal.until(caller, lambda record: record["state"] == "ringing", 5)
        (mortal.points / point).touch()
        await caller.call.answered(timeout=ANSWERED_SECONDS)
        await caller.call.hears_sound(5)
        await mortal.until(caller, lambda record: record["lead"] == "attendant", ANSWERED_SECONDS)
        assert not (mortal.points / point).exists(), "nobody died"
        await caller.call.hang_up()
        await mortal.until(caller, lambda record: record["state"] == "ended", 10)
    await mortal.all_seats_are_free(SEATS_SECONDS)
    await mortal.no_promise_is_broken()
