"""The agent in a real room: a real worker and LiveKit, with a scripted desk and scripted models."""

import asyncio
import time
from typing import Any

import pytest

from callcenter.inroom.agent.models import LONGEST_PAUSE_SECONDS
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import PastTurn, TurnTaking
from callcenter.platform.wire.messages import (
    Answered,
    CallerLeft,
    Claim,
    EndCall,
    EndReason,
    FirstFrame,
    Leave,
    Left,
    Segment,
    WorkerBeat,
)
from callcenter.platform.wire.tools import ToolCall, ToolResult
from tests.inroom.conftest import GREETING, Stage, brief, by, clip, last_words, seat_is_free
from tests.inroom.fake_models import Reply
from tests.inroom.rooms import Caller

pytestmark = pytest.mark.livekit

# Where in the clip the question begins and ends, seconds.
QUESTION_FROM, QUESTION_TO = 0.45, 1.77


async def test_agent_claims_greets_and_reports_its_first_frame(stage: Stage, caller: Caller) -> None:
    await stage.offer(caller)
    frame = await stage.desk.wait_for(FirstFrame)
    heard_at = await caller.hears_sound()
    assert stage.desk.when(frame) < heard_at
    assert await stage.desk.wait_for(Answered)
    greeting = await stage.desk.wait_for(Segment, by(Speaker.AGENT))
    assert greeting.text == GREETING
    assert not greeting.interrupted
    assert 2.5 < (greeting.ended_at - greeting.started_at).total_seconds() < 4


async def test_agent_answers_calls_a_tool_says_goodbye_and_ends_the_call(stage: Stage, caller: Caller) -> None:
    def think(messages: list[dict[str, Any]]) -> Reply:
        if messages[-1]["role"] == "tool":
            return Reply(f"Your order {last_words(messages)}.")
        if "order" in last_words(messages):
            return Reply(tools=(("order_status", {"order_number": "4711"}),))
        return Reply("Thank you, goodbye then.", tools=(("end_call", {}),))

    stage.models.think = think
    stage.models.heard[:] = ["Where is my order four seven one one?", "Thank you, goodbye."]
    stage.tool = lambda call: ToolResult(
        offer_id=call.offer_id, tool_call_id=call.tool_call_id, result="was shipped yesterday"
    )
    offer_id = await stage.offer(caller)
    await stage.desk.wait_for(Segment, by(Speaker.AGENT))
    await caller.say(clip("weather_question.wav"))
    await stage.desk.wait_for(Segment, by(Speaker.AGENT), count=2)
    await caller.say(clip("hello_world.wav"))
    ended = await stage.desk.wait_for(EndCall)

    assert ended.reason is EndReason.GOODBYE
    tool = stage.desk.all(ToolCall)[0]
    assert (tool.name, tool.arguments) == ("order_status", {"order_number": "4711"})
    assert [(s.speaker, s.text) for s in stage.desk.all(Segment)] == [
        (Speaker.AGENT, GREETING),
        (Speaker.CALLER, "Where is my order four seven one one?"),
        (Speaker.AGENT, "Your order was shipped yesterday."),
        (Speaker.CALLER, "Thank you, goodbye."),
        (Speaker.AGENT, "Thank you, goodbye then."),
    ]
    assert stage.desk.story().index("end_call") > max(
        index for index, kind in enumerate(stage.desk.story()) if kind == "segment"
    )
    assert (await stage.desk.wait_for(Left)).failure is None
    await seat_is_free(stage, offer_id)


async def test_agent_says_the_goodbye_of_the_profile_when_the_model_says_none(stage: Stage, caller: Caller) -> None:
    stage.models.think = lambda _: Reply(tools=(("end_call", {}),))
    stage.models.heard[:] = ["Bye."]
    await stage.offer(caller)
    await stage.desk.wait_for(Segment, by(Speaker.AGENT))
    await caller.say(clip("hello_world.wav"))
    goodbye = await stage.desk.wait_for(Segment, lambda s: s.text == "Goodbye.")
    ended = await stage.desk.wait_for(EndCall)
    silent_from = await caller.hears_silence(after=stage.desk.when(goodbye) - 0.5)
    assert silent_from < stage.desk.when(ended), "the call was ended before the caller had heard the last word"


