"""A tool that changes something, and an agent that dies before it can say so."""

import asyncio
import os
import signal

import psycopg
import pytest

from tests.journeys.caller import Caller, Callers

pytestmark = pytest.mark.livekit


async def test_the_successor_tells_the_reference_of_what_the_lost_agent_had_filed(callers: Callers) -> None:
    async with callers.ring() as caller:
        await caller.call.answered(timeout=10)
        await caller.hears_a_turn()
        record = await caller.record()
        saying = asyncio.create_task(caller.says("my order four seven one one arrived damaged"))
        with psycopg.connect(callers.stack.database_url, autocommit=True) as database:
            (victim,) = [offer["id"] for offer in record["offers"] if offer["state"] == "accepted"]
            await filed(database, record["id"])
            (pid,) = database.execute("SELECT pid FROM offers WHERE id = %s", [victim]).fetchone() or ()
            os.kill(pid, signal.SIGKILL)
            await saying
            ((reference,),) = problems(database, record["id"])
            told = f"I have reported the problem with your order 4711. Your reference number is {reference}."
            await said(caller, told)
            assert problems(database, record["id"]) == [(reference,)], "filed once"
            calls = database.execute(
                "SELECT name, state, offer_id::text FROM tool_calls WHERE call_id = %s", [record["id"]]
            ).fetchall()
        segments = await caller.transcript()
        assert calls == [("report_problem", "done", victim)], "nobody asked again"
        assert [s["offer_id"] == victim for s in segments if s["text"] == told] == [False], "the successor says it"
        assert caller.heard(told) == [told]


def problems(database: psycopg.Connection, call_id: str) -> list[tuple[int]]:
    return database.execute("SELECT reference FROM order_problems WHERE call_id = %s", [call_id]).fetchall()


async def filed(database: psycopg.Connection, call_id: str) -> None:
    async with asyncio.timeout(15):
        while not problems(database, call_id):
            await asyncio.sleep(0.01)


async def said(caller: Caller, text: str) -> None:
    async with asyncio.timeout(20):
        while text not in [segment["text"] for segment in await caller.transcript()]:
            await asyncio.sleep(0.2)
