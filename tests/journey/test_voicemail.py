"""A caller leaves a message: whatever dies, what had come in is kept; silence is none; it is written down once."""

import pytest

from callcenter.journey.left import lost, said_goodbye
from callcenter.journey.voicemail import close_once
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire.messages import EndReason
from callcenter.records.voicemails import read
from callcenter.records.voicemails.loop import Scribe
from callcenter.records.voicemails.words import ENGLISH
from tests.journey.boxes import (
    GREETING,
    SILENCE,
    Model,
    at_the_box,
    due_now,
    left_by,
    messages,
    outcome,
    speaks,
    with_attendant,
)
from tests.journey.company import Company

pytestmark = pytest.mark.postgres


async def test_the_attendant_is_told_the_greeting_and_what_to_record(company: Company) -> None:
    _, _, plan = await at_the_box(company)
    assert plan.opening == GREETING
    assert plan.record is not None
    assert (plan.record.box, plan.record.max_seconds) == ("support", 60)
    assert not plan.then_end


async def test_parts_are_acknowledged_in_their_order_and_stored_once(company: Company) -> None:
    _, offer_id, _ = await at_the_box(company)
    assert await speaks(company, offer_id, 2) == 0, "the first is missing"
    assert [await speaks(company, offer_id, seq) for seq in (1, 2, 2, 1, 4, 3)] == [1, 2, 2, 2, 2, 3]
    assert await messages(company) == ["recording 3"]
    assert await company.ids("SELECT seq || ' ' || first_sample FROM voicemail_parts ORDER BY seq") == [
        "1 0", "2 8000", "3 16000",
    ]  # fmt: skip


async def test_an_agent_or_somebody_who_was_never_there_leaves_no_message(company: Company) -> None:
    _, offer_id, _ = await at_the_box(company)
    await company.sql("UPDATE offers SET accepted_at = NULL")
    assert await speaks(company, offer_id, 1) is None
    await company.sql("UPDATE offers SET accepted_at = clock_timestamp(), kind = 'agent'")
    assert await speaks(company, offer_id, 1) is None
    assert await speaks(company, OfferId("0199aaaa-0000-7000-8000-000000000000"), 1) is None
    assert await messages(company) == []


async def test_after_the_goodbye_the_outcome_is_voicemail_and_the_message_is_closed(company: Company) -> None:
    call_id, offer_id, _ = await at_the_box(company)
    await speaks(company, offer_id, 1)
    assert await close_once(company.j) == 0, "the caller speaks"
    assert await said_goodbye(company.j, offer_id, EndReason.MESSAGE_SAID)
    assert await outcome(company, call_id) == "voicemail"
    assert await close_once(company.j) == 1
    assert await messages(company) == ["stored 1"]
    assert (await company.events(call_id))[-1] == "voicemail_left"
    assert await close_once(company.j) == 0


async def test_a_caller_who_hangs_up_after_speaking_has_left_a_message(company: Company) -> None:
    call_id, offer_id, _ = await at_the_box(company)
    await speaks(company, offer_id, 1)
    assert await left_by(company, call_id)
    assert await outcome(company, call_id) == "voicemail"


async def test_silence_is_no_message_and_the_call_is_abandoned(company: Company) -> None:
    call_id, offer_id, _ = await at_the_box(company)
    await speaks(company, offer_id, 1, SILENCE)
    assert await said_goodbye(company.j, offer_id, EndReason.MESSAGE_SAID)
    assert await outcome(company, call_id) == "abandoned"
    await close_once(company.j)
    assert await messages(company) == ["empty 1"]
    async with company.j.db.transaction() as tx:
        assert await read.voicemails(tx, 10, None, None, None, None) == []
    assert "voicemail_left" not in await company.events(call_id)


async def test_when_the_attendant_dies_what_had_come_is_a_message_and_the_caller_is_asked_to_go_on(
    company: Company,
) -> None:
    call_id, offer_id, _ = await at_the_box(company)
    await speaks(company, offer_id, 1)
    assert await lost(company.j, offer_id, "killed", job_gone=True)
    assert await close_once(company.j) == 1
    await company.sql("DELETE FROM effects WHERE kind = 'remove'")
    second, plan = await with_attendant(company, call_id)
    assert plan.opening == ENGLISH.go_on
    assert plan.record is not None
    await speaks(company, second, 1)
    await said_goodbye(company.j, second, EndReason.MESSAGE_SAID)
    await close_once(company.j)
    assert await messages(company) == ["stored 1", "stored 1"]
    assert await outcome(company, call_id) == "voicemail"


async def test_parts_that_a_dead_attendant_left_on_its_disk_make_the_message_longer_and_it_is_written_down_again(
    company: Company,
) -> None:
    call_id, offer_id, _ = await at_the_box(company)
    await speaks(company, offer_id, 1)
    await lost(company.j, offer_id, "killed", job_gone=True)
    await left_by(company, call_id)
    await close_once(company.j)
    await due_now(company)
    assert await Scribe(company.j, Model("please")).write_once() == 1
    assert await speaks(company, offer_id, 2) == 2
    assert await messages(company) == ["stored 2"]
    await due_now(company)
    assert await Scribe(company.j, Model("please call")).write_once() == 1
    assert await company.ids("SELECT transcript FROM voicemails") == ["please call"]
    assert await company.ids("SELECT text FROM segments WHERE speaker = 'caller'") == ["please"], "evidence stays"


async def test_late_voice_makes_a_message_of_what_was_none(company: Company) -> None:
    call_id, offer_id, _ = await at_the_box(company)
    await speaks(company, offer_id, 1, SILENCE)
    await left_by(company, call_id)
    await close_once(company.j)
    assert await messages(company) == ["empty 1"]
    await speaks(company, offer_id, 2)
    assert await messages(company) == ["stored 2"]
