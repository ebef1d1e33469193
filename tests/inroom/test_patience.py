"""I7: nobody listens to nothing while a model takes its time."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any, cast

import numpy as np
import pytest
from livekit import rtc

from callcenter.inroom.agent.patience import UNCLEAR_AFTER_SECONDS, UTTERANCE_SECONDS, Moment, Patience, Step, step
from callcenter.inroom.client.link import END_CALL_RETRY_SECONDS, END_CALL_TRIES, FLUSH_SECONDS
from callcenter.inroom.sound.speech import Canned
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import EndCall, Left, Segment
from tests.inroom.conftest import GREETING, Stage, brief, clip
from tests.inroom.fake_models import Reply
from tests.inroom.rooms import Caller

LONGEST_SILENCE = 2.0
BRIDGE = "One moment, please."
TROUBLE = "Sorry, say that again."


def moment(**seen: Any) -> Moment:
    return Moment(**{"caller_speaks": False, "quiet": 0.0, "busy": 0.0, "idle": 0.0, "unclear": False, **seen})


@pytest.mark.pure
@pytest.mark.parametrize(
    ("seen", "needed"),
    [
        (moment(caller_speaks=True, busy=9, quiet=9), Step.SILENCE),
        (moment(busy=0.5, quiet=0.5), Step.WAIT),
        (moment(busy=0.1, quiet=1.3), Step.WAIT),
        (moment(busy=0.5, quiet=1.3), Step.BRIDGE),
        (moment(busy=9, quiet=9), Step.GIVE_UP),
        (moment(idle=0.2, quiet=1.3), Step.WAIT),
        (moment(idle=3, quiet=3), Step.SILENCE),
        (moment(idle=0.2, quiet=1.0, unclear=True), Step.WAIT),
        (moment(idle=0.2, quiet=1.5, unclear=True), Step.ASK_AGAIN),
        (moment(busy=1, quiet=1.5, unclear=True), Step.BRIDGE),
        (moment(busy=0.1, quiet=1.4), Step.BRIDGE),
        (moment(ending=True, idle=1.0, quiet=1.0), Step.WAIT),
        (moment(ending=True, idle=1.2, quiet=1.2), Step.BRIDGE),
        (moment(ending=True, idle=30, quiet=30, caller_speaks=True), Step.BRIDGE),
    ],
)
def test_what_a_waiting_caller_needs(seen: Moment, needed: Step) -> None:
    assert step(seen) is needed


class Quiet:
    """A conversation in which the agent has spoken and nothing else happens."""

    agent_state = "listening"
    busy = False
    unfinished = False
    sounds_until = 0.1


class Room:
    """A room in which no track can be published, though one tries for a while."""

    def __init__(self) -> None:
        self.local_participant = self

    async def publish_track(self, *_: object) -> None:
        await asyncio.sleep(1.0)
        raise RuntimeError("the engine is away")


class Unheard(Quiet):
    """The same before the agent's first word."""

    sounds_until = 0.0


@asynccontextmanager
async def watched(conversation: Quiet) -> AsyncIterator[tuple[Callable[[], Awaitable[None]], asyncio.Task[None]]]:
    """The watch over `conversation`, and what has the caller say something in it and be asked again at once."""
    asked = asyncio.Event()
    patience = Patience(
        cast(rtc.Room, Room()), cast(Canned, None), BRIDGE, ask_again=asked.set, give_up=asked.set, said=lambda *_: None
    )

    async def is_not_understood() -> None:
        patience.caller_began()
        await asyncio.sleep(UTTERANCE_SECONDS)
        patience.caller_ended(UNCLEAR_AFTER_SECONDS)
        async with asyncio.timeout(0.5):
            await asked.wait()
        asked.clear()

    seen: Any = conversation
    watch = asyncio.create_task(patience.watch(seen, seen, seen))
    try:
        yield is_not_understood, watch
    finally:
        watch.cancel()


@pytest.mark.pure
async def test_i7_a_bridge_that_cannot_be_published_ends_no_watch_and_delays_none() -> None:
    async with watched(Quiet()) as (is_not_understood, watch):
        await is_not_understood()
        await asyncio.sleep(0.5)
        await is_not_understood()
        assert not watch.done()


@pytest.mark.pure
async def test_i7_a_caller_who_speaks_before_the_greeting_and_is_not_understood_is_asked_again() -> None:
    async with watched(Unheard()) as (is_not_understood, _):
        await is_not_understood()


