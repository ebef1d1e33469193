"""Redis, Postgres, livekit-server and livekit-sip die during calls: what docs/operations.md promises, at the phone.

One stack, one fault after the other. A full disk is played: every statement that writes fails with SQLSTATE 53100, as
it would; nobody can fill a disk for a test.
"""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from livekit import api as livekit

from callcenter.platform.embedded.phone.errors import PhoneError
from tests.journeys.caller import Caller
from tests.journeys.mortal.stack import Mortal, kill, patiently

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(180)]

QUESTION = "where is my order four seven one two"
AWAY_SECONDS = 8.0  # longer than livekit-server waits for Redis by default
ANSWERED_SECONDS = 8.0  # after the part that died is back
BACK_SECONDS = 3.0  # a part that died for the first time is back within
SERVER_BYE_SECONDS = 12.0
SEATS_SECONDS = 5.0
BETWEEN_HANG_UPS_SECONDS = 3.0


async def redis_hangs_and_restarts(mortal: Mortal) -> None:
    redis = await mortal.pid("redis")
    kill(redis, signal.SIGSTOP)
    await asyncio.sleep(AWAY_SECONDS)
    kill(redis, signal.SIGKILL)


async def postgres_restarts(mortal: Mortal) -> None:
    kill(await mortal.pid("postgres"), signal.SIGINT)


async def backends_are_terminated(mortal: Mortal) -> None:
    await sql(
        mortal,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database()",
    )


async def the_disk_is_full(mortal: Mortal) -> None:
    await sql(mortal, "SELECT setval('disk', 2)")
    await asyncio.sleep(AWAY_SECONDS)
    await sql(mortal, "SELECT setval('disk', 1)")


@pytest.fixture
async def disk(mortal: Mortal) -> None:
    """A disk that is full while the sequence `disk` is at 2. One table after the other, before any call: a transaction
    that changes all tables and the product's own would wait for each other."""
    async with await psycopg.AsyncConnection.connect(mortal.stack.database_url) as connection:
        tables = await (
            await connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).fetchall()
    await sql(
        mortal,
        "CREATE SEQUENCE IF NOT EXISTS disk",
        "CREATE OR REPLACE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF (SELECT last_value FROM disk) = 2 THEN"
        " RAISE EXCEPTION SQLSTATE '53100' USING MESSAGE = 'could not extend file: No space left on device'; END IF;"
        " RETURN coalesce(NEW, OLD); END $$",
        *(
            f'CREATE OR REPLACE TRIGGER disk_full BEFORE INSERT OR UPDATE OR DELETE ON "{table}"'
            " FOR EACH ROW EXECUTE FUNCTION disk_full()"
            for (table,) in tables
        ),
    )


async def sql(mortal: Mortal, *statements: str) -> None:
    async with await psycopg.AsyncConnection.connect(mortal.stack.database_url, autocommit=True) as connection:
        for statement in statements:
            await connection.execute(statement.encode())


@asynccontextmanager
async def one_talks_and_one_waits(mortal: Mortal) -> AsyncIterator[tuple[Caller, Caller]]:
    """Two calls in progress: one with an agent that has answered a question, one with an attendant."""
    async with (
        mortal.callers.ring(from_="+15551230001") as talking,
        mortal.callers.ring("+15550102", from_="+15551230002") as waiting,
    ):
        await talking.call.answered(timeout=15)
        await waiting.call.answered(timeout=15)
        await talking.hears_a_turn()
        await waiting.call.hears_sound(5)
        yield talking, waiting
        if talking.call.end is None:
            # One after the other: of two legs whose leaving is lost at once nobody can tell that livekit-sip hangs not.
            await talking.call.hang_up()
            await asyncio.sleep(BETWEEN_HANG_UPS_SECONDS)


async def an_agent_answers_a_new_call(mortal: Mortal, since: float, within: float) -> float:
    """Dial until a call is answered by an agent, as callers do; returns the seconds that took since this instant."""
    while True:
        try:
            async with mortal.callers.ring(from_="+15551230003") as caller:
                await caller.call.answered(timeout=within)
                answered = time.monotonic() - since
                await mortal.until(caller, lambda record: record["lead"] == "agent", within)
                await caller.call.hears_sound(5)
                return answered
        except PhoneError:
            assert time.monotonic() - since < within, "no new call is answered"
            await asyncio.sleep(0.5)


