"""I7: nobody listens to nothing while a model takes its time."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import numpy as np
import pytest
from livekit import rtc

from callcenter.inroom.agent.patience import (
    BRIDGE_AFTER_SECONDS,
    GIVE_UP_AFTER_SECONDS,
    UNCLEAR_AFTER_SECONDS,
    UTTERANCE_SECONDS,
    Moment,
    Patience,
    Step,
    step,
)
from callcenter.inroom.sound.speech import Canned

pytestmark = pytest.mark.pure

BRIDGE = "One moment, please."


def moment(**seen: Any) -> Moment:
    return Moment(**{"caller_speaks": False, "quiet": 0.0, "busy": 0.0, "idle": 0.0, "unclear": False, **seen})


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


async def test_i7_a_bridge_that_cannot_be_published_ends_no_watch_and_delays_none() -> None:
    async with watched(Quiet()) as (is_not_understood, watch):
        await is_not_understood()
        await asyncio.sleep(0.5)
        await is_not_understood()
        assert not watch.done()


async def test_i7_a_caller_who_speaks_before_the_greeting_and_is_not_understood_is_asked_again() -> None:
    async with watched(Unheard()) as (is_not_understood, _):
        await is_not_understood()


async def test_who_was_waiting_for_nothing_is_given_time_for_what_a_colleague_has_asked_for() -> None:
    """A whisper is followed by an answer that the caller knows nothing of: they begin to wait with it, and not with
    their last word."""
    conversation = Quiet()
    conversation.sounds_until = time.monotonic() - GIVE_UP_AFTER_SECONDS
    telling = Telling()
    patience = patient_with(telling)
    gave_up: list[float] = []
    cast(Any, patience)._give_up = lambda: gave_up.append(time.monotonic())
    patience._caller_quiet_since = conversation.sounds_until
    seen: Any = conversation
    watch = asyncio.create_task(patience.watch(seen, seen, seen))
    try:
        await asyncio.sleep(1.0)
        began = time.monotonic()
        conversation.agent_state = "thinking"
        async with asyncio.timeout(5):
            while not telling.sentences:
                await asyncio.sleep(0.01)
        assert time.monotonic() - began > BRIDGE_AFTER_SECONDS - 0.2, "bridged like any other, and no sooner"
        assert (telling.sentences, gave_up) == (1, [])
    finally:
        telling.let_go.set()
        watch.cancel()
    assert not gave_up


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