class Telling:
    """A loudspeaker that is in the middle of a sentence."""

    def __init__(self) -> None:
        self.sentences = 0
        self.music_played = 0
        self.let_go = asyncio.Event()

    async def say(self, _: object) -> None:
        self.sentences += 1
        await self.let_go.wait()

    async def fade(self, _: float) -> None: ...

    async def close(self) -> None: ...

    def share_heard(self) -> float:
        return 0.5

    def music(self, _: object) -> None:
        self.music_played += 1


def patient_with(telling: Telling) -> Patience:
    canned = Canned(cast(Any, None), "", cast(Any, None))
    cast(Any, canned).ready = lambda _: np.zeros(1, dtype=np.int16)
    patience = Patience(
        cast(rtc.Room, None), canned, BRIDGE, ask_again=lambda: None, give_up=lambda: None, said=lambda *_: None
    )
    patience._publishing = asyncio.create_task(asyncio.sleep(0, cast(Any, telling)))
    patience._player = cast(Any, telling)
    return patience


class Thinking(Quiet):
    """A conversation in which the caller has long been owed an answer."""

    agent_state = "thinking"


@pytest.mark.pure
async def test_the_bridging_sentence_is_said_once_while_the_answer_waits_for_its_end() -> None:
    telling, seen = Telling(), cast(Any, Thinking())
    patience = patient_with(telling)
    patience.caller_began()
    patience.caller_ended(2.0)
    watch = asyncio.create_task(patience.watch(seen, seen, seen))
    async with asyncio.timeout(5):
        while not telling.sentences:
            await asyncio.sleep(0.01)
    answer = asyncio.create_task(patience.make_room())
    await asyncio.sleep(0.5)  # several looks, all of which find the caller waiting
    telling.let_go.set()
    await answer
    await asyncio.sleep(0.5)  # the answer is on its way to the phone
    watch.cancel()
    assert telling.sentences == 1


@pytest.mark.pure
async def test_an_answer_that_is_given_up_while_the_bridge_is_said_leaves_nobody_who_plays_on() -> None:
    telling = Telling()
    patience = patient_with(telling)
    await patience._do(Step.BRIDGE)
    bridging = patience._bridging
    assert bridging is not None
    await asyncio.sleep(0.05)
    answer = asyncio.create_task(patience.make_room())
    await asyncio.sleep(0.05)
    answer.cancel()
    await asyncio.gather(answer, return_exceptions=True)
    telling.let_go.set()
    await asyncio.wait([bridging], timeout=10)
    assert bridging.cancelled()
    assert telling.music_played == 0


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


@pytest.mark.livekit
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


@pytest.mark.livekit
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


@pytest.mark.livekit
@pytest.mark.parametrize("slow", ["stt", "llm"])
async def test_a_slow_answer_is_bridged_by_a_sentence_and_music(stage: Stage, caller: Caller, slow: str) -> None:
    stage.models.heard[:] = ["Where is my order?"]
    stage.models.think = lambda _: Reply("It was sent yesterday.")
    stage.models.delays[slow] = 3.2
    since = await asked(stage, caller)
    await stage.desk.wait_for(Segment, lambda s: s.text == "It was sent yesterday.", seconds=12)
    assert agent_said(stage) == [GREETING, BRIDGE, "It was sent yesterday."]
    assert longest_silence(caller, since, time.monotonic()) < LONGEST_SILENCE


@pytest.mark.livekit
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


@pytest.mark.livekit
async def test_a_voice_that_stalls_in_the_middle_of_a_sentence_is_bridged(stage: Stage, caller: Caller) -> None:
    stage.models.heard[:] = ["Where is my order?"]
    stage.models.think = lambda _: Reply("It was sent yesterday and will be there tomorrow.")
    await stage.dispatch(caller)
    await stage.desk.wait_for(Segment, lambda s: s.text == GREETING)
    stage.models.delays["tts"] = 4.0
    await caller.say(clip("weather_question.wav")[: int(1.77 * 24_000)])
    since = time.monotonic() - 0.5
    await stage.desk.wait_for(Segment, lambda s: s.text.startswith("It was sent"), seconds=15)
    assert longest_silence(caller, since, time.monotonic()) < LONGEST_SILENCE


@pytest.mark.livekit
async def test_i7_a_greeting_that_is_long_in_coming_is_bridged(stage: Stage, caller: Caller) -> None:
    greeting = f"Good day, you have waited for this {time.time_ns()} times."
    stage.brief = brief(stage.models, greeting=greeting)
    stage.models.speech_delay = 4.0
    await stage.dispatch(caller)
    await stage.desk.wait_for(Segment, lambda s: s.text == greeting, seconds=15)
    assert longest_silence(caller, caller.answered_at, time.monotonic()) < LONGEST_SILENCE