Fault = Callable[[Mortal], Coroutine[Any, Any, None]]


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize(
    "fault", [redis_hangs_and_restarts, postgres_restarts, backends_are_terminated, the_disk_is_full]
)
async def test_i5_i7_calls_go_on_while_redis_or_postgres_is_away(mortal: Mortal, fault: Fault) -> None:
    async with one_talks_and_one_waits(mortal) as (talking, waiting):
        at = time.monotonic()
        failing = asyncio.create_task(fault(mortal))
        new = asyncio.create_task(an_agent_answers_a_new_call(mortal, at, AWAY_SECONDS + ANSWERED_SECONDS))
        said = await talking.says("what are your opening hours")
        await talking.hears_a_turn(after=said)
        await failing
        asked = await talking.says(QUESTION)
        await talking.hears_a_turn(after=asked)
        print(f"{fault.__name__}: a new call is answered after {await new:.1f} s")
        assert waiting.call.heard.silences(2.0, since=at) == [], "I7"
        assert (await mortal.until(waiting, lambda record: True, 5))["lead"] == "attendant"
        await mortal.until(talking, lambda record: record["state"] == "talking", 5)
        stored = await patiently(lambda: segments_of(talking), lambda found: "4712" in found["caller"], 5)
        assert "opening hours" in stored["caller"], stored
        assert "delayed" in stored["agent"], stored
        assert [o["state"] for o in (await talking.record())["offers"]] == ["accepted"]
    await mortal.all_seats_are_free(SEATS_SECONDS)
    await mortal.no_promise_is_broken()


async def segments_of(caller: Caller) -> dict[str, Any]:
    """The words of both sides, when no number is missing and none comes twice."""
    segments = await caller.transcript()
    for speaker in ("agent", "caller"):
        numbers = [s["seq"] for s in segments if s["speaker"] == speaker]
        assert numbers == list(range(1, len(numbers) + 1)), f"I5: {speaker} {numbers}"
    return {who: " ".join(s["text"] for s in segments if s["speaker"] == who).lower() for who in ("agent", "caller")}


async def test_a_dead_livekit_server_ends_its_calls_and_the_next_one_is_answered(mortal: Mortal) -> None:
    async with one_talks_and_one_waits(mortal) as calls:
        at = kill(await mortal.pid("livekit-server"), signal.SIGKILL)
        answered = await an_agent_answers_a_new_call(mortal, at, BACK_SECONDS + ANSWERED_SECONDS)
        ends = [await caller.call.ended(timeout=SERVER_BYE_SECONDS) for caller in calls]
        for caller in calls:
            record = await mortal.until(caller, lambda found: found["state"] == "ended", SERVER_BYE_SECONDS)
            assert (record["outcome"], record["ended_by"]) == ("failed", "system")
        print(f"livekit-server: BYE after {[round(e.at - at, 1) for e in ends]} s, new call after {answered:.1f} s")
        assert all(end.by == "remote" and end.at - at < SERVER_BYE_SECONDS for end in ends), "no caller is left alone"
    await mortal.all_seats_are_free(SEATS_SECONDS)
    await patiently(lambda: rooms(mortal), lambda found: found["rooms"] == [], 20)
    await mortal.no_promise_is_broken()


async def test_a_dead_livekit_sip_ends_its_calls_and_the_next_one_is_answered(mortal: Mortal) -> None:
    async with one_talks_and_one_waits(mortal) as calls:
        at = kill(await mortal.pid("livekit-sip"), signal.SIGKILL)
        answered = await an_agent_answers_a_new_call(mortal, at, BACK_SECONDS + ANSWERED_SECONDS)
        for caller in calls:
            record = await mortal.until(caller, lambda found: found["state"] == "ended", SEATS_SECONDS)
            assert (record["outcome"], record["ended_by"]) == ("failed", "system")
        ended = time.monotonic() - at
        print(f"livekit-sip: records end after {ended:.1f} s, new call after {answered:.1f} s")
    await mortal.all_seats_are_free(SEATS_SECONDS)
    await mortal.no_promise_is_broken()


async def rooms(mortal: Mortal) -> dict[str, Any]:
    env = mortal.stack.env
    address = env["LIVEKIT_URL"].replace("ws://", "http://", 1)
    async with livekit.LiveKitAPI(address, env["LIVEKIT_API_KEY"], env["LIVEKIT_API_SECRET"]) as server:
        return {"rooms": [room.name for room in (await server.room.list_rooms(livekit.ListRoomsRequest())).rooms]}
