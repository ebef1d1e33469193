"""What is left over on the real engine: an agent that would come too late, a call that is over its time."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import psycopg
import pytest
from livekit import api

from callcenter.platform.wire.identities import agent_identity
from tests.journeys.caller import Callers
from tests.journeys.test_answered import freed

pytestmark = pytest.mark.livekit

LATE = """
INSERT INTO effects (call_id, kind, address, payload, due_at, give_up_at)
VALUES (%s, 'command', %s, %s, now(), now() + interval '10 s') RETURNING id
"""
NOTED = "SELECT id FROM effects WHERE id = %s AND done_at IS NOT NULL"
LATE_JOB_SECONDS = 1.5
TOO_LONG = (
    "i am sorry this call has reached the longest time we can talk please call again if you need more help goodbye"
)


async def test_nobody_is_sent_after_the_calls_end_and_no_room_is_left_behind(callers: Callers) -> None:
    """As when the desk that was to tell the worker was away for longer than the caller stayed."""
    async with callers.ring() as caller:
        await caller.call.answered(timeout=15)
        record = await caller.record()
        await caller.call.hang_up()
        ended = await caller.until(freed)
    env, offer = callers.stack.env, next(o for o in ended["offers"] if o["kind"] == "agent")
    take = {
        "call_id": ended["id"], "offer_id": offer["id"], "room": record["room"], "caller_identity": "sip_gone",
        "identity": agent_identity(offer["id"]),
    }  # fmt: skip
    url = env["LIVEKIT_URL"].replace("ws://", "http://")
    async with api.LiveKitAPI(url, env["LIVEKIT_API_KEY"], env["LIVEKIT_API_SECRET"]) as livekit:

        async def there() -> bool:
            listed = await livekit.room.list_rooms(api.ListRoomsRequest(names=[record["room"]]))
            return bool(listed.rooms)

        await until_gone(there, 10)
        database = await psycopg.AsyncConnection.connect(callers.stack.database_url, autocommit=True)
        async with database:
            told = (ended["id"], offer["worker"], json.dumps({"take": take}))
            late = await (await database.execute(LATE, told)).fetchone()
            async with asyncio.timeout(5):
                while not await (await database.execute(NOTED, late)).fetchone():
                    assert not await there()
        await asyncio.sleep(LATE_JOB_SECONDS)
        assert not await there(), "an agent that comes late makes the room again"


async def until_gone(there: Callable[[], Awaitable[bool]], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while await there():
            await asyncio.sleep(0.1)


async def test_a_call_over_the_maximum_length_ends_with_a_sentence_and_not_with_a_click(callers: Callers) -> None:
    async with callers.ring() as caller:
        await caller.call.answered(timeout=15)
        await caller.call.hears_sound(10)
        call_id = (await caller.record())["id"]
        with psycopg.connect(callers.stack.database_url, autocommit=True) as connection:
            connection.execute("UPDATE calls SET arrived_at = arrived_at - interval '1 hour' WHERE id = %s", (call_id,))
        end = await caller.call.ended(timeout=25)
        record = await caller.until(freed, timeout=5)
        spoken = [s for s in await caller.transcript() if s["speaker"] == "agent"]
        assert caller.heard(TOO_LONG)[-1:] == [TOO_LONG]
    assert end.by == "remote"
    assert (record["outcome"], record["ended_by"]) == ("completed", "system")
    assert "longest time" in spoken[-1]["text"]
    assert not spoken[-1]["interrupted"]
