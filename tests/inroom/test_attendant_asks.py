"""The attendant asks and tells, in real rooms: a real process and LiveKit, a scripted desk, voice and recogniser."""

import asyncio
import itertools
from typing import Any

import pytest

from callcenter.inroom.attendant.programme import KEY_SECONDS
from callcenter.platform.wire.asking import Announce, AnnouncementDue, Chose, NewPlan
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import Ask, ModelEndpoint
from callcenter.platform.wire.messages import EndCall, Segment
from tests.inroom.conftest import clip
from tests.inroom.lobby import OPENING, Lobby
from tests.inroom.rooms import Caller

pytestmark = pytest.mark.livekit

PROMPT = "For your orders, press one. For invoices, press two. To speak to a person, press zero, any time you like."


def menu(lobby: Lobby, **changes: Any) -> Ask:
    listens = ModelEndpoint(model="stt-1", base_url=lobby.models.url)
    own = {"number": 1, "prompt": PROMPT, "keys": {"1": ("orders",), "2": ("invoices",)}, "timeout_seconds": 2.0}
    return Ask(**{**own, "stt": listens, **changes})


async def press(caller: Caller, key: str) -> None:
    await caller.room.local_participant.publish_dtmf(code="0123456789*#".index(key), digit=key)


async def test_a_key_cuts_the_prompt_short_at_once_and_the_next_plan_is_played(lobby: Lobby, caller: Caller) -> None:
    lobby.plan = lobby.planned(opening="", ask=menu(lobby))
    offer_id = await lobby.take(caller)
    began = await caller.hears_sound()
    await asyncio.sleep(1.5)
    pressed_at = asyncio.get_running_loop().time()
    await press(caller, "2")
    chose = await lobby.desk.wait_for(Chose)
    assert (chose.number, chose.key, chose.spoken) == (1, "2", False)
    assert lobby.desk.when(chose) - pressed_at < 0.5
    assert await caller.hears_silence(after=began) - pressed_at < 0.8
    await lobby.desk.say(NewPlan(offer_id=offer_id, plan=lobby.planned(opening="Goodbye.", then_end=True)))
    await lobby.desk.wait_for(EndCall)
    prompt, goodbye = lobby.desk.all(Segment)
    assert prompt.interrupted
    assert PROMPT.startswith(prompt.text)
    assert (goodbye.text, goodbye.interrupted) == ("Goodbye.", False)


async def test_no_choice_in_time_is_told_and_asked_again_as_often_as_the_desk_says(
    lobby: Lobby, caller: Caller
) -> None:
    short = menu(lobby, prompt="One or two?", timeout_seconds=0.8)
    lobby.plan = lobby.planned(opening="", ask=short)
    offer_id = await lobby.take(caller)
    first = await lobby.desk.wait_for(Chose)
    assert (first.number, first.key) == (1, None)
    again = lobby.planned(opening="", ask=short.model_copy(update={"number": 2}))
    await lobby.desk.say(NewPlan(offer_id=offer_id, plan=again))
    second = await lobby.desk.wait_for(Chose, lambda chose: chose.number == 2)
    assert second.key is None
    assert [segment.text for segment in lobby.desk.all(Segment)] == ["One or two?"] * 2


async def test_i7_an_answer_that_the_desk_does_not_hear_is_told_again_with_music_meanwhile(
    lobby: Lobby, caller: Caller
) -> None:
    lobby.plan = lobby.planned(opening="", ask=menu(lobby))
    await lobby.take(caller)
    began = await caller.hears_sound()
    await press(caller, "1")
    told = await lobby.desk.wait_for(Chose)
    await lobby.desk.wait_for(Chose, count=2)
    quiet = await caller.hears_silence(after=began)
    assert await caller.hears_sound(after=quiet) - quiet < 2.0, "music until the desk is back"
    assert told == lobby.desk.all(Chose)[1]


