"""Every word is stored once, whole and in its order (I5)."""

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.journey.arrived import caller_left
from callcenter.journey.left import lost
from callcenter.journey.said import broke_off, said
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import Saying
from tests.journey.company import NOW, Company, segment

pytestmark = pytest.mark.postgres


async def test_i5_segments_have_no_gap_and_no_duplicate(company: Company) -> None:
    await company.worker()
    _, offer_id = await company.talking()
    assert [(await said(company.j, segment(offer_id, seq))).seq for seq in (1, 2, 2, 1)] == [1, 2, 2, 2]  # type: ignore[union-attr]
    gap = await said(company.j, segment(offer_id, 5))
    assert gap is not None
    assert gap.seq == 2
    own = await said(company.j, segment(offer_id, 1, "welcome", Speaker.AGENT))
    assert own is not None
    assert own.seq == 1, "each speaker is numbered apart"


def heard_so_far(text: str, seq: int = 1) -> Saying:
    return Saying(seq=seq, text=text, started_at=NOW, heard_at=NOW + timedelta(seconds=1))


async def test_i5_the_whole_sentence_replaces_what_was_heard_of_it_before(company: Company) -> None:
    await company.worker()
    call_id, offer_id = await company.talking()
    assert await broke_off(company.j, offer_id, heard_so_far("Where"))
    assert await broke_off(company.j, offer_id, heard_so_far("Where is"))
    rows = "SELECT seq || text || interrupted || unfinished FROM segments ORDER BY seq"
    assert await company.ids(rows) == ["1Where istruetrue"]
    whole = await said(company.j, segment(offer_id, 1, "Where is it?", Speaker.AGENT))
    assert whole is not None
    assert whole.seq == 1
    assert await company.ids(rows) == ["1Where is it?falsefalse"]
    assert not await broke_off(company.j, offer_id, heard_so_far("Where is"))
    assert await company.ids(rows) == ["1Where is it?falsefalse"], "in this order too"
    assert (await company.events(call_id)).count("segment_stored") == 3


async def test_i5_what_was_heard_of_a_sentence_waits_for_those_before_it_that_come_late(company: Company) -> None:
    await company.worker()
    call_id, offer_id = await company.talking()
    await broke_off(company.j, offer_id, heard_so_far("and fou", seq=3))
    await lost(company.j, offer_id, "its connection is closed")
    numbers = [await said(company.j, segment(offer_id, seq, f"word {seq}", Speaker.AGENT)) for seq in (1, 2)]
    assert [answer.seq for answer in numbers if answer] == [1, 2]
    assert await company.ids("SELECT text FROM segments ORDER BY seq") == ["word 1", "word 2", "and fou"]
    assert (await company.events(call_id))[-1] == "segment_stored"


async def test_i5_a_number_that_comes_again_with_another_text_changes_nothing(
    company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    await company.worker()
    _, offer_id = await company.talking()
    await said(company.j, segment(offer_id, 1, "first"))
    await said(company.j, segment(offer_id, 1, "first"))
    assert caplog.records == []
    again = await said(company.j, segment(offer_id, 1, "second"))
    assert again is not None
    assert again.seq == 1
    assert await company.ids("SELECT text FROM segments") == ["first"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "second" not in caplog.text


async def test_a_segments_times_are_kept_between_the_calls_arrival_and_now(company: Company) -> None:
    await company.worker()
    _, offer_id = await company.talking()
    odd = segment(offer_id, 1).model_copy(
        update={"started_at": datetime(9998, 1, 1, tzinfo=UTC), "ended_at": NOW - timedelta(days=9)}
    )
    assert await said(company.j, odd) is not None
    within = "BETWEEN c.arrived_at AND clock_timestamp()"
    assert await company.ids(
        f"SELECT count(*) FROM segments s JOIN calls c ON c.id = s.call_id "
        f"WHERE s.started_at {within} AND s.ended_at {within}"
    ) == ["1"]


async def test_i5_a_word_that_arrives_after_the_end_is_stored(company: Company) -> None:
    await company.worker()
    call_id, offer_id = await company.talking()
    await caller_left(company.j, (await company.row(call_id))["room"])
    late = await said(company.j, segment(offer_id, 1, "bye"))
    assert late is not None
    assert late.seq == 1
