import pytest

from tests.platform.api.world import ARRIVED, World

pytestmark = pytest.mark.postgres


async def test_a_timeline_has_exactly_the_contracts_shape(world: World) -> None:
    call_id = await world.call()
    stream_id = await world.event(
        call_id, 1, "call_arrived", at=ARRIVED, summary="The call arrived.", data={"trunk": "demo"}
    )
    await world.event(await world.call(), 1)
    async with await world.reader() as client:
        body = (await client.get(f"/api/calls/{call_id}/timeline")).json()
    event = {
        "seq": 1, "stream_id": stream_id, "type": "call_arrived", "at": "2026-11-20T17:42:00.123456Z",
        "actor": "system", "summary": "The call arrived.", "data": {"trunk": "demo"},
    }  # fmt: skip
    assert body == {"call_id": call_id, "events": [event], "next_cursor": None}


async def test_events_come_by_number_page_by_page(world: World) -> None:
    call_id = await world.call()
    for seq in (2, 1, 4, 3, 5):
        await world.event(call_id, seq)
    async with await world.reader() as client:
        first = (await client.get(f"/api/calls/{call_id}/timeline", params={"limit": 3})).json()
        rest = (await client.get(f"/api/calls/{call_id}/timeline", params={"cursor": first["next_cursor"]})).json()
    assert [event["seq"] for event in first["events"]] == [1, 2, 3]
    assert [event["seq"] for event in rest["events"]] == [4, 5]
    assert rest["next_cursor"] is None