async def test_caller_segments_carry_the_time_of_the_speech(stage: Stage, caller: Caller) -> None:
    stage.models.heard[:] = ["What is the weather like today?"]
    await stage.offer(caller)
    await stage.desk.wait_for(Segment, by(Speaker.AGENT))
    started_at = time.time()
    await caller.say(clip("weather_question.wav"))
    segment = await stage.desk.wait_for(Segment, by(Speaker.CALLER))
    assert abs(segment.started_at.timestamp() - started_at - QUESTION_FROM) < 0.25
    assert abs(segment.ended_at.timestamp() - started_at - QUESTION_TO) < 0.35


@pytest.mark.parametrize(("words", "waits"), [("I have a problem with the", True), ("Where is my parcel?", False)])
async def test_a_caller_whose_last_words_say_that_they_go_on_is_waited_for(
    stage: Stage, caller: Caller, words: str, waits: bool
) -> None:
    await stage.greeted(caller)
    stage.models.heard[:] = [words]
    await caller.say(clip("weather_question.wav"))
    said = await stage.desk.wait_for(Segment, by(Speaker.CALLER))
    answer = await stage.desk.wait_for(Segment, by(Speaker.AGENT), count=2)
    assert said.text == words
    waited = (answer.started_at - said.ended_at).total_seconds()
    assert (waited >= LONGEST_PAUSE_SECONDS) is waits, f"{waited} s"


@pytest.mark.parametrize("interrupting", [False, True])
async def test_the_answer_is_made_ahead_while_the_end_of_the_callers_words_is_waited_for(
    stage: Stage, caller: Caller, interrupting: bool
) -> None:
    stored_before: list[int] = []

    def think(_: list[dict[str, Any]]) -> Reply:
        stored_before.append(len([said for said in stage.desk.all(Segment) if said.speaker is Speaker.CALLER]))
        return Reply("I see.")

    stage.models.think = think
    stage.models.heard[:] = ["Where is my parcel?"]
    long = f"{GREETING} We have offers on shoes and hats and many other things that nobody needs in a small flat."
    greeting = long if interrupting else GREETING
    stage.brief = brief(stage.models, greeting=greeting, turn_taking=TurnTaking(vad_silence=1.0))
    await stage.offer(caller)
    await caller.hears_sound()
    if not interrupting:
        await stage.desk.wait_for(Segment, by(Speaker.AGENT))
    await caller.say(clip("weather_question.wav"))
    assert (await stage.desk.wait_for(Segment, by(Speaker.AGENT), count=2)).text == "I see."
    assert stored_before == [0], "asked once, before the silence that ends the caller's words was over"


async def test_segments_are_stored_within_half_a_second(stage: Stage, caller: Caller) -> None:
    stage.models.heard[:] = ["Hello."]
    await stage.offer(caller)
    greeting = await stage.desk.wait_for(Segment, by(Speaker.AGENT))
    now = asyncio.get_running_loop().time()
    assert time.time() - greeting.ended_at.timestamp() - (now - stage.desk.when(greeting)) < 0.5
    await caller.say(clip("hello_world.wav"))
    words = await stage.desk.wait_for(Segment, by(Speaker.CALLER))
    now = asyncio.get_running_loop().time()
    assert time.time() - stage.models.transcribed_at[0] - (now - stage.desk.when(words)) < 0.5


async def test_greeting_is_interruptible_and_cut_to_what_was_heard(stage: Stage, caller: Caller) -> None:
    stage.models.heard[:] = ["Where is my order?"]
    stage.brief = brief(stage.models, greeting=f"{GREETING} We have offers on shoes and hats and many other things.")
    await stage.offer(caller)
    await caller.hears_sound()
    speech = asyncio.create_task(caller.say(clip("weather_question.wav")))
    spoken_at = time.monotonic()
    silent_at = await caller.hears_silence(after=spoken_at)
    assert silent_at - spoken_at < 1.2
    cut = await stage.desk.wait_for(Segment, by(Speaker.AGENT))
    assert cut.interrupted
    assert stage.brief.greeting.startswith(cut.text)
    assert 0 < len(cut.text) < len(GREETING)
    assert (await stage.desk.wait_for(Segment, by(Speaker.CALLER))).text == "Where is my order?"
    assert (await stage.desk.wait_for(Segment, by(Speaker.AGENT), count=2)).text == "I see."
    await speech


