"""An attendant that takes a message, in a real room: what was said arrives second by second."""

import asyncio
import time

import numpy as np
import pytest

from callcenter.inroom.sound import tone
from callcenter.platform.wire.messages import EndCall, Leave, Left, Segment
from callcenter.platform.wire.telephone import RATE, from_ulaw, voiced_seconds
from callcenter.platform.wire.voicemail import Record, VoicemailPart
from tests.inroom.conftest import clip
from tests.inroom.fake_models import SECONDS_PER_CHARACTER
from tests.inroom.lobby import Lobby
from tests.inroom.rooms import Caller

pytestmark = pytest.mark.livekit

GREETING = "Please leave a message."
GOODBYE = "Thank you."
NOTHING = "I heard nothing."
WORDS = clip("weather_question.wav")


def box(lobby: Lobby, **changes: float) -> None:
    record = Record(box="support", goodbye=GOODBYE, nothing=NOTHING, **{"silence_seconds": 1.5, **changes})
    lobby.plan = lobby.planned(opening=GREETING, record=record)


async def at_the_tone(lobby: Lobby, caller: Caller) -> str:
    """The greeting is over, and so is the tone."""
    offer_id = await lobby.take(caller)
    greeting = await lobby.desk.wait_for(Segment)
    assert greeting.text == GREETING
    async with asyncio.timeout(15):  # by how much was heard of both: the desk hears of a greeting sooner or later
        while caller.sound_seconds() < len(GREETING) * SECONDS_PER_CHARACTER + tone.SECONDS - 0.2:
            await asyncio.sleep(0.02)
    await caller.hears_silence(after=time.monotonic())
    return offer_id


def recorded(lobby: Lobby) -> np.ndarray:
    parts = lobby.desk.all(VoicemailPart)
    assert [part.seq for part in parts] == list(range(1, len(parts) + 1))
    assert {part.box for part in parts} == {"support"}
    return from_ulaw(b"".join(part.audio for part in parts))


def likeness(heard: np.ndarray, said: np.ndarray) -> float:
    """How much the loudness of one follows the other's, 20 ms at a time, at the best shift: 1 is the same."""

    def loudness(samples: np.ndarray, rate: int) -> np.ndarray:
        size = rate // 50
        frames = samples[: len(samples) // size * size].reshape(-1, size).astype(float)
        return np.asarray(np.log(np.sqrt((frames**2).mean(axis=1)) + 30))

    one, other = loudness(heard, RATE), loudness(said, 24_000)
    other = other[: len(one)]
    return max(float(np.corrcoef(one[s : s + len(other)], other)[0, 1]) for s in range(len(one) - len(other) + 1))


async def test_what_is_said_after_the_tone_is_kept_and_silence_ends_it(lobby: Lobby, caller: Caller) -> None:
    box(lobby)
    await at_the_tone(lobby, caller)
    assert lobby.desk.all(VoicemailPart) == [] or voiced_seconds(recorded(lobby)) == 0, "the greeting is not recorded"
    await caller.say(WORDS)
    await lobby.desk.wait_for(EndCall, seconds=15)
    assert [segment.text for segment in lobby.desk.all(Segment)] == [GREETING, GOODBYE]
    heard = recorded(lobby)
    assert abs(len(heard) / RATE - (len(WORDS) / 24_000 + 1.5 + 0.5)) < 1.5
    assert likeness(heard, WORDS) > 0.8
    story = lobby.desk.story()
    assert story.index("end_call") > max(n for n, kind in enumerate(story) if kind == "voicemail_part")
    assert (await lobby.desk.wait_for(Left)).failure is None


async def test_who_says_nothing_is_told_so(lobby: Lobby, caller: Caller) -> None:
    box(lobby)
    await at_the_tone(lobby, caller)
    await lobby.desk.wait_for(EndCall, seconds=15)
    assert lobby.desk.all(Segment)[-1].text == NOTHING
    assert voiced_seconds(recorded(lobby)) < 0.3


async def test_i7_music_bridges_a_goodbye_whose_voice_fails(lobby: Lobby, caller: Caller) -> None:
    record = Record(box="support", goodbye="Not to be had.", nothing="Nor is this.", silence_seconds=1.5)
    lobby.plan = lobby.planned(opening=GREETING, record=record)
    try:
        at_tone = asyncio.create_task(at_the_tone(lobby, caller))
        await caller.hears_sound(after=time.monotonic())
        lobby.models.failing.add("tts")
        await at_tone
        await caller.say(WORDS)
        over = time.monotonic() + record.silence_seconds
        music = await caller.hears_sound(after=over)
        assert music - over < 2.0 + 0.5, "and half a second for the room and this machine"
    finally:
        lobby.models.failing.discard("tts")
    assert (await lobby.desk.wait_for(Segment, lambda said: said.text == record.goodbye, seconds=10)).text
    await lobby.desk.wait_for(EndCall)


async def test_the_time_for_a_message_is_limited(lobby: Lobby, caller: Caller) -> None:
    most = 4.0
    box(lobby, max_seconds=most, silence_seconds=20)
    await at_the_tone(lobby, caller)
    saying = asyncio.create_task(caller.say(np.tile(WORDS, 6)))
    await lobby.desk.wait_for(Segment, lambda said: said.text == GOODBYE, seconds=15)
    assert not saying.done(), "the caller was not at an end"
    assert most - 0.4 < len(recorded(lobby)) / RATE < most + 0.6
    saying.cancel()
    await lobby.desk.wait_for(EndCall)


async def test_a_hash_ends_the_message(lobby: Lobby, caller: Caller) -> None:
    box(lobby, silence_seconds=20)
    await at_the_tone(lobby, caller)
    await caller.say(WORDS[:24_000])
    await caller.room.local_participant.publish_dtmf(code=11, digit="#")
    await lobby.desk.wait_for(Segment, lambda said: said.text == GOODBYE, seconds=5)
    await lobby.desk.wait_for(EndCall)


async def test_when_the_call_ends_in_the_middle_the_last_part_is_sent_before_the_attendant_leaves(
    lobby: Lobby, caller: Caller
) -> None:
    box(lobby)
    offer_id = await at_the_tone(lobby, caller)
    saying = asyncio.create_task(caller.say(WORDS))
    await lobby.desk.wait_for(VoicemailPart)
    await asyncio.sleep(0.5)
    await lobby.desk.say(Leave(offer_id=offer_id))
    await lobby.desk.wait_for(Left)
    saying.cancel()
    story = lobby.desk.story()
    assert story[-2:] == ["voicemail_part", "left"]
    assert len(recorded(lobby)) / RATE > 1.3, "a whole second, and half of the next"


async def test_what_the_desk_has_not_acknowledged_is_on_disk_and_sent_again(lobby: Lobby, caller: Caller) -> None:
    box(lobby)
    lobby.desk.acknowledges = False
    try:
        await at_the_tone(lobby, caller)
        await caller.say(WORDS)
        await lobby.desk.wait_for(VoicemailPart, lambda part: part.seq == 1, count=2)
    finally:
        lobby.desk.acknowledges = True
    first = [part for part in lobby.desk.all(VoicemailPart) if part.seq == 1]
    assert first[0] == first[1]
    await lobby.desk.wait_for(EndCall, seconds=20)
