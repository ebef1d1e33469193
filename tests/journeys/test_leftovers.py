"""What is left over on the real engine: a dispatch that comes too late, a call that is over its time."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import psycopg
import pytest
from livekit import api

from tests.journeys.caller import Callers
from tests.journeys.test_answered import freed

pytestmark = pytest.mark.livekit

TOO_LONG = (
    "i am sorry this call has reached the longest time we can talk please call again if you need more help goodbye"
)


async def test_a_dispatch_after_the_calls_end_leaves_no_room_behind_for_more_than_five_seconds(
    callers: Callers,
) -> None:
    async with callers.ring() as caller:
        await caller.call.answered(timeout=15)
        record = await caller.record()
        await caller.call.hang_up()
        ended = await caller.until(freed)
    env, offer = callers.stack.env, next(o for o in ended["offers"] if o["kind"] == "agent")
    metadata = {
        "call_id": ended["id"], "offer_id": offer["id"], "token": "late", "desk_url": env["CALLCENTER_DESK_URL"],
        "caller_identity": "sip_gone",
    }  # fmt: skip
    url = env["LIVEKIT_URL"].replace("ws://", "http://")
    async with api.LiveKitAPI(url, env["LIVEKIT_API_KEY"], env["LIVEKIT_API_SECRET"]) as livekit:

        async def there() -> bool:
            listed = await livekit.room.list_rooms(api.ListRoomsRequest(names=[record["room"]]))
            return bool(listed.rooms)

        await until_gone(there, 10)
        await livekit.agent_dispatch.create_dispatch(
            api.CreateAgentDispatchRequest(
                agent_name=offer["worker"], room=record["room"], metadata=json.dumps(metadata)
            )
        )
        assert await there(), "the late dispatch has made a ghost room"
        began = time.monotonic()
        await until_gone(there, 10)
        assert time.monotonic() - began < 5


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
