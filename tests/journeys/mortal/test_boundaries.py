"""The control plane dies at every boundary of an offer, and the call that rings is answered all the same."""

import asyncio
import os
import signal

import psycopg
import pytest

from tests.journeys.mortal.stack import Mortal

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(180)]

ANSWERED_SECONDS = 10.0  # an offer's lease is 5 s, and an effect is left to its recorder for 6 s
DESK_SECONDS = 20.0  # the only desk has to start first: 3 s, three times as long beside other work
# A leg whose leaving LiveKit loses stays for 20 s (docs/decisions/0007), and a new router knows of none that answers.
ENDED_SECONDS = 30.0
SEATS_SECONDS = 15.0  # with the start of another desk, should it be the desk that died
OFFER = ("command.committed",)  # told and done is the desk's part
TAKING = ("command.told", "command.done")
EXPIRY = ("remove.committed", "remove.told", "remove.done")
CLAIM = ("grant.committed", "grant.told", "grant.done")


@pytest.mark.parametrize("point", [*OFFER, *TAKING, *CLAIM])
async def test_i1_a_call_whose_router_or_desk_dies_while_it_is_offered_is_answered_by_an_agent(
    mortal: Mortal, point: str
) -> None:
    (mortal.points / point).touch()
    async with mortal.callers.ring() as caller:
        seconds = ANSWERED_SECONDS if point in OFFER else DESK_SECONDS
        await mortal.until(caller, lambda record: record["lead"] == "agent", seconds)
        await caller.call.answered(timeout=seconds)
        await caller.call.hears_sound(5)
        assert not (mortal.points / point).exists(), "nobody died"
        await caller.call.hang_up()
        await mortal.until(caller, lambda record: record["state"] == "ended", ENDED_SECONDS)
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
            await mortal.until(caller, lambda record: record["state"] == "ended", ENDED_SECONDS)
    finally:
        os.kill(worker, signal.SIGCONT)
    await mortal.all_seats_are_free(SEATS_SECONDS)
    await mortal.no_promise_is_broken()


@pytest.mark.parametrize("point", [*OFFER, *TAKING])
async def test_i1_a_call_whose_router_or_desk_dies_while_an_attendant_is_asked_is_answered(
    mortal: Mortal, point: str
) -> None:
    async with mortal.callers.ring("+15550102") as caller:
        await mortal.until(caller, lambda record: record["state"] == "ringing", 5)
        (mortal.points / point).touch()
        await caller.call.answered(timeout=DESK_SECONDS)
        await caller.call.hears_sound(5)
        await mortal.until(caller, lambda record: record["lead"] == "attendant", ANSWERED_SECONDS)
        assert not (mortal.points / point).exists(), "nobody died"
        await caller.call.hang_up()
        await mortal.until(caller, lambda record: record["state"] == "ended", ENDED_SECONDS)
    await mortal.all_seats_are_free(SEATS_SECONDS)
    await mortal.no_promise_is_broken()