async def test_a_spoken_word_chooses_as_its_key_does_and_is_stored(lobby: Lobby, caller: Caller) -> None:
    lobby.models.heard = ["Invoices, please."]
    lobby.plan = lobby.planned(opening="", ask=menu(lobby, prompt="One or two?", timeout_seconds=6.0))
    await lobby.take(caller)
    await lobby.desk.wait_for(Segment)
    await caller.say(clip("hello_world.wav"))
    chose = await lobby.desk.wait_for(Chose)
    assert (chose.key, chose.spoken) == ("2", True)
    words = await lobby.desk.wait_for(Segment, lambda segment: segment.speaker is Speaker.CALLER)
    assert words.text == "Invoices, please."


async def test_words_that_mean_nothing_choose_nothing(lobby: Lobby, caller: Caller) -> None:
    lobby.models.heard = ["The weather is nice."]
    lobby.plan = lobby.planned(opening="", ask=menu(lobby, prompt="One or two?", timeout_seconds=3.0))
    await lobby.take(caller)
    await lobby.desk.wait_for(Segment)
    await caller.say(clip("hello_world.wav"))
    chose = await lobby.desk.wait_for(Chose)
    assert (chose.key, chose.spoken) == (None, False)


async def test_those_who_wait_are_told_and_hear_music_again_and_their_keys_are_passed_on(
    lobby: Lobby, caller: Caller
) -> None:
    lobby.plan = lobby.planned(keys=("1",), announce_every_seconds=1.5)
    offer_id = await lobby.take(caller)
    opening = await lobby.desk.wait_for(Segment)
    assert opening.text == OPENING
    due = await lobby.desk.wait_for(AnnouncementDue)
    assert 1.0 < lobby.desk.when(due) - lobby.desk.when(opening) < 3.0
    await lobby.desk.say(Announce(offer_id=offer_id, texts=("You are next in line.", "Thank you for waiting.")))
    told = await lobby.desk.wait_for(Segment, count=3)
    assert [segment.text for segment in lobby.desk.all(Segment)[1:]] == [
        "You are next in line.",
        "Thank you for waiting.",
    ]
    assert await caller.hears_sound(after=lobby.desk.when(told) + 0.7), "music again"
    await press(caller, "1")
    chose = await lobby.desk.wait_for(Chose)
    assert (chose.number, chose.key) == (0, "1")


async def test_a_key_cuts_an_announcement_short(lobby: Lobby, caller: Caller) -> None:
    lobby.plan = lobby.planned(opening="", keys=("1",))
    offer_id = await lobby.take(caller)
    await caller.hears_sound()
    await lobby.desk.say(Announce(offer_id=offer_id, texts=(f"This is long. {PROMPT}",)))
    await asyncio.sleep(3)  # the sentence lasts twice as long
    await press(caller, "1")
    cut = await lobby.desk.wait_for(Segment)
    assert cut.interrupted
    assert (await lobby.desk.wait_for(Chose)).key == "1"


async def test_keys_that_come_faster_than_anybody_presses_are_passed_on_one_after_the_other(
    lobby: Lobby, caller: Caller
) -> None:
    lobby.plan = lobby.planned(opening="", keys=("1",))
    await lobby.take(caller)
    await caller.hears_sound()
    for _ in range(20):
        await press(caller, "1")
    await lobby.desk.wait_for(Chose, count=4)
    times = [lobby.desk.when(chose) for chose in lobby.desk.all(Chose)]
    assert all(later - earlier > KEY_SECONDS - 0.1 for earlier, later in itertools.pairwise(times))


async def test_a_key_that_means_nothing_takes_no_announcement_away(lobby: Lobby, caller: Caller) -> None:
    lobby.plan = lobby.planned(opening="", keys=("1",))
    offer_id = await lobby.take(caller)
    await caller.hears_sound()
    await lobby.desk.say(Announce(offer_id=offer_id, texts=("Thank you for waiting, you are next in line.",)))
    await asyncio.sleep(1)
    await press(caller, "9")
    told = await lobby.desk.wait_for(Segment)
    assert not told.interrupted
    assert lobby.desk.all(Chose) == []
