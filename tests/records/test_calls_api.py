import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.platform.api.world import ARRIVED, World

pytestmark = pytest.mark.postgres


async def listed(client: httpx.AsyncClient, **query: Any) -> list[str]:
    answer = await client.get("/api/calls", params=query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def pages(client: httpx.AsyncClient, limit: int) -> list[list[str]]:
    found, cursor = [], None
    while True:
        query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        body = (await client.get("/api/calls", params=query)).json()
        found.append([item["id"] for item in body["items"]])
        cursor = body["next_cursor"]
        if cursor is None:
            return found


async def test_a_call_has_exactly_the_contracts_shape(world: World) -> None:
    answered, ended = ARRIVED + timedelta(seconds=2), ARRIVED + timedelta(seconds=62)
    call_id = await world.ended_call(
        sip_call_id="abc@phone", answered_at=answered, queue="support", profile="shop", rule="Main line",
        rule_set_version=3, trace=["1. Main line: the number is +15550100"], ended_at=ended,
    )  # fmt: skip
    leg_id = await world.leg(call_id, identity="sip_1", left_at=ended)
    offer_id = await world.offer(call_id, state="ended", ended_at=ended, released_at=ended)
    async with await world.reader() as client:
        body = (await client.get(f"/api/calls/{call_id}")).json()
    assert body == {
        "id": call_id, "sip_call_id": "abc@phone", "channel": "sip", "direction": "inbound", "from": "+15550111",
        "to": "+15550100", "trunk": "demo", "room": f"room-{call_id}", "state": "ended", "lead": "none",
        "lead_epoch": 0, "queue": "support", "profile": "shop", "profile_version": None, "priority": 0,
        "routing": {"rule_set_version": 3, "rule": "Main line", "trace": ["1. Main line: the number is +15550100"]},
        "arrived_at": "2026-11-20T17:42:00.123456Z", "answered_at": "2026-11-20T17:42:02.123456Z",
        "ended_at": "2026-11-20T17:43:02.123456Z", "outcome": "completed", "ended_by": "caller",
        "legs": [{"id": leg_id, "kind": "caller", "identity": "sip_1", "joined_at": "2026-11-20T17:42:00.123456Z",
                  "left_at": "2026-11-20T17:43:02.123456Z"}],
        "offers": [{"id": offer_id, "kind": "agent", "worker": "agent-1", "state": "ended",
                    "offered_at": "2026-11-20T17:42:00.123456Z", "accepted_at": "2026-11-20T17:42:01.123456Z",
                    "ended_at": "2026-11-20T17:43:02.123456Z"}],
        "escalations": [],
    }  # fmt: skip


async def test_a_call_that_has_just_arrived_says_null_for_what_is_not_known(world: World) -> None:
    call_id = await world.call()
    async with await world.reader() as client:
        body = (await client.get("/api/calls")).json()
    (item,) = body["items"]
    assert body["next_cursor"] is None
    assert item["id"] == call_id
    unknown = ("answered_at", "ended_at", "outcome", "ended_by", "queue", "profile")
    assert [item[name] for name in unknown] == [None] * 6
    assert item["routing"] == {"rule_set_version": None, "rule": None, "trace": []}
    assert item["legs"] == item["offers"] == item["escalations"] == []


async def test_calls_are_found_by_their_sip_call_id(world: World) -> None:
    wanted = await world.call(sip_call_id="1-23@10.0.0.1")
    await world.call(sip_call_id="1-23@10.0.0.10")
    async with await world.reader() as client:
        assert await listed(client, sip_call_id="1-23@10.0.0.1") == [wanted]
        assert await listed(client, sip_call_id="1-23@10.0.0.") == []
        assert await listed(client, sip_call_id="%' OR '1'='1") == []


async def test_calls_are_filtered_by_state(world: World) -> None:
    made = {
        state: await world.call(state=state, arrived_at=ARRIVED + timedelta(seconds=n))
        for n, state in enumerate(("ringing", "waiting", "talking"))
    }
    made["ended"] = await world.ended_call(arrived_at=ARRIVED - timedelta(seconds=1))
    async with await world.reader() as client:
        assert await listed(client, state="live") == [made["talking"], made["waiting"], made["ringing"]]
        assert await listed(client, state="ended") == [made["ended"]]
        assert await listed(client, state=["ended", "waiting"]) == [made["waiting"], made["ended"]]
        assert await listed(client, state=["live", "ended"]) == [
            made[state] for state in ("talking", "waiting", "ringing", "ended")
        ]


async def test_each_call_has_its_own_legs_and_offers(world: World) -> None:
    first, second = await world.call(), await world.call()
    legs = {call: await world.leg(call) for call in (first, second)}
    offers = {call: await world.offer(call) for call in (first, second)}
    async with await world.reader() as client:
        items = (await client.get("/api/calls")).json()["items"]
    assert {item["id"]: [leg["id"] for leg in item["legs"]] for item in items} == {c: [legs[c]] for c in legs}
    assert {item["id"]: [offer["id"] for offer in item["offers"]] for item in items} == {c: [offers[c]] for c in offers}


async def test_pages_hold_every_call_once_even_of_the_same_microsecond(world: World) -> None:
    made = [await world.call(arrived_at=ARRIVED + timedelta(microseconds=n // 3)) for n in range(10)]
    async with await world.reader() as client:
        found = await pages(client, 4)
    assert [len(page) for page in found] == [4, 4, 2]
    arrived = {call: ARRIVED + timedelta(microseconds=n // 3) for n, call in enumerate(made)}
    assert [call for page in found for call in page] == sorted(
        made, key=lambda call: (arrived[call], UUID(call)), reverse=True
    )


async def test_calls_that_arrive_while_paging_shift_nothing(world: World) -> None:
    made = [await world.call(arrived_at=ARRIVED + timedelta(seconds=n)) for n in range(9)]
    arriving = asyncio.Event()

    async def keep_arriving() -> int:
        count = 0
        while not arriving.is_set():
            await world.call(arrived_at=datetime.now(UTC))
            count += 1
        return count

    async with await world.reader() as client:
        cursor = (await client.get("/api/calls", params={"limit": 2})).json()["next_cursor"]
        arrivals = asyncio.create_task(keep_arriving())
        seen: list[str] = []
        while cursor:
            body = (await client.get("/api/calls", params={"limit": 2, "cursor": cursor})).json()
            seen += [item["id"] for item in body["items"]]
            cursor = body["next_cursor"]
        arriving.set()
    assert await arrivals > 0
    assert seen == made[-3::-1]
