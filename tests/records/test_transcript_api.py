from datetime import UTC, datetime, timedelta

import pytest

from callcenter.records.transcripts.rules import call_ms
from callcenter.stages.offers.read import LEFTOVER_GRACE_SECONDS
from tests.platform.api.world import ARRIVED, World

ANSWERED = ARRIVED + timedelta(seconds=2)


@pytest.mark.pure
def test_milliseconds_count_from_the_answer_and_never_below_zero() -> None:
    assert call_ms(ANSWERED + timedelta(milliseconds=1840), ANSWERED, ARRIVED) == 1840
    assert call_ms(ANSWERED - timedelta(seconds=1), ANSWERED, ARRIVED) == 0
    assert call_ms(ARRIVED + timedelta(milliseconds=500), None, ARRIVED) == 500


@pytest.mark.postgres
async def test_a_transcript_has_exactly_the_contracts_shape(world: World) -> None:
    call_id = await world.call(state="talking", answered_at=ANSWERED)
    offer_id, leg_id = await world.offer(call_id), await world.leg(call_id)
    began, stored = ANSWERED + timedelta(milliseconds=1840), ANSWERED + timedelta(seconds=4)
    segment_id = await world.segment(
        call_id, offer_id, leg_id, text="Where is my order?", started_at=began,
        ended_at=ANSWERED + timedelta(milliseconds=3120), stored_at=stored,
    )  # fmt: skip
    async with await world.reader() as client:
        body = (await client.get(f"/api/calls/{call_id}/transcript")).json()
    segment = {
        "id": segment_id, "offer_id": offer_id, "leg_id": leg_id, "seq": 1, "speaker": "caller",
        "text": "Where is my order?", "start_ms": 1840, "end_ms": 3120, "interrupted": False, "language": "en",
        "stored_at": "2026-11-20T17:42:06.123456Z",
    }  # fmt: skip
    assert body == {"call_id": call_id, "complete": False, "segments": [segment], "next_cursor": None}


@pytest.mark.postgres
async def test_segments_come_in_the_order_of_speaking_and_page_by_page(world: World) -> None:
    call_id = await world.call()
    offer_id = await world.offer(call_id)
    caller, agent = await world.leg(call_id), await world.leg(call_id, "agent")
    for seq in (3, 1, 2):
        await world.segment(call_id, offer_id, caller, seq, text=f"caller {seq}")
        later = ARRIVED + timedelta(seconds=seq, milliseconds=500)
        await world.segment(call_id, offer_id, agent, seq, speaker="agent", text=f"agent {seq}", started_at=later)
    texts, cursor = [], None
    async with await world.reader() as client:
        while True:
            query = {"limit": "4"} | ({"cursor": cursor} if cursor else {})
            body = (await client.get(f"/api/calls/{call_id}/transcript", params=query)).json()
            texts += [segment["text"] for segment in body["segments"]]
            if (cursor := body["next_cursor"]) is None:
                break
    assert texts == ["caller 1", "agent 1", "caller 2", "agent 2", "caller 3", "agent 3"]


@pytest.mark.postgres
async def test_a_transcript_is_complete_when_the_call_has_ended_and_every_job_is_gone(world: World) -> None:
    call_id = await world.ended_call()
    released = await world.offer(call_id, state="ended", released_at=ARRIVED)
    held = await world.offer(call_id, kind="attendant", worker="attendant-1")
    other = await world.offer(await world.call(), worker="agent-2")
    assert released != held != other

    async with await world.reader() as client:

        async def complete() -> bool:
            return bool((await client.get(f"/api/calls/{call_id}/transcript")).json()["complete"])

        assert not await complete()
        await world.run("UPDATE offers SET released_at = now() WHERE id = :held", held=held)
        assert await complete()


@pytest.mark.postgres
async def test_a_transcript_is_not_complete_while_a_lost_jobs_words_may_still_come(world: World) -> None:
    call_id = await world.ended_call()
    lately, long_ago = datetime.now(UTC), datetime.now(UTC) - timedelta(seconds=LEFTOVER_GRACE_SECONDS)
    lost = await world.offer(call_id, state="lost", released_at=lately)
    async with await world.reader() as client:
        assert (await client.get(f"/api/calls/{call_id}/transcript")).json()["complete"] is False
        await world.run("UPDATE offers SET released_at = :at WHERE id = :lost", at=long_ago, lost=lost)
        assert (await client.get(f"/api/calls/{call_id}/transcript")).json()["complete"] is True


@pytest.mark.postgres
async def test_a_live_call_without_offers_is_not_complete(world: World) -> None:
    call_id = await world.call()
    async with await world.reader() as client:
        assert (await client.get(f"/api/calls/{call_id}/transcript")).json()["complete"] is False
