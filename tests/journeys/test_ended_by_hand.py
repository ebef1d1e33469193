"""Somebody at a desk reads along before the words are final, and ends the call: the phone is hung up on."""

import asyncio
import json
import time

import pytest

from tests.journeys.caller import Caller, Callers
from tests.journeys.test_answered import freed

pytestmark = pytest.mark.livekit

SEAT_SECONDS = 5.0


async def until_read_along(caller: Caller, call_id: str) -> str:
    """The first words of the agent's that somebody who looks at the call reads while they are said."""
    query = {"call_id": call_id, "interim": "true"}
    async with asyncio.timeout(20), caller.api.stream("GET", "/api/events", params=query) as stream:
        interim = False
        async for line in stream.aiter_lines():
            if line == "event: interim":
                interim = True
            elif interim and line.startswith("data: "):
                words = json.loads(line.removeprefix("data: "))
                if words["speaker"] == "agent":
                    return str(words["text"])
            elif not line:
                interim = False
    raise AssertionError("the stream ended before a word was said")


async def test_i3_a_supervisor_reads_along_and_ends_the_call_and_the_seat_is_free(callers: Callers) -> None:
    async with callers.ring() as caller:
        await caller.call.answered(timeout=10)
        call_id = (await caller.record())["id"]
        reading = asyncio.create_task(until_read_along(caller, call_id))
        await caller.says("where is my order four seven one two")
        assert (await reading).strip()
        began = time.monotonic()
        answer = await caller.api.post(f"/api/calls/{call_id}/end")
        assert answer.status_code == 200, answer.text
        assert (answer.json()["outcome"], answer.json()["ended_by"]) == ("completed", "supervisor")
        assert (await caller.call.ended(timeout=SEAT_SECONDS)).by == "remote"
        record = await caller.until(freed, timeout=SEAT_SECONDS)
        assert time.monotonic() - began < SEAT_SECONDS
        assert (await caller.api.post(f"/api/calls/{call_id}/end")).status_code == 409
        held = (await caller.api.get("/api/health/invariants")).json()["items"]
    assert record["ended_by"] == "supervisor"
    assert all(call_id not in json.dumps(rule["examples"]) for rule in held)
