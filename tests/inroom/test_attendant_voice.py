"""The attendant in real rooms when its voice fails, is slow, or has said the same before."""

import asyncio

import pytest

from callcenter.inroom.attendant.programme import OPENING_PATIENCE_SECONDS
from callcenter.platform.wire.messages import Answered, Claim, EndCall, Leave, Left, SayAndEnd, Segment
from tests.inroom.lobby import Lobby
from tests.inroom.rooms import Caller, LiveKit

pytestmark = pytest.mark.livekit


async def test_a_voice_that_fails_leaves_the_music(lobby: Lobby, caller: Caller) -> None:
    lobby.models.failing.add("tts")
    lobby.plan = lobby.planned(opening="Nobody has said this before.")
    offer_id = await lobby.take(caller)
    await caller.hears_sound()
    assert not lobby.desk.all(Segment)
    await lobby.desk.say(Leave(offer_id=offer_id))
    assert (await lobby.desk.wait_for(Left)).failure is None


async def test_i7_a_call_does_not_end_without_its_last_words_because_the_voice_fails_for_a_while(
    lobby: Lobby, caller: Caller
) -> None:
    lobby.models.failing.add("tts")
    lobby.plan = lobby.planned(opening="This number is not used by anybody.", then_end=True)
    await lobby.take(caller)
    await caller.hears_sound()
    await asyncio.sleep(2)
    assert not lobby.desk.all(EndCall)
    lobby.models.failing.clear()
    await lobby.desk.wait_for(EndCall)
    assert [segment.text for segment in lobby.desk.all(Segment)] == ["This number is not used by anybody."]


async def test_i7_last_words_are_said_though_the_voice_fails_for_a_while(lobby: Lobby, caller: Caller) -> None:
    offer_id = await lobby.take(caller)
    await lobby.desk.wait_for(Segment)
    lobby.models.failing.add("tts")
    await lobby.desk.say(SayAndEnd(offer_id=offer_id, text="Nobody has time for you today."))
    await asyncio.sleep(2)
    lobby.models.failing.clear()
    await lobby.desk.wait_for(EndCall)
    assert lobby.desk.all(Segment)[-1].text == "Nobody has time for you today."


async def test_a_slow_voice_is_bridged_by_music(lobby: Lobby, caller: Caller) -> None:
    lobby.models.speech_delay = 4.0
    lobby.plan = lobby.planned(opening="This takes its time.")
    await lobby.take(caller)
    answered = await lobby.desk.wait_for(Answered)
    assert await caller.hears_sound() - lobby.desk.when(answered) < 2
    assert (await lobby.desk.wait_for(Segment)).text == "This takes its time."


async def test_i7_who_rang_while_the_voice_was_slow_is_not_kept_in_silence_for_it_again(
    lobby: Lobby, livekit: LiveKit
) -> None:
    lobby.models.speech_delay = 4.0
    lobby.plan = lobby.planned(opening="This takes its time while it rings.")
    caller = Caller(livekit, kind="sip")
    await caller.join({"sip.callStatus": "ringing"})
    await lobby.take(caller)
    await lobby.desk.wait_for(Claim)
    await asyncio.sleep(OPENING_PATIENCE_SECONDS + 0.3)
    await caller.room.local_participant.set_attributes({"sip.callStatus": "active"})
    answered = await lobby.desk.wait_for(Answered)
    assert await caller.hears_sound() - lobby.desk.when(answered) < 0.7
    await lobby.desk.wait_for(Segment)
    await caller.leave()


async def test_a_sentence_is_synthesised_once(lobby: Lobby, caller: Caller) -> None:
    lobby.plan = lobby.planned(opening="Said twice, made once.")
    first = await lobby.take(caller)
    await lobby.desk.wait_for(Segment)
    await lobby.desk.say(Leave(offer_id=first))
    await lobby.desk.wait_for(Left)
    await lobby.take(caller)
    await lobby.desk.wait_for(Segment, count=2)
    assert lobby.models.spoken == ["Said twice, made once."]
