"""What becomes of a message: written down, read, deleted."""

from functools import partial

import numpy as np
import pytest

from callcenter.journey.left import said_goodbye
from callcenter.journey.voicemail import close_once
from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.platform.wire.messages import EndReason
from callcenter.platform.wire.telephone import RATE, from_ulaw
from callcenter.records.voicemails import read, store
from callcenter.records.voicemails.loop import Scribe
from callcenter.records.voicemails.rules import PIECE_SECONDS, RETRY_SECONDS
from tests.journey.boxes import TONE, Model, at_the_box, due_now, left_by, messages, outcome, speaks
from tests.journey.company import Company

pytestmark = pytest.mark.postgres


async def test_a_message_is_written_down_and_is_the_callers_words(company: Company) -> None:
    call_id, offer_id, _ = await at_the_box(company)
    await speaks(company, offer_id, 1)
    await speaks(company, offer_id, 2, TONE[: RATE // 2])
    await said_goodbye(company.j, offer_id, EndReason.MESSAGE_SAID)
    await close_once(company.j)
    model = Model()
    scribe = Scribe(company.j, model)
    assert await scribe.write_once() == 0, "a last part may still come"
    await due_now(company)
    async with company.j.db.transaction() as tx:
        assert await read.to_be_transcribed(tx, call_id)
    assert await scribe.write_once() == 1
    assert model.asked == [(44 + 2 * 12_000, "gpt-4o-mini-transcribe", "en")]
    assert await company.ids("SELECT state || ': ' || transcript FROM voicemails") == [
        "transcribed: please call me back"
    ]
    assert await company.ids("SELECT speaker || ' ' || seq || ' ' || text FROM segments WHERE speaker = 'caller'") == [
        "caller 1 please call me back"
    ]
    assert (await company.events(call_id))[-1] == "voicemail_transcribed"
    async with company.j.db.transaction() as tx:
        assert not await read.to_be_transcribed(tx, call_id)
    assert await scribe.write_once() == 0


async def test_a_model_that_fails_is_asked_again_and_in_the_end_the_message_can_still_be_heard(
    company: Company,
) -> None:
    _, offer_id, _ = await at_the_box(company)
    await speaks(company, offer_id, 1)
    await said_goodbye(company.j, offer_id, EndReason.MESSAGE_SAID)
    await close_once(company.j)
    scribe = Scribe(company.j, Model(failures=100))
    for wait in RETRY_SECONDS:
        await due_now(company)
        assert await scribe.write_once() == 0
        seconds = await company.ids("SELECT round(extract(epoch FROM due_at - clock_timestamp())) FROM voicemails")
        assert float(seconds[0]) == pytest.approx(wait, abs=2)
    await due_now(company)
    await scribe.write_once()
    assert await company.ids("SELECT state || ' ' || error FROM voicemails") == ["failed APITimeoutError"]
    await due_now(company)
    assert await scribe.write_once() == 0


async def test_what_comes_while_the_model_listens_is_written_down_as_well(company: Company) -> None:
    call_id, offer_id, _ = await at_the_box(company)
    await speaks(company, offer_id, 1)
    await left_by(company, call_id)
    await close_once(company.j)
    await due_now(company)

    class Slow(Model):
        async def text_of(self, wav: bytes, endpoint: ModelEndpoint, language: str | None) -> str:
            await speaks(company, offer_id, 2)
            return await super().text_of(wav, endpoint, language)

    assert await Scribe(company.j, Slow("half")).write_once() == 0
    assert await messages(company) == ["stored 2"]


async def test_a_long_message_is_sent_to_the_model_in_pieces_it_takes(company: Company) -> None:
    _, offer_id, _ = await at_the_box(company)
    await speaks(company, offer_id, 1)
    await company.sql(
        "INSERT INTO voicemail_parts SELECT v.id, n, (n - 1) * 8000, p.audio FROM voicemails v,"
        " voicemail_parts p, generate_series(2, 601) n"
    )
    await company.sql("UPDATE voicemails SET parts = 601, samples = 601 * 8000")
    await said_goodbye(company.j, offer_id, EndReason.MESSAGE_SAID)
    await close_once(company.j)
    await due_now(company)
    model = Model("word")
    assert await Scribe(company.j, model).write_once() == 1
    assert [asked[0] for asked in model.asked] == [44 + 16_000 * PIECE_SECONDS, 44 + 16_000]
    assert await company.ids("SELECT transcript FROM voicemails") == ["word word"]


async def test_any_stretch_of_a_message_can_be_read(company: Company) -> None:
    _, offer_id, _ = await at_the_box(company)
    for seq in (1, 2, 3):
        await speaks(company, offer_id, seq, np.full(RATE, seq * 1000, dtype=np.int16))
    (voicemail_id,) = await company.ids("SELECT id FROM voicemails")
    async with company.j.db.transaction() as tx:
        sound = partial(read.sound, tx, voicemail_id)
        middle = from_ulaw(await sound(7_999, 8_002))
        assert (len(middle), len(await sound(23_999, 100)), len(await sound(24_000, 1))) == (8_002, 1, 0)
    assert [round(float(level), -2) for level in (middle[0], middle[1], middle[-1])] == [1000, 2000, 3000]


async def test_old_messages_are_deleted_with_their_sound_and_silence_after_a_day(company: Company) -> None:
    call_id, offer_id, _ = await at_the_box(company)
    await speaks(company, offer_id, 1)
    await left_by(company, call_id)
    await company.sql("UPDATE voicemails SET started_at = clock_timestamp() - interval '91 days'")

    async def forget(days: int) -> int:
        async with company.j.db.transaction() as tx:
            return await store.forget_old(tx, days)

    assert await forget(90) == 0, "it is being recorded"
    await close_once(company.j)
    assert [await forget(days) for days in (0, 92)] == [0, 0]
    assert await forget(90) == 1
    assert await company.ids("SELECT seq FROM voicemail_parts") == []
    assert await outcome(company, call_id) == "voicemail"
