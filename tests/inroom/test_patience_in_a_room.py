"""I7 in a real room: a model, a voice or a desk that takes its time leaves nobody in silence."""

import asyncio
import time
from itertools import pairwise

import pytest

from callcenter.inroom.client.link import END_CALL_RETRY_SECONDS, END_CALL_TRIES, FLUSH_SECONDS
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import EndCall, Left, Segment
from tests.inroom.conftest import GREETING, Stage, brief, clip
from tests.inroom.fake_models import Reply
from tests.inroom.rooms import Caller
from tests.inroom.test_patience import BRIDGE

pytestmark = pytest.mark.livekit

LONGEST_SILENCE = 2.0
TROUBLE = "Sorry, say that again."


def agent_said(stage: Stage) -> list[str]:
    return [s.text for s in stage.desk.all(Segment) if s.speaker is Speaker.AGENT]


async def asked(stage: Stage, caller: Caller) -> float:
    """The agent has greeted and the caller has asked; returns the instant of the question's end."""
    await stage.greeted(caller)
    question = clip("weather_question.wav")[: int(1.77 * 24_000)]
    await caller.say(question)
    return time.monotonic() - 0.5


def longest_silence(caller: Caller, since: float, until: float) -> float:
    sounds = [since, *(at for at, level in caller.levels if level > 300 and since < at < until), until]
    return max(later - earlier for earlier, later in pairwise(sounds))


async def test_i7_while_the_desk_is_away_music_follows_the_goodbye_until_the_call_can_end(
    stage: Stage, caller: Caller
) -> None:
    stage.models.heard[:] = ["Goodbye."]
    stage.models.think = lambda _: Reply("Goodbye.", tools=(("end_call", {}),))
    stage.brief = brief(stage.models, tools=("end_call",))
    await stage.greeted(caller)
    await stage.desk.close()
    await caller.say(clip("weather_question.wav")[: int(1.77 * 24_000)])
    await caller.hears_sound(after=time.monotonic())
    silent = await caller.hears_silence(after=time.monotonic())
    await asyncio.sleep(END_CALL_RETRY_SECONDS * END_CALL_TRIES + FLUSH_SECONDS)
    assert longest_silence(caller, silent, time.monotonic()) < LONGEST_SILENCE
    await stage.desk.open()
    await stage.desk.wait_for(EndCall)
    assert agent_said(stage) == [GREETING, "Goodbye."]


async def test_while_the_desk_is_away_a_goodbye_ends_the_phones_call_and_the_desk_hears_why_later(
    stage: Stage, caller: Caller
) -> None:
    stage.models.heard[:] = ["Goodbye."]
    stage.models.think = lambda _: Reply("Goodbye.", tools=(("end_call", {}),))
    stage.brief = brief(stage.models, tools=("end_call",))
    caller.is_on_a_phone()
    await stage.greeted(caller)
    await stage.desk.close()
    await caller.say(clip("weather_question.wav")[: int(1.77 * 24_000)])
    await caller.hears_sound(after=time.monotonic())
    async with asyncio.timeout(6):
        await caller.hung_up.wait()
    await asyncio.sleep(6)
    await stage.desk.open()
    assert (await stage.desk.wait_for(Left)).failure is None
    assert next(kind for kind in stage.desk.story() if kind in ("end_call", "caller_left", "left")) == "end_call"
    assert agent_said(stage) == [GREETING, "Goodbye."]


@pytest.mark.parametrize("slow", ["stt", "llm"])
async def test_a_slow_answer_is_bridged_by_a_sentence_and_music(stage: Stage, caller: Caller, slow: str) -> None:
    stage.models.heard[:] = ["Where is my order?"]
    stage.models.think = lambda _: Reply("It was sent yesterday.")
    stage.models.delays[slow] = 3.2
    since = await asked(stage, caller)
    await stage.desk.wait_for(Segment, lambda s: s.text == "It was sent yesterday.", seconds=12)
    assert agent_said(stage) == [GREETING, BRIDGE, "It was sent yesterday."]
    assert longest_silence(caller, since, time.monotonic()) < LONGEST_SILENCE


async def test_an_answer_that_never_comes_ends_in_a_sentence_not_in_silence(stage: Stage, caller: Caller) -> None:
    stage.models.heard[:] = ["Where is my order?", "Where is my order?"]
    stage.models.delays["llm"] = 60
    stage.brief = brief(stage.models, trouble=TROUBLE)
    since = await asked(stage, caller)
    await stage.desk.wait_for(Segment, lambda s: s.text == TROUBLE, seconds=14)
    assert agent_said(stage) == [GREETING, BRIDGE, TROUBLE]
    assert longest_silence(caller, since, time.monotonic()) < LONGEST_SILENCE
    await caller.say(clip("hello_world.wav"))
    left = await stage.desk.wait_for(Left, seconds=14)
    assert left.failure == "no_answer"


async def test_a_voice_that_stalls_in_the_middle_of_a_sentence_is_bridged(stage: Stage, caller: Caller) -> None:
    stage.models.heard[:] = ["Where is my order?"]
    stage.models.think = lambda _: Reply("It was sent yesterday and will be there tomorrow.")
    await stage.offer(caller)
    await stage.desk.wait_for(Segment, lambda s: s.text == GREETING)
    stage.models.delays["tts"] = 4.0
    await caller.say(clip("weather_question.wav")[: int(1.77 * 24_000)])
    since = time.monotonic() - 0.5
    await stage.desk.wait_for(Segment, lambda s: s.text.startswith("It was sent"), seconds=15)
    assert longest_silence(caller, since, time.monotonic()) < LONGEST_SILENCE


async def test_i7_a_greeting_that_is_long_in_coming_is_bridged(stage: Stage, caller: Caller) -> None:
    greeting = f"Good day, you have waited for this {time.time_ns()} times."
    stage.brief = brief(stage.models, greeting=greeting)
    stage.models.speech_delay = 4.0
    await stage.offer(caller)
    await stage.desk.wait_for(Segment, lambda s: s.text == greeting, seconds=15)
    assert longest_silence(caller, caller.answered_at, time.monotonic()) < LONGEST_SILENCE
