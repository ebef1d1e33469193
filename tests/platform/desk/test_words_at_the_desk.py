"""Words at the desk: what a dead process left, and what was heard of a sentence that broke off."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import websockets

from callcenter.journey.arrived import caller_left
from callcenter.platform.api.invariants import I5
from callcenter.platform.desk.desk import POLICY_VIOLATION
from callcenter.platform.plumbing.ids import new_id
from callcenter.platform.plumbing.tokens import JobTokens
from callcenter.platform.wire.base import SeatKind, Speaker
from callcenter.platform.wire.messages import Ack, Claim, Claimed, EndCall, EndReason, Interim, JobBeat, Saying, Take
from callcenter.platform.wire.voicemail import PartAck, VoicemailPart
from tests.platform.desk.conftest import SECRET, OpenDesk
from tests.platform.desk.conversation import claimed, segment, until

pytestmark = pytest.mark.postgres


def saying(seq: int, text: str) -> Saying:
    now = datetime.now(UTC)
    return Saying(seq=seq, text=text, started_at=now - timedelta(seconds=1), heard_at=now)


async def test_i5_what_a_dead_process_left_is_taken_after_the_end_and_shows_nobody_alive(desk: OpenDesk) -> None:
    await desk.worker()
    call_id, offer_id, job = await claimed(desk)
    await job.send(segment(offer_id, 1))
    await job.hear()
    await caller_left(desk.company.j, (await desk.company.row(call_id))["room"])
    await job.drop()
    late = JobTokens(SECRET, -3600).sign(call_id, offer_id)
    with pytest.raises(websockets.InvalidStatus):
        await desk.connect("job", late)
    heir = await desk.connect("replay", late)
    for seq in (1, 2):
        await heir.send(segment(offer_id, seq))
        answer = await heir.hear()
        assert isinstance(answer, Ack)
        assert answer.seq == seq
    assert await desk.company.ids("SELECT seq FROM segments ORDER BY seq") == ["1", "2"]
    assert await desk.company.ids("SELECT detail FROM (" + I5.sql + ") AS found") == []


async def test_what_a_dead_process_left_keeps_no_job_alive_and_commands_nothing(desk: OpenDesk) -> None:
    await desk.worker()
    call_id, offer_id, job = await claimed(desk)
    await job.drop()
    heir = await desk.connect("replay", desk.tokens.sign(call_id, offer_id))
    await heir.send(EndCall(offer_id=offer_id, reason=EndReason.GOODBYE))
    await heir.send(JobBeat(offer_id=offer_id))

    async def is_lost() -> bool:
        await heir.send(JobBeat(offer_id=offer_id))
        return bool((await desk.company.offer_row(offer_id))["state"] == "lost")

    await until(is_lost)
    assert (await desk.company.row(call_id))["state"] != "ended"


async def test_the_sound_that_a_dead_attendant_left_is_taken_even_after_the_call(desk: OpenDesk) -> None:
    attendant = await desk.worker(SeatKind.ATTENDANT, name="attendant-1")
    await desk.company.call("+15550199")
    assert await desk.company.move() == 1
    take = await attendant.hear()
    assert isinstance(take, Take)
    await attendant.send(Claim(offer_id=take.offer_id, pid=8))
    assert isinstance(await attendant.hear(), Claimed)
    await desk.company.sql("UPDATE offers SET state = 'lost', ended_at = clock_timestamp()")
    heir = await desk.connect("replay", take.desk_token)
    for seq in (2, 1, 2):
        now, sound = datetime.now(UTC), b"\x10" * 8000
        await heir.send(VoicemailPart(offer_id=take.offer_id, seq=seq, box="support", started_at=now, audio=sound))
    answers = [await heir.hear() for _ in range(3)]
    assert answers == [PartAck(offer_id=take.offer_id, seq=seq) for seq in (0, 1, 2)]
    assert await desk.company.ids("SELECT seq FROM voicemail_parts ORDER BY seq") == ["1", "2"]


async def test_words_of_an_offer_that_is_not_known_any_more_are_turned_away(desk: OpenDesk) -> None:
    stranger = await desk.connect("replay", desk.tokens.sign(new_id(), new_id()))
    with pytest.raises(websockets.ConnectionClosed) as closed:
        await stranger.hear()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == POLICY_VIOLATION


async def test_an_attendant_gets_a_token_for_what_it_may_leave(desk: OpenDesk) -> None:
    attendant = await desk.worker(SeatKind.ATTENDANT, name="attendant-1")
    await desk.company.call("+15550199")
    assert await desk.company.move() == 1
    take = await attendant.hear()
    assert isinstance(take, Take)
    assert desk.tokens.offer_of(take.desk_token) == take.offer_id


async def test_what_was_heard_of_a_sentence_is_stored_when_its_agent_vanishes(desk: OpenDesk) -> None:
    await desk.worker(seats=2)
    call_id, offer_id, job = await claimed(desk)
    for text in ("Hello, this", "Hello, this is the"):
        await job.send(JobBeat(offer_id=offer_id, saying=saying(1, text)))
    await job.send(JobBeat(offer_id=offer_id))
    await job.drop()

    async def is_lost() -> bool:
        return bool((await desk.company.offer_row(offer_id))["state"] == "lost")

    await until(is_lost)
    assert await desk.company.ids("SELECT text FROM segments WHERE interrupted AND unfinished") == [
        "Hello, this is the"
    ]
    assert await desk.company.move() == 1
    _, answer = await desk.company.claim(call_id)
    assert isinstance(answer, Claimed)
    assert answer.agent is not None
    assert [turn.text for turn in answer.agent.history] == ["Hello, this is the"]


async def test_an_agent_that_hangs_and_comes_back_has_said_its_sentence_once(desk: OpenDesk) -> None:
    await desk.worker()
    _, offer_id, job = await claimed(desk)
    await job.send(JobBeat(offer_id=offer_id, saying=saying(1, "Hello, this")))

    async def stored() -> bool:
        return await desk.company.ids("SELECT text FROM segments WHERE unfinished") == ["Hello, this"]

    await until(stored)
    whole = segment(offer_id, 1).model_copy(update={"speaker": Speaker.AGENT, "text": "Hello, this is the shop."})
    await job.send(whole)
    assert isinstance(await job.hear(), Ack)
    assert await desk.company.ids("SELECT text || unfinished FROM segments") == ["Hello, this is the shop.false"]


async def test_a_word_with_a_nul_character_is_stored_without_it_and_blocks_nothing(desk: OpenDesk) -> None:
    await desk.worker()
    _, offer_id, job = await claimed(desk)
    await job.send(segment(offer_id, 1).model_copy(update={"text": "hel\x00lo"}))
    assert isinstance(await job.hear(), Ack)
    assert await desk.company.ids("SELECT text FROM segments") == ["hello"]


async def test_what_a_job_hears_and_says_meanwhile_is_passed_on_with_its_call_and_not_stored(desk: OpenDesk) -> None:
    await desk.worker()
    call_id, offer_id, job = await claimed(desk)
    await job.send(Interim(offer_id=offer_id, speaker=Speaker.CALLER, seq=2, text="where is"))
    await job.send(Interim(offer_id=new_id(), speaker=Speaker.CALLER, seq=2, text="of somebody else's call"))
    await job.send(JobBeat(offer_id=offer_id, saying=saying(4, "Your order")))
    async with asyncio.timeout(5):
        heard = [await desk.mentioned.get() for _ in range(2)]
    assert [(call, words.speaker, words.seq, words.text) for call, words in heard] == [
        (call_id, Speaker.CALLER, 2, "where is"), (call_id, Speaker.AGENT, 4, "Your order"),
    ]  # fmt: skip
    assert await desk.company.ids("SELECT id FROM segments") == []
