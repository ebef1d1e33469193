"""The live stream: in commit order, nothing lost, resumable, and closed with the credential that opened it."""

import asyncio

import httpx
import pytest
import sqlalchemy as sa

from callcenter.platform.events import api, feed
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import Invalid
from callcenter.records.timeline.model import TimelineEvent
from callcenter.records.timeline.read import START, Position, position_of
from callcenter.records.timeline.read import stream as stream_of
from tests.platform.api.world import ARRIVED, World
from tests.platform.events.listening import listening


async def add(tx: Tx, call_id: str, seq: int) -> int:
    row = {"call_id": call_id, "seq": seq, "type": "call_routed", "actor": "system", "summary": f"event {seq}"}
    return int(await tx.scalar(sa.insert(TimelineEvent).values(row).returning(TimelineEvent.stream_id)))


@pytest.mark.pure
def test_an_event_id_is_a_place_of_the_stream_or_a_number_of_the_timeline() -> None:
    assert api.parse_event_id("812-412") == Position(812, 412)
    assert api.parse_event_id("412") == 412


@pytest.mark.pure
@pytest.mark.parametrize("wrong", ["x", "-1", "1-", "1-2-3", "9" * 19, "1e3", "٣", "1-" + "9" * 19])
def test_any_other_event_id_is_refused(wrong: str) -> None:
    with pytest.raises(Invalid):
        api.parse_event_id(wrong)


@pytest.mark.postgres
async def test_an_event_is_its_timelines_and_names_its_call(world: World, url: str, key: dict[str, str]) -> None:
    call_id = await world.call()
    async with listening(url, key) as stream:
        stream_id = await world.event(call_id, 1, at=ARRIVED, data={"queue": "support"})
        message = await stream.event()
    assert message.event == "timeline"
    assert message.id.endswith(f"-{stream_id}")
    assert message.data == {
        "seq": 1, "stream_id": stream_id, "type": "call_routed", "at": "2026-11-20T17:42:00.123456Z",
        "actor": "system", "summary": "event 1", "data": {"queue": "support"}, "call_id": call_id,
    }  # fmt: skip
    assert stream.answer.headers["content-type"].startswith("text/event-stream")
    assert stream.answer.headers["cache-control"] == "no-store"


@pytest.mark.postgres
async def test_what_commits_late_with_an_earlier_number_is_not_lost(world: World) -> None:
    slow, fast = await world.call(), await world.call()
    stream = feed.Feed(world.database)
    await stream.run_once()
    following = stream.follow(None)
    first = asyncio.create_task(anext(following))
    await asyncio.sleep(0)  # lets the follower subscribe
    async with world.database.transaction() as tx:
        early = await add(tx, slow, 1)
        late = await world.event(fast, 2)
        await world.event(fast, 3)
        assert early < late
        await stream.run_once()
    async with asyncio.timeout(20):
        handed_out = 0
        while handed_out < 3:
            handed_out += await stream.run_once()
        seen = [await first, await anext(following), await anext(following)]
    assert sorted(row["summary"] for row in seen) == ["event 1", "event 2", "event 3"]
    await following.aclose()


@pytest.mark.postgres
async def test_a_reader_that_resumes_loses_nothing_that_was_uncommitted_when_it_left(
    world: World, url: str, key: dict[str, str]
) -> None:
    slow, fast = await world.call(), await world.call()
    await world.event(fast, 1)
    last, seen = START, []
    async with world.database.transaction() as tx:
        await add(tx, slow, 2)
        await world.event(fast, 3)
        async with world.database.transaction() as reading:
            for row in await stream_of(reading, last, 100):
                last = position_of(row)
                seen.append(row["summary"])
    async with listening(url, key | {"Last-Event-ID": str(last)}) as stream:
        seen += await stream.summaries(3 - len(seen))
    assert sorted(seen) == ["event 1", "event 2", "event 3"]


