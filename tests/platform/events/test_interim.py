"""Words that are not final reach whoever looks at their call, at any replica, and are kept nowhere."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import psycopg
import pytest

from callcenter.platform.events.interim import LONGEST_TEXT, PAUSE_SECONDS, InterimWords, LiveWords
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.ids import new_id
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import Interim
from tests.platform.api.world import World
from tests.platform.events.listening import listening, served

pytestmark = pytest.mark.postgres

SOON_SECONDS = 10.0


def words(text: str, seq: int = 1, speaker: Speaker = Speaker.CALLER) -> Interim:
    return Interim(offer_id=new_id(), speaker=speaker, seq=seq, text=text)


@asynccontextmanager
async def replica(database_url: str, name: str) -> AsyncIterator[LiveWords]:
    database = Database(database_url, pool_size=2)
    words = LiveWords(database, name)
    running = asyncio.create_task(words.run())
    try:
        async with asyncio.timeout(SOON_SECONDS):
            await words.ready.wait()
        yield words
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await database.close()


async def told_until_heard(desk: LiveWords, call_id: str, text: str, heard: asyncio.Queue[InterimWords]) -> None:
    """A desk goes on telling until it has heard that somebody at the other replica looks."""
    async with asyncio.timeout(SOON_SECONDS):
        while heard.empty():
            desk.tell(call_id, words(text))
            await asyncio.sleep(0.05)


async def test_words_come_between_the_events_without_an_id_and_leave_no_trace(world: World) -> None:
    call_id = await world.call()
    headers = {"Authorization": f"Bearer {await world.key()}"}
    async with served(world.app) as url, listening(url, headers, call_id=call_id, interim="true") as stream:
        first = await world.event(call_id, 1)
        assert (await stream.event()).data["stream_id"] == first
        told = words("where is my", seq=3)
        world.app.state.words.tell(call_id, told)
        world.app.state.words.tell(new_id(), words("of another call"))
        event = await stream.event()
        assert (event.event, event.id) == ("interim", "")
        expected = {"offer_id": told.offer_id, "speaker": "caller", "seq": 3, "text": "where is my"}
        assert event.data == {"call_id": call_id, **expected}
        second = await world.event(call_id, 2)
        assert (await stream.event()).data["stream_id"] == second
    assert await world.run("SELECT 1 FROM segments") == 0
    assert await world.run("SELECT 1 FROM timeline_events") == 2


async def test_a_stream_that_does_not_ask_for_them_hears_none(world: World) -> None:
    call_id = await world.call()
    headers = {"Authorization": f"Bearer {await world.key()}"}
    async with served(world.app) as url, listening(url, headers, call_id=call_id) as stream:
        world.app.state.words.tell(call_id, words("where is my"))
        await world.event(call_id, 1)
        assert (await stream.event()).event == "timeline"


async def test_words_of_all_calls_at_once_are_not_to_be_had(world: World) -> None:
    async with await world.reader() as client:
        answer = await client.get("/api/events", params={"interim": "true"})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["query.interim"]


async def test_a_listener_at_another_replica_hears_them(database_url: str) -> None:
    call_id = new_id()
    async with replica(database_url, "desk") as desk, replica(database_url, "other") as other:
        with other.subscribe(call_id) as heard:
            await told_until_heard(desk, call_id, "where is my order", heard)
            assert heard.get_nowait().text == "where is my order"


async def test_while_nobody_looks_nothing_is_sent_to_anybody(database_url: str) -> None:
    call_id = new_id()
    async with (
        replica(database_url, "desk") as desk,
        replica(database_url, "other") as other,
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as spy,
    ):
        await spy.execute("LISTEN interim")
        with other.subscribe(new_id()):
            desk.tell(call_id, words("nobody looks at this"))
            notices = [json.loads(n.payload) async for n in spy.notifies(timeout=2 * PAUSE_SECONDS)]
    assert all("words" not in notice for notice in notices)


async def test_of_many_words_the_latest_arrive_and_few_at_a_time(world: World) -> None:
    call_id, desk = new_id(), LiveWords(world.database, "desk")
    running = asyncio.create_task(desk.run())
    async with asyncio.timeout(SOON_SECONDS):
        await desk.ready.wait()
        with desk.subscribe(call_id) as heard:
            for count in range(1, 101):
                desk.tell(call_id, words("x" * 3000 + str(count)))
                desk.tell(call_id, words(f"agent {count}", speaker=Speaker.AGENT))
                await asyncio.sleep(0)
            texts = [(await heard.get()).text]
            while texts[-1] != "agent 100":
                texts.append((await heard.get()).text)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(texts) <= 4
    assert texts[-2].endswith("x100")
    assert len(texts[-2]) == LONGEST_TEXT


async def test_rubbish_on_the_channel_stops_nobody(database_url: str) -> None:
    call_id = new_id()
    async with (
        replica(database_url, "desk") as desk,
        replica(database_url, "other") as other,
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as rude,
    ):
        for rubbish in ("{", "[]", "7", '{"from":"x","words":{}}', '{"from":"x","wants":7}'):
            await rude.execute("SELECT pg_notify('interim', %s)", (rubbish,))
        with other.subscribe(call_id) as heard:
            await told_until_heard(desk, call_id, "still here", heard)


async def test_a_stranger_gets_no_words(world: World) -> None:
    async with world.client() as client:
        answer: httpx.Response = await client.get("/api/events", params={"interim": "true", "call_id": new_id()})
    assert answer.status_code == 401
