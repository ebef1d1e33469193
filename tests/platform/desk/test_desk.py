"""Workers and jobs at the desk, over real WebSockets."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import websockets

from callcenter.journey.arrived import caller_left
from callcenter.platform.api.invariants import I5
from callcenter.platform.desk.desk import POLICY_VIOLATION
from callcenter.platform.desk.watch import WORKER_CLOSED_SECONDS
from callcenter.platform.plumbing.ids import CallId, OfferId, new_id
from callcenter.platform.plumbing.tokens import JobTokens
from callcenter.platform.wire.base import SeatKind, Speaker
from callcenter.platform.wire.messages import (
    Ack,
    Claim,
    Claimed,
    Drain,
    EndCall,
    EndReason,
    JobBeat,
    Leave,
    Left,
    Register,
    RunningJob,
    Saying,
    Segment,
    Take,
    ToolCall,
    ToolResult,
    WorkerBeat,
)
from tests.platform.desk.conftest import CLOSED_SECONDS, SECRET, SILENT_SECONDS, Line, OpenDesk

pytestmark = pytest.mark.postgres


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 5.0) -> None:
    """Wait for something that happens in the database."""
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.02)


async def claimed(desk: OpenDesk) -> tuple[CallId, OfferId, Line]:
    """A call whose job has claimed it at the desk."""
    call_id = await desk.company.call()
    assert await desk.company.move() == 1
    offer_id = await desk.company.offer(call_id)
    job = await desk.job(call_id, offer_id)
    await job.send(Claim(offer_id=offer_id, pid=8))
    assert isinstance(await job.hear(), Claimed)
    return call_id, offer_id, job


def saying(seq: int, text: str) -> Saying:
    now = datetime.now(UTC)
    return Saying(seq=seq, text=text, started_at=now - timedelta(seconds=1), heard_at=now)


def segment(offer_id: str, seq: int) -> Segment:
    now = datetime.now(UTC)
    return Segment(offer_id=offer_id, speaker=Speaker.CALLER, seq=seq, text="hello", started_at=now, ended_at=now)


async def test_a_job_claims_speaks_uses_a_tool_and_says_goodbye(desk: OpenDesk) -> None:
    await desk.worker()
    call_id, offer_id, job = await claimed(desk)
    assert ("grant", (await desk.company.row(call_id))["room"], f"agent-{offer_id}") in desk.company.rooms.done
    for seq in (1, 2):
        await job.send(segment(offer_id, seq))
        answer = await job.hear()
        assert isinstance(answer, Ack)
        assert answer.seq == seq
    await job.send(
        ToolCall(offer_id=offer_id, tool_call_id="t1", name="order_status", arguments={"order_number": "4711"})
    )
    result = await job.hear()
    assert isinstance(result, ToolResult)
    assert result.result["status"] == "shipped"
    await job.send(EndCall(offer_id=offer_id, reason=EndReason.GOODBYE))
    assert isinstance(await job.hear(), Leave)
    await job.send(Left(offer_id=offer_id))
    await until(lambda: _is_free(desk))
    assert (await desk.company.row(call_id))["outcome"] == "completed"


async def _is_free(desk: OpenDesk) -> bool:
    return await desk.company.busy_seats() == 0


async def test_i3_a_job_that_vanishes_is_lost_and_its_seat_freed_when_the_worker_no_longer_lists_it(
    desk: OpenDesk,
) -> None:
    worker = await desk.worker()
    call_id, offer_id, job = await claimed(desk)
    await job.drop()

    async def is_lost() -> bool:
        return bool((await desk.company.offer_row(offer_id))["state"] == "lost")

    await until(is_lost)
    assert (await desk.company.row(call_id))["lead"] == "none"
    assert await desk.company.busy_seats() == 1
    await desk.company.sql("UPDATE offers SET ended_at = ended_at - interval '2 s' WHERE state = 'lost'")
    await worker.send(WorkerBeat(jobs=(RunningJob(offer_id=offer_id),)))
    await worker.send(WorkerBeat(jobs=()))
    await until(lambda: _is_free(desk))


async def test_a_job_that_reconnects_in_time_keeps_its_call(desk: OpenDesk) -> None:
    await desk.worker()
    call_id, offer_id, job = await claimed(desk)
    await job.drop()
    again = await desk.job(call_id, offer_id)
    for seq in range(1, 12):
        await again.send(segment(offer_id, seq))
        answer = await again.hear()
        assert isinstance(answer, Ack)
        await asyncio.sleep(SILENT_SECONDS / 10)
    assert (await desk.company.offer_row(offer_id))["state"] == "accepted"


async def test_a_job_that_hangs_with_an_open_connection_is_lost(desk: OpenDesk) -> None:
    await desk.worker()
    _, offer_id, job = await claimed(desk)
    await job.send(JobBeat(offer_id=offer_id))

    async def is_lost() -> bool:
        return bool((await desk.company.offer_row(offer_id))["because"] == "it does not beat any more")

    await until(is_lost)


async def test_a_job_that_the_worker_says_is_gone_is_lost_at_once(desk: OpenDesk) -> None:
    worker = await desk.worker()
    call_id, offer_id, _ = await claimed(desk)
    await desk.company.sql("UPDATE offers SET accepted_at = accepted_at - interval '2 s'")
    await worker.send(WorkerBeat(jobs=(RunningJob(offer_id=offer_id),)))
    await worker.send(WorkerBeat(jobs=()))
    await until(lambda: _is_free(desk))
    assert (await desk.company.offer_row(offer_id))["because"] == "its process ended"
    assert (await desk.company.row(call_id))["state"] == "ringing"


async def test_a_job_that_comes_back_too_late_is_told_to_leave(desk: OpenDesk) -> None:
    await desk.worker()
    call_id, offer_id, job = await claimed(desk)
    await job.send(Left(offer_id=offer_id, failure="model failed"))
    await job.drop()
    await until(lambda: _is_free(desk))
    again = await desk.job(call_id, offer_id)
    assert isinstance(await again.hear(), Leave)


async def test_a_token_is_good_for_its_own_offer_only(desk: OpenDesk) -> None:
    await desk.worker(seats=2)
    call_id, offer_id, _ = await claimed(desk)
    other, other_offer, _ = await claimed(desk)
    intruder = await desk.connect("job", desk.tokens.sign(call_id, offer_id))
    await intruder.send(EndCall(offer_id=other_offer, reason=EndReason.GOODBYE))
    with pytest.raises(websockets.ConnectionClosed):
        await intruder.hear()
    inside = await desk.job(call_id, offer_id)
    await inside.send(EndCall(offer_id=other_offer, reason=EndReason.GOODBYE))
    await inside.send(segment(offer_id, 1))
    assert isinstance(await inside.hear(), Ack)
    assert (await desk.company.row(other))["state"] != "ended"


@pytest.mark.parametrize(("door", "secret"), [("worker", "wrong"), ("worker", ""), ("job", "wrong"), ("job", SECRET)])
async def test_nobody_enters_without_the_right_secret(desk: OpenDesk, door: str, secret: str) -> None:
    with pytest.raises(websockets.InvalidStatus):
        await desk.connect(door, secret)


async def test_an_attendant_takes_calls_over_its_workers_connection(desk: OpenDesk) -> None:
    attendant = await desk.worker(SeatKind.ATTENDANT, seats=5, name="attendant-1")
    call_id = await desk.company.call("+15550199")
    assert await desk.company.move() == 1
    take = await attendant.hear()
    assert isinstance(take, Take)
    assert take.call_id == call_id
    assert take.token
    await attendant.send(Claim(offer_id=take.offer_id))
    answer = await attendant.hear()
    assert isinstance(answer, Claimed)
    assert answer.attendant is not None
    assert answer.attendant.then_end


async def test_a_worker_that_drains_gets_no_more_calls(desk: OpenDesk) -> None:
    worker = await desk.worker()
    await worker.send(WorkerBeat(draining=True))

    async def draining() -> bool:
        async with desk.company.j.db.transaction() as tx:
            from callcenter.stages.offers import workers

            return bool((await workers.overview(tx))[0]["draining"])

    await until(draining)
    await desk.company.call()
    assert await desk.company.move() == 0


async def test_the_drain_command_reaches_the_worker(desk: OpenDesk) -> None:
    from callcenter.platform.desk.workers import drain

    worker = await desk.worker()
    await drain(desk.company.j, "w-1")
    assert isinstance(await worker.hear(), Drain)


async def test_nonsense_is_passed_over_and_the_connection_lives(desk: OpenDesk) -> None:
    await desk.worker()
    _, offer_id, job = await claimed(desk)
    for nonsense in ("", "{", "[]", '{"type":"dance"}', '{"type":"segment","offer_id":"x"}'):
        await job.socket.send(nonsense)
    await job.send(segment(offer_id, 1))
    assert isinstance(await job.hear(), Ack)


async def test_a_worker_that_registers_again_keeps_its_seats_and_calls(desk: OpenDesk) -> None:
    first = await desk.worker(seats=2)
    await claimed(desk)
    await first.drop()
    again = await desk.connect("worker", SECRET)
    await again.send(Register(worker="w-1", kind=SeatKind.AGENT, seats=2, pid=7))
    await again.hear()
    assert await desk.company.busy_seats() == 1
    await desk.company.call()
    assert await desk.company.move() == 1


async def test_an_attendant_cannot_speak_of_another_attendants_call(desk: OpenDesk) -> None:
    mine = await desk.worker(SeatKind.ATTENDANT, name="attendant-1")
    call_id = await desk.company.call("+15550199")
    await desk.company.move()
    take = await mine.hear()
    assert isinstance(take, Take)
    other = await desk.worker(SeatKind.ATTENDANT, name="attendant-2")
    await other.send(Claim(offer_id=take.offer_id))
    await other.send(Claim(offer_id="no such offer"))
    await mine.send(Claim(offer_id=take.offer_id))
    assert isinstance(await mine.hear(), Claimed)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(other.socket.recv(), 0.3)
    await other.send(EndCall(offer_id=take.offer_id, reason=EndReason.MESSAGE_SAID))
    await other.send(WorkerBeat())
    assert (await desk.company.row(call_id))["state"] != "ended"


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


async def attended(desk: OpenDesk, name: str) -> tuple[OfferId, Line]:
    """A caller who is kept company by the attendant of this name."""
    attendant = await desk.worker(SeatKind.ATTENDANT, name=name)
    await desk.company.call(to="+15550199")
    assert await desk.company.move() == 1
    take = await attendant.hear()
    assert isinstance(take, Take)
    await attendant.send(Claim(offer_id=take.offer_id))
    assert isinstance(await attendant.hear(), Claimed)
    return OfferId(take.offer_id), attendant


async def test_i7_an_attendant_whose_connection_stays_closed_is_replaced_at_once(desk: OpenDesk) -> None:
    offer_id, attendant = await attended(desk, "attendant-1")
    other = await desk.worker(SeatKind.ATTENDANT, name="attendant-2")
    await attendant.drop()

    async def is_offered_again() -> bool:
        return await desk.company.move() == 1

    await until(is_offered_again, WORKER_CLOSED_SECONDS + 1.8)
    assert (await desk.company.offer_row(offer_id))["state"] == "lost"
    assert isinstance(await other.hear(), Take)


async def test_an_attendant_that_is_back_in_time_keeps_its_caller(desk: OpenDesk) -> None:
    offer_id, attendant = await attended(desk, "attendant-1")
    await attendant.drop()
    back = await desk.worker(SeatKind.ATTENDANT, name="attendant-1")
    await back.send(WorkerBeat(jobs=(RunningJob(offer_id=offer_id),)))
    await asyncio.sleep(WORKER_CLOSED_SECONDS * 2)
    assert (await desk.company.offer_row(offer_id))["state"] == "accepted"


async def test_a_desk_that_ends_gives_up_nobody_for_the_connections_it_closes(desk: OpenDesk) -> None:
    offer_id, attendant = await attended(desk, "attendant-1")
    desk.watch.stop()
    await attendant.drop()
    await asyncio.sleep(WORKER_CLOSED_SECONDS * 2)
    assert (await desk.company.offer_row(offer_id))["state"] == "accepted"


async def test_a_worker_that_has_gone_is_not_offered_another_call(desk: OpenDesk) -> None:
    worker = await desk.worker()
    await worker.drop()

    async def is_lost() -> bool:
        async with desk.company.j.db.transaction() as tx:
            return bool(await tx.scalar(sa.text("SELECT state FROM workers")) == "lost")

    await until(is_lost)
    await desk.company.call()
    assert await desk.company.move() == 0


async def test_a_desk_that_is_cut_off_from_all_at_once_gives_up_nobody(desk: OpenDesk) -> None:
    agents, attendant = await desk.worker(name="agents"), await desk.worker(SeatKind.ATTENDANT, name="attendant-1")
    call_id, offer_id, job = await claimed(desk)
    for line in (agents, attendant, job):
        await line.drop()
    await asyncio.sleep(CLOSED_SECONDS * 3 + WORKER_CLOSED_SECONDS)
    await desk.worker(name="agents")
    await desk.worker(SeatKind.ATTENDANT, name="attendant-1")
    back = await desk.job(call_id, offer_id)
    await back.send(segment(offer_id, 1))
    assert isinstance(await back.hear(), Ack)
    assert (await desk.company.offer_row(offer_id))["state"] == "accepted"
    assert set(await desk.company.ids("SELECT state FROM workers")) == {"up"}


async def test_a_job_that_has_moved_to_another_desk_is_not_given_up_by_this_one(desk: OpenDesk) -> None:
    await desk.worker()
    _, offer_id, job = await claimed(desk)
    await desk.company.sql("UPDATE offers SET desk = 'api-other'")
    await job.drop()
    await asyncio.sleep(CLOSED_SECONDS * 3)
    offer = await desk.company.offer_row(offer_id)
    assert (offer["state"], offer["suspect_since"]) == ("accepted", None)
