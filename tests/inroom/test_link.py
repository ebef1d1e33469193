"""The line to the desk, against a desk that loses connections, answers late or refuses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median

import pytest

from callcenter.inroom.client.line import POLICY_VIOLATION, Command, Line, LinkRefusedError
from callcenter.inroom.client.link import RESEND_SECONDS, DeskLink
from callcenter.inroom.client.outbox import Outbox
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import (
    Answered,
    Claim,
    Denied,
    EndCall,
    EndReason,
    FirstFrame,
    Hello,
    JobBeat,
    Leave,
    Left,
    Segment,
    Up,
)
from callcenter.platform.wire.tools import ToolCall, ToolResult
from tests.inroom.fake_desk import SECRET, FakeDesk

pytestmark = pytest.mark.pure

OFFER = "o1"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEAT_SECONDS = 0.05


@asynccontextmanager
async def linked(desk: FakeDesk, *, give_up: bool = False) -> AsyncIterator[tuple[DeskLink, list[Command]]]:
    commands: list[Command] = []
    line = Line(
        url=f"{desk.url}/job",
        secret=SECRET,
        first=lambda: Hello(offer_id=OFFER),
        beat=lambda: JobBeat(offer_id=OFFER),
        beat_seconds=BEAT_SECONDS,
        on_command=commands.append,
        give_up_when_refused=give_up,
    )
    link = DeskLink(line, Outbox(None))
    task = asyncio.create_task(link.run())
    try:
        yield link, commands
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def say(link: DeskLink, text: str, speaker: Speaker = Speaker.CALLER) -> Segment:
    return link.say(OFFER, speaker, text, started_at=NOW, ended_at=NOW)


async def test_hello_is_the_first_message_of_every_connection() -> None:
    async with FakeDesk() as desk, linked(desk):
        await desk.wait_for(Hello)
        await desk.cut()
        await desk.wait_for(Hello, count=2)
        firsts = [
            next(h for h in desk.heard if h.connection == number) for number in {h.connection for h in desk.heard}
        ]
        assert all(isinstance(first.message, Hello) for first in firsts)


async def test_beats_come_on_time() -> None:
    async with FakeDesk() as desk, linked(desk):
        await desk.wait_for(JobBeat, count=11)
        times = [heard.at for heard in desk.heard if isinstance(heard.message, JobBeat)][:11]
        between = median(later - earlier for earlier, later in pairwise(times))
        assert between == pytest.approx(BEAT_SECONDS, abs=BEAT_SECONDS / 2)


async def test_unacknowledged_segments_are_resent_in_order_without_gap_or_duplicate() -> None:
    async with FakeDesk(acknowledges=False) as desk, linked(desk) as (link, _):
        for number in range(5):
            say(link, f"before {number}")
        await desk.wait_for(Segment, count=5)
        await desk.close()
        say(link, "meanwhile")
        desk.heard.clear()
        desk.acknowledges = True
        await desk.open()
        assert await link.flush(OFFER, 5)
        say(link, "after")
        assert await link.flush(OFFER, 5)
        expected = [*(f"before {number}" for number in range(5)), "meanwhile", "after"]
        assert [(s.seq, s.text) for s in desk.all(Segment)] == list(enumerate(expected, start=1))


async def test_acknowledged_segments_are_never_sent_again() -> None:
    async with FakeDesk() as desk, linked(desk) as (link, _):
        say(link, "a")
        assert await link.flush(OFFER, 5)
        await desk.cut()
        await desk.wait_for(Hello, count=2)
        say(link, "b")
        assert await link.flush(OFFER, 5)
        assert [segment.text for segment in desk.all(Segment)] == ["a", "b"]


async def test_connections_that_break_all_the_time_lose_nothing() -> None:
    async with FakeDesk() as desk, linked(desk) as (link, _):
        for number in range(40):
            say(link, str(number), Speaker.AGENT if number % 2 else Speaker.CALLER)
            if number % 7 == 0:
                await desk.wait_for(Segment, lambda segment, number=number: segment.text == str(number))  # type: ignore[misc]
                await desk.cut()
        assert await link.flush(OFFER, 20)
        for speaker in (Speaker.CALLER, Speaker.AGENT):
            stored = [key[2] for key in sorted(desk.stored) if key[1] == speaker.value]
            assert stored == list(range(1, 21))


async def test_a_desk_that_could_not_store_is_asked_again_on_the_same_connection() -> None:
    async with FakeDesk(acknowledges=False) as desk, linked(desk) as (link, _):
        say(link, "a")
        say(link, "b")
        await desk.wait_for(Segment, count=2)
        desk.acknowledges = True
        assert await link.flush(OFFER, 3 * RESEND_SECONDS)
        assert len(desk.all(Hello)) == 1
        assert [segment.text for segment in desk.all(Segment)] == ["a", "b", "a", "b"]


async def test_what_was_told_while_the_desk_was_away_arrives_in_order_when_it_is_back() -> None:
    async with FakeDesk() as desk, linked(desk) as (link, _):
        await desk.wait_for(Hello)
        await desk.close()
        link.send(Answered(offer_id=OFFER, at=NOW))
        link.send(FirstFrame(offer_id=OFFER))
        say(link, "a")
        link.send(EndCall(offer_id=OFFER, reason=EndReason.GOODBYE))
        desk.heard.clear()
        await desk.open()
        await desk.wait_for(EndCall)
        assert desk.story() == ["hello", "segment", "answered", "first_frame", "end_call"]


async def test_an_unanswered_claim_is_asked_again_on_the_next_connection() -> None:
    async def deny(desk: FakeDesk, message: Up) -> None:
        if isinstance(message, Claim) and len(desk.all(Claim)) > 1:
            await desk.say(Denied(offer_id=message.offer_id, because="expired"))

    async with FakeDesk(on_message=deny) as desk, linked(desk) as (link, commands):
        claim = asyncio.create_task(link.claim(OFFER, 1, 5))
        await desk.wait_for(Claim)
        await desk.cut()
        answer = await claim
        assert isinstance(answer, Denied)
        assert not commands


async def test_tool_results_find_their_calls() -> None:
    async def answer(desk: FakeDesk, message: Up) -> None:
        if len(calls := desk.all(ToolCall)) == 2 and isinstance(message, ToolCall):
            for call in reversed(calls):
                await desk.say(ToolResult(offer_id=OFFER, tool_call_id=call.tool_call_id, result=call.name))

    async with FakeDesk(on_message=answer) as desk, linked(desk) as (link, _):
        results = await asyncio.gather(*(link.tool_call(OFFER, name, {}, 5) for name in ("first", "second")))
        assert [result.result for result in results] == ["first", "second"]


async def test_a_question_without_an_answer_times_out() -> None:
    async with FakeDesk() as desk, linked(desk) as (link, _):
        with pytest.raises(TimeoutError):
            await link.tool_call(OFFER, "order_status", {}, 0.05)


async def test_halves_of_characters_and_nul_from_a_model_do_not_reach_the_desk() -> None:
    async def answer(desk: FakeDesk, message: Up) -> None:
        if isinstance(message, ToolCall):
            await desk.say(ToolResult(offer_id=OFFER, tool_call_id=message.tool_call_id, result="found"))

    async with FakeDesk(on_message=answer) as desk, linked(desk) as (link, _):
        say(link, "one \ud83d two\x00")
        assert await link.flush(OFFER, 5)
        arguments = {"order_number": "47\udc0011", "more\x00": [{"\ud800": 1}, None]}
        assert (await link.tool_call(OFFER, "order_status", arguments, 5)).result == "found"
        assert [segment.text for segment in desk.all(Segment)] == ["one  two"]
        assert desk.all(ToolCall)[0].arguments == {"order_number": "4711", "more": [{"": 1}, None]}


async def test_a_message_that_cannot_be_written_is_dropped_and_the_others_arrive(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with FakeDesk() as desk, linked(desk) as (link, _):
        await desk.wait_for(Hello)
        link.send(Left(offer_id=OFFER, failure="\ud83d"))
        link.send(FirstFrame(offer_id=OFFER))
        await desk.wait_for(FirstFrame)
        assert await link.sent(1)
        assert desk.story() == ["hello", "first_frame"]
        assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
            "message cannot be sent and is dropped"
        ]


async def test_refused_credentials_end_a_job_and_its_open_questions() -> None:
    async with FakeDesk(refuses=True) as desk, linked(desk, give_up=True) as (link, _):
        with pytest.raises(LinkRefusedError):
            await link.claim(OFFER, 1, 5)


async def test_a_job_whose_offer_the_desk_does_not_know_any_more_ends() -> None:
    async def close(desk: FakeDesk, message: Up) -> None:
        if isinstance(message, Hello):
            await desk.connections[0].close(POLICY_VIOLATION)

    async with FakeDesk(on_message=close) as desk, linked(desk, give_up=True) as (link, _):
        with pytest.raises(LinkRefusedError):
            await link.claim(OFFER, 1, 5)


async def test_a_worker_keeps_trying_after_a_refusal() -> None:
    async with FakeDesk(refuses=True) as desk, linked(desk):
        await asyncio.sleep(0.2)
        desk.refuses = False
        await desk.wait_for(Hello)


async def test_commands_and_late_denials_reach_the_handler_and_nonsense_is_survived() -> None:
    async with FakeDesk() as desk, linked(desk) as (link, commands):
        await desk.wait_for(Hello)
        for connection in desk.connections:
            await connection.send('{"type": "from_the_future"}')
        await desk.say(Denied(offer_id=OFFER, because="late"))
        await desk.say(Leave(offer_id=OFFER))
        say(link, "a")
        assert await link.flush(OFFER, 5)
        assert [command.type for command in commands] == ["denied", "leave"]