async def test_a_cough_does_not_silence_the_agent_for_good(stage: Stage, caller: Caller) -> None:
    stage.brief = brief(stage.models, greeting=f"{GREETING} We have offers on shoes and hats and many other things.")
    await stage.offer(caller)
    await caller.hears_sound()
    coughed_at = time.monotonic()
    await caller.say(clip("hello_world.wav")[:12_000])
    silent_at = await caller.hears_silence(after=coughed_at)
    again_at = await caller.hears_sound(after=silent_at)
    assert again_at - silent_at < 2.0
    assert not (await stage.desk.wait_for(Segment, by(Speaker.AGENT))).interrupted


async def test_hang_up_while_the_agent_speaks_stores_what_was_heard(stage: Stage, caller: Caller) -> None:
    stage.brief = brief(stage.models, greeting=f"{GREETING} We have offers on shoes and hats and many other things.")
    offer_id = await stage.offer(caller)
    await caller.hears_sound()
    await asyncio.sleep(1)
    await caller.leave()
    left_at = time.monotonic()
    cut = await stage.desk.wait_for(Segment, by(Speaker.AGENT))
    assert cut.interrupted
    assert stage.brief.greeting.startswith(cut.text)
    assert 5 < len(cut.text) < len(GREETING)
    assert (await stage.desk.wait_for(CallerLeft)).offer_id == offer_id
    assert (await stage.desk.wait_for(Left)).failure is None
    await seat_is_free(stage, offer_id)
    assert time.monotonic() - left_at < 5


async def test_hang_up_in_the_middle_of_the_callers_sentence_stores_the_words(stage: Stage, caller: Caller) -> None:
    stage.models.heard[:] = ["What is the"]
    await stage.offer(caller)
    await stage.desk.wait_for(Segment, by(Speaker.AGENT))
    speech = asyncio.create_task(caller.say(clip("weather_question.wav")))
    await asyncio.sleep(1.2)
    await caller.leave()
    await asyncio.gather(speech, return_exceptions=True)
    assert (await stage.desk.wait_for(Segment, by(Speaker.CALLER))).text == "What is the"
    await stage.desk.wait_for(Left)


async def test_denied_agent_leaves_without_a_sound(stage: Stage, caller: Caller) -> None:
    stage.denies = True
    offer_id = await stage.offer(caller)
    await stage.desk.wait_for(Left, lambda left: left.offer_id == offer_id)
    await seat_is_free(stage, offer_id)
    assert not caller.levels
    assert not stage.models.spoken
    assert not stage.desk.all(FirstFrame)


async def test_agent_leaves_when_the_desk_says_so(stage: Stage, caller: Caller) -> None:
    offer_id = await stage.offer(caller)
    await caller.hears_sound()
    await stage.desk.say(Leave(offer_id=offer_id, because="withdrawn"))
    left = await stage.desk.wait_for(Left, seconds=3)
    assert left.failure is None
    await seat_is_free(stage, offer_id)


async def test_an_agent_that_follows_an_attendant_still_greets(stage: Stage, caller: Caller) -> None:
    stage.brief = brief(stage.models, history=(PastTurn(speaker=Speaker.ATTENDANT, text="Please hold on."),))
    await stage.offer(caller)
    assert (await stage.desk.wait_for(Segment, by(Speaker.AGENT))).text == GREETING


async def test_speech_that_is_not_understood_stores_nothing(stage: Stage, caller: Caller) -> None:
    stage.models.heard[:] = ["", "Hello."]
    await stage.offer(caller)
    await stage.desk.wait_for(Segment, by(Speaker.AGENT))
    await caller.say(clip("weather_question.wav"))
    await caller.say(clip("weather_question.wav"))
    first = await stage.desk.wait_for(Segment, by(Speaker.CALLER))
    assert (first.text, first.seq) == ("Hello.", 1)


async def test_worker_beats_name_the_running_job_and_its_process(stage: Stage, caller: Caller) -> None:
    offer_id = await stage.offer(caller)
    claim = await stage.desk.wait_for(Claim)
    beat = await stage.desk.wait_for(WorkerBeat, lambda beat: any(job.offer_id == offer_id for job in beat.jobs))
    running = await stage.desk.wait_for(WorkerBeat, lambda beat: any(job.pid for job in beat.jobs))
    assert [job.pid for job in running.jobs] == [claim.pid]
    assert beat.draining is False
