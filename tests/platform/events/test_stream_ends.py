"""A live stream ends: with its credential, with its process, and when it was never begun."""

import asyncio
from contextlib import AsyncExitStack

import httpx
import pytest

from callcenter.platform.api.streams import MOST_STREAMS
from callcenter.platform.events import api
from tests.platform.api.world import World
from tests.platform.events.listening import listening, opens

SHORT = api.StreamTiming(heartbeat=0.05, recheck=0.1)


def cookie_of(browser: httpx.AsyncClient) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}


@pytest.mark.postgres
async def test_a_silent_stream_says_that_it_is_still_there(world: World, url: str, key: dict[str, str]) -> None:
    world.app.state.stream_timing = SHORT
    async with listening(url, key) as stream:
        beat = await stream.message()
    assert beat is not None
    assert beat.comment == "still here"


@pytest.mark.postgres
@pytest.mark.parametrize("lose", ["UPDATE api_keys SET revoked_at = now()", "UPDATE users SET disabled_at = now()"])
async def test_the_stream_ends_when_its_key_does(world: World, url: str, lose: str) -> None:
    world.app.state.stream_timing = SHORT
    await world.user("kim@demo.test")
    key = {"Authorization": f"Bearer {await world.key(email='kim@demo.test')}"}
    async with listening(url, key) as stream:
        await world.run(lose)
        await stream.to_the_end()


@pytest.mark.postgres
async def test_the_stream_ends_when_its_session_does(world: World, url: str) -> None:
    world.app.state.stream_timing = SHORT
    async with await world.browser() as browser, listening(url, cookie_of(browser)) as stream:
        await world.run("DELETE FROM user_sessions")
        await stream.to_the_end()


@pytest.mark.postgres
async def test_signing_out_ends_the_sessions_streams_at_once_and_no_others(
    world: World, url: str, key: dict[str, str]
) -> None:
    world.app.state.stream_timing = api.StreamTiming(heartbeat=3600, recheck=3600)
    async with await world.browser() as browser:
        cookie = cookie_of(browser)
        async with listening(url, cookie) as one, listening(url, cookie) as two, listening(url, key) as other:
            await browser.delete("/api/session", headers={"X-CSRF": "1"})
            assert await one.to_the_end() == await two.to_the_end() == []
            await world.event(await world.call(), 1)
            assert await other.summaries(1) == ["event 1"]


@pytest.mark.postgres
async def test_a_lost_credential_ends_a_stream_between_its_heartbeats(
    world: World, url: str, key: dict[str, str]
) -> None:
    world.app.state.stream_timing = api.StreamTiming(heartbeat=3600, recheck=0.1)
    async with listening(url, key) as stream:
        await world.run("UPDATE api_keys SET revoked_at = now()")
        assert await stream.to_the_end() == []


@pytest.mark.pure
def test_a_credential_is_looked_at_every_five_seconds() -> None:
    assert api.StreamTiming().recheck == 5.0


@pytest.mark.postgres
async def test_a_credential_has_ten_streams_at_most_and_each_that_ends_makes_room(
    world: World, url: str, key: dict[str, str]
) -> None:
    async with AsyncExitStack() as open_streams, httpx.AsyncClient() as client:
        for _ in range(MOST_STREAMS - 1):
            await open_streams.enter_async_context(listening(url, key))
        async with listening(url, key):
            refused = await client.get(f"{url}/api/events", headers=key)
            assert refused.status_code == 429
            assert refused.json()["type"] == "urn:callcenter:problem:too-many-streams"
            assert int(refused.headers["retry-after"]) > 0
            async with listening(url, {"Authorization": f"Bearer {await world.key()}"}):
                pass
        async with asyncio.timeout(20):
            while not await opens(url, key):
                await asyncio.sleep(0.02)
    assert MOST_STREAMS == 10


@pytest.mark.postgres
async def test_a_stream_that_never_began_leaves_no_place_taken(world: World, url: str, key: dict[str, str]) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(MOST_STREAMS + 1):
            answer = await client.get(f"{url}/api/events", headers=key | {"Last-Event-ID": "yesterday"})
            assert answer.status_code == 422
    assert await opens(url, key)


@pytest.mark.postgres
async def test_every_stream_ends_when_the_process_stops(world: World, url: str, key: dict[str, str]) -> None:
    async with listening(url, key) as first, listening(url, key) as second:
        world.app.state.feed.close()
        assert await first.to_the_end() == await second.to_the_end() == []