@pytest.mark.postgres
async def test_a_transaction_that_rolls_back_is_never_seen(world: World, url: str, key: dict[str, str]) -> None:
    call_id = await world.call()
    async with listening(url, key) as stream:
        async with world.database.transaction() as tx:
            await add(tx, call_id, 1)
            await tx.connection.rollback()
        await world.event(call_id, 2)
        assert await stream.summaries(1) == ["event 2"]


@pytest.mark.postgres
async def test_every_event_comes_once_through_any_number_of_reconnections(
    world: World, url: str, key: dict[str, str]
) -> None:
    call_id = await world.call()

    async def write() -> None:
        for seq in range(1, 41):
            await world.event(call_id, seq)

    writing = asyncio.create_task(write())
    seen: list[int] = []
    last = "0"
    while len(seen) < 40:
        async with listening(url, key | {"Last-Event-ID": last}) as stream:
            for _ in range(min(7, 40 - len(seen))):
                message = await stream.event()
                seen.append(message.data["seq"])
                last = message.id
    await writing
    assert seen == list(range(1, 41))


@pytest.mark.postgres
async def test_a_plain_stream_id_resumes_after_that_event(world: World, url: str, key: dict[str, str]) -> None:
    call_id = await world.call()
    ids = [await world.event(call_id, seq) for seq in (1, 2, 3)]
    async with listening(url, key | {"Last-Event-ID": str(ids[0])}) as stream:
        assert await stream.summaries(2) == ["event 2", "event 3"]


@pytest.mark.postgres
async def test_one_calls_events_can_be_asked_for_alone(world: World, url: str, key: dict[str, str]) -> None:
    wanted, other = await world.call(), await world.call()
    await world.event(other, 1)
    await world.event(wanted, 2)
    async with listening(url, key | {"Last-Event-ID": "0"}, call_id=wanted) as stream:
        assert await stream.summaries(1) == ["event 2"]
        await world.event(other, 3)
        await world.event(wanted, 4)
        assert await stream.summaries(1) == ["event 4"]


@pytest.mark.postgres
async def test_a_place_from_before_a_restore_says_read_anew(world: World, url: str, key: dict[str, str]) -> None:
    call_id = await world.call()
    async with listening(url, key | {"Last-Event-ID": "900000000000-1"}) as stream:
        assert (await stream.event()).event == "reset"
        await world.event(call_id, 1)
        assert await stream.summaries(1) == ["event 1"]


@pytest.mark.postgres
async def test_a_place_that_is_none_is_refused_before_the_stream_begins(
    world: World, url: str, key: dict[str, str]
) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{url}/api/events", headers=key | {"Last-Event-ID": "yesterday"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "header.Last-Event-ID"


@pytest.mark.postgres
async def test_a_client_that_falls_behind_is_caught_up_from_the_database(world: World) -> None:
    stream = feed.Feed(world.database, backlog=3)
    await stream.run_once()
    call_id = await world.call()
    following = stream.follow(None)
    first = asyncio.create_task(anext(following))
    await asyncio.sleep(0)  # lets the follower subscribe
    (subscription,) = stream.subscriptions
    await world.event(call_id, 1)
    await stream.run_once()
    assert (await first)["seq"] == 1
    for seq in range(2, 31):
        await world.event(call_id, seq)
    await stream.run_once()
    assert subscription.overflowed
    async with asyncio.timeout(20):
        assert [(await anext(following))["seq"] for _ in range(29)] == list(range(2, 31))
    await following.aclose()
    assert not stream.subscriptions


@pytest.mark.postgres
async def test_a_notification_brings_an_event_before_the_next_poll(world: World) -> None:
    slow = feed.Feed(world.database, poll_seconds=3600)
    running = asyncio.create_task(slow.run())
    await asyncio.wait_for(slow.ready.wait(), 20)
    call_id = await world.call()
    following = slow.follow(None)
    event = asyncio.create_task(anext(following))
    await world.event(call_id, 1)
    async with asyncio.timeout(20):
        while not event.done():
            await world.run("SELECT pg_notify('timeline', '')")
    assert event.result()["seq"] == 1
    await following.aclose()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
