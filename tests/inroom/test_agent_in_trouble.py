"""The agent in a real room when something fails: a predecessor, the desk, the models."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from callcenter.inroom.agent.call import DESK_AWAY
from callcenter.inroom.agent.models import MODEL_CONNECTION
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import PastToolCall, PastTurn
from callcenter.platform.wire.messages import Claim, Left, Segment, Trouble, Up
from callcenter.platform.wire.tools import ToolCall, ToolResult
from tests.inroom.conftest import GREETING, Stage, brief, by, clip, last_words, seat_is_free
from tests.inroom.fake_desk import FakeDesk
from tests.inroom.fake_models import Reply
from tests.inroom.rooms import Caller

pytestmark = pytest.mark.livekit

DESK_AWAY_SECONDS = 10.0
TROUBLE = "Sorry, say that again."


async def test_an_agent_that_takes_over_goes_on_instead_of_greeting(stage: Stage, caller: Caller) -> None:
    stage.models.think = lambda messages: Reply(f"You said: {last_words(messages)}")
    stage.brief = brief(
        stage.models,
        history=(PastTurn(speaker=Speaker.AGENT, text=GREETING), PastTurn(speaker=Speaker.CALLER, text="My order?")),
    )
    await stage.offer(caller)
    assert (await stage.desk.wait_for(Segment, by(Speaker.AGENT))).text == "You said: My order?"
    assert [m["role"] for m in stage.models.chats[0]] == ["system", "assistant", "user"]


async def test_a_successor_says_what_a_tool_had_answered_when_its_predecessor_died(
    stage: Stage, caller: Caller
) -> None:
    stage.models.think = lambda messages: Reply(f"{messages[-1]['role']}: {last_words(messages)}")
    stage.brief = brief(
        stage.models,
        tools=("report_problem", "end_call"),
        history=(
            PastTurn(speaker=Speaker.AGENT, text=GREETING),
            PastTurn(speaker=Speaker.CALLER, text="My order arrived damaged."),
            PastTurn(speaker=Speaker.ATTENDANT, text="One moment please."),
        ),
        tool_calls=(
            PastToolCall(
                after_turn=2,
                tool_call_id="one",
                name="report_problem",
                arguments={"order_number": "4711", "problem": "damaged"},
                result="Reference 30001.",
            ),
        ),
    )
    await stage.offer(caller)
    assert (await stage.desk.wait_for(Segment, by(Speaker.AGENT))).text == 'tool: "Reference 30001."'
    assert [m["role"] for m in stage.models.chats[0]] == ["system", "assistant", "user", "assistant", "tool"]
    assert not stage.desk.all(ToolCall)


async def test_while_the_desk_is_cut_a_tool_is_answered_with_a_sentence_within_three_seconds(
    stage: Stage, caller: Caller
) -> None:
    def think(messages: list[dict[str, Any]]) -> Reply:
        if messages[-1]["role"] == "tool":
            return Reply(last_words(messages))
        return Reply(tools=(("report_problem", {"order_number": "4711", "problem": "damaged"}),))

    stage.models.think = think
    stage.models.heard[:] = ["It is damaged.", "It is damaged."]
    stage.tool = lambda call: ToolResult(offer_id=call.offer_id, tool_call_id=call.tool_call_id, result="Reference 3.")
    stage.brief = brief(stage.models, tools=("report_problem",))
    await stage.offer(caller)
    await stage.desk.wait_for(Segment, by(Speaker.AGENT))
    await stage.desk.close()
    await caller.say(clip("weather_question.wav"))
    await until(lambda: DESK_AWAY in " ".join(stage.models.spoken))
    await stage.desk.open()
    excuse = await stage.desk.wait_for(Segment, lambda s: s.text == DESK_AWAY)
    asked = stage.desk.all(Segment)[1]
    assert (excuse.started_at - asked.ended_at).total_seconds() < 4, "the end of the turn, then three seconds"
    assert not stage.desk.all(ToolCall), "what has become a sentence is not asked any more"
    await caller.say(clip("weather_question.wav"))
    assert await stage.desk.wait_for(Segment, lambda s: s.text == "Reference 3.")
    assert len(stage.desk.all(ToolCall)) == 1


async def until(true: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


async def test_unreachable_voice_is_reported_as_a_failure(stage: Stage, caller: Caller) -> None:
    stage.models.failing.add("tts")
    stage.brief = brief(stage.models, voice="never heard before")
    started = time.monotonic()
    offer_id = await stage.offer(caller)
    left = await stage.desk.wait_for(Left)
    assert left.failure is not None
    assert "tts" in left.failure
    assert time.monotonic() - started < 5
    await seat_is_free(stage, offer_id)


async def test_a_failing_language_model_is_excused_once_and_then_reported(stage: Stage, caller: Caller) -> None:
    stage.models.heard[:] = ["Where is my order?", "Hello?"]
    stage.models.failing.add("llm")
    stage.brief = brief(stage.models, trouble="Sorry, say that again.")
    await stage.offer(caller)
    await stage.desk.wait_for(Segment, by(Speaker.AGENT))
    await caller.say(clip("weather_question.wav"))
    assert (await stage.desk.wait_for(Segment, by(Speaker.AGENT), count=2)).text == "Sorry, say that again."
    await caller.say(clip("hello_world.wav"))
    left = await stage.desk.wait_for(Left)
    assert left.failure is not None
    assert "llm" in left.failure


async def test_a_model_that_fails_while_the_caller_may_go_on_is_asked_again_before_anybody_apologises(
    stage: Stage, caller: Caller
) -> None:
    """The answer is made ahead, in the caller's pause: that it fails then is nobody's loss yet."""
    stage.models.heard[:] = ["I have a problem with the"]
    stage.models.failing.add("llm")
    stage.brief = brief(stage.models, trouble="Sorry, say that again.")
    await stage.greeted(caller)
    await caller.say(clip("weather_question.wav"))
    async with asyncio.timeout(10):
        while stage.models.refused < 1 + MODEL_CONNECTION.max_retry:
            await asyncio.sleep(0.01)
    stage.models.failing.clear()
    assert (await stage.desk.wait_for(Segment, by(Speaker.AGENT), count=2)).text == "I see."
    assert not stage.desk.all(Trouble)


async def test_one_failed_recognition_does_not_make_the_agent_deaf(stage: Stage, caller: Caller) -> None:
    stage.brief = brief(stage.models, trouble="Sorry, say that again.")
    await stage.offer(caller)
    await stage.desk.wait_for(Segment, by(Speaker.AGENT))
    stage.models.failing.add("stt")
    await caller.say(clip("weather_question.wav"))
    await stage.desk.wait_for(Segment, lambda s: s.text == "Sorry, say that again.")
    stage.models.failing.clear()
    stage.models.heard[:] = ["Where is my order?"]
    await caller.say(clip("weather_question.wav"))
    assert (await stage.desk.wait_for(Segment, by(Speaker.CALLER))).text == "Where is my order?"
    assert (await stage.desk.wait_for(Segment, by(Speaker.AGENT), count=3)).text == "I see."


async def test_an_answer_to_the_claim_that_is_lost_with_the_desk_is_asked_for_until_the_desk_is_back(
    stage: Stage, caller: Caller
) -> None:
    claimed = asyncio.Event()
    answer = stage.desk.on_message

    async def takes_it_and_dies(desk: FakeDesk, message: Up) -> None:
        if isinstance(message, Claim) and not claimed.is_set():
            claimed.set()
        elif answer is not None:
            await answer(desk, message)

    stage.desk.on_message = takes_it_and_dies
    try:
        await stage.offer(caller)
        await claimed.wait()
        await stage.desk.close()
        await asyncio.sleep(DESK_AWAY_SECONDS)
        await stage.desk.open()
        await stage.desk.wait_for(Segment, lambda s: s.text == GREETING)
        assert stage.desk.all(Left) == []
    finally:
        stage.desk.on_message = answer


async def test_i7_an_answer_without_a_word_is_a_failure_and_not_silence(stage: Stage, caller: Caller) -> None:
    stage.models.heard[:] = ["Where is my order?", "Where is my order?"]
    stage.models.think = lambda _: Reply("")
    stage.brief = brief(stage.models, trouble=TROUBLE)
    await stage.greeted(caller)
    await caller.say(clip("weather_question.wav")[: int(1.77 * 24_000)])
    await stage.desk.wait_for(Segment, lambda s: s.text == TROUBLE, seconds=6)
    await caller.say(clip("hello_world.wav"))
    assert (await stage.desk.wait_for(Left)).failure == "no_answer"


async def test_a_caller_who_speaks_on_while_the_answer_is_thought_of_hears_of_no_trouble(
    stage: Stage, caller: Caller
) -> None:
    stage.models.heard[:] = ["Where is my order?", "Hello, are you there?"]
    stage.models.think = lambda _: Reply("It was sent yesterday.")
    stage.brief = brief(stage.models, trouble=TROUBLE)
    await stage.greeted(caller)
    stage.models.delays["llm"] = 3.0
    await caller.say(clip("weather_question.wav")[: int(1.77 * 24_000)])
    while not stage.models.chats:
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    await caller.say(clip("hello_world.wav"))
    await stage.desk.wait_for(Segment, lambda s: s.text == "It was sent yesterday.", seconds=12)
    assert TROUBLE not in [s.text for s in stage.desk.all(Segment)]
