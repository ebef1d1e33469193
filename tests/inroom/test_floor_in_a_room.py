"""Who leads the call, in a real room: the agent falls silent for a human, listens on, helps, plays music on hold and
goes on when the call is handed back."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from callcenter.inroom.agent.models import LONGEST_PAUSE_SECONDS
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import NamedField, PastTurn
from callcenter.platform.wire.messages import FirstFrame, JobBeat, Segment, Trouble
from callcenter.platform.wire.supervision import Assistance, Back, Leads, SayNext, Supervised
from tests.inroom.conftest import GREETING, Stage, brief, by, clip, last_words
from tests.inroom.fake_models import Reply
from tests.inroom.rooms import LOUD, RATE, Caller, LiveKit

pytestmark = pytest.mark.livekit

SAM = "supervisor-s1"
LONG = f"{GREETING} We have offers on shoes and hats and many other things that nobody needs in a small flat."
BACK = "You agreed on a new parcel with my colleague."
# From the desk's word to silence in a participant's decoded audio, its jitter buffer among it (docs/performance.md has
# the telephone's); the median of an idle machine is 60 ms.
SILENT_SECONDS = 0.2
QUIET = 100.0


def think(messages: list[dict[str, Any]]) -> Reply:
    asked = last_words(messages)
    if "JSON object" in asked:
        said = [str(message.get("content")) for message in messages if message["role"] == "user"]
        found = {"summary": "A parcel.", "suggestions": ["Send it again."], "fields": {"What": said[-1]}}
        return Reply(json.dumps(found))
    return Reply(BACK if "handed the call back" in asked else "I see.")


@pytest.fixture
def helpful(stage: Stage) -> Stage:
    stage.models.think = think
    stage.brief = brief(stage.models, greeting=LONG, fields=(NamedField(name="What"),))
    return stage


@pytest.fixture
async def sam(livekit: LiveKit, caller: Caller) -> AsyncIterator[Caller]:
    """A supervisor in the caller's room, who speaks when a test lets them."""
    supervisor = Caller(livekit, room_name=caller.room_name, identity=SAM)
    await supervisor.join()
    yield supervisor
    await supervisor.leave()


async def stands(stage: Stage, offer_id: str, epoch: int, lead: Leads, mode: str = "take_over", **more: Any) -> float:
    """The desk says how the call stands; when it did."""
    said_at = time.monotonic()
    await stage.desk.say(Supervised(offer_id=offer_id, lead=lead, epoch=epoch, modes={SAM: mode}, **more))
    return said_at


async def in_mid_sentence(stage: Stage, caller: Caller) -> str:
    """The agent has begun its long greeting."""
    offer_id = await stage.offer(caller)
    heard_at = await caller.hears_sound()
    await stage.desk.wait_for(JobBeat, lambda beat: beat.saying is not None and beat.offer_id == offer_id)
    assert time.monotonic() - heard_at < len(LONG) * 0.06, "it still speaks"
    return offer_id


async def test_the_agent_is_silent_at_once_for_who_takes_over_listens_on_and_speaks_when_handed_back(
    helpful: Stage, caller: Caller
) -> None:
    stage = helpful
    offer_id = await in_mid_sentence(stage, caller)
    said_at = await stands(stage, offer_id, 1, Leads.SUPERVISOR)
    silent_at = await caller.hears_silence(after=said_at)
    assert silent_at - said_at < SILENT_SECONDS
    cut = await stage.desk.wait_for(Segment, by(Speaker.AGENT))
    assert cut.interrupted
    assert LONG.startswith(cut.text)

    before = len(stage.models.chats)
    stage.models.heard[:] = ["My parcel is broken."]
    await caller.say(clip("weather_question.wav"))
    assert (await stage.desk.wait_for(Segment, by(Speaker.CALLER))).text == "My parcel is broken."
    noted = await stage.desk.wait_for(Assistance)
    asked_for = {last_words(chat) for chat in stage.models.chats[before:]}
    assert all("JSON object" in words for words in asked_for), "no answer that nobody would hear is made"
    assert noted == Assistance(
        offer_id=offer_id, summary="A parcel.", suggestions=("Send it again.",), fields={"What": "My parcel is broken."}
    )
    assert caller.sound_seconds(since=silent_at) == 0, "unheard by the caller"
    assert len(stage.desk.all(Segment)) == 2

    await stands(stage, offer_id, 2, Leads.AGENT, back=Back.HANDED_BACK)
    assert (await stage.desk.wait_for(Segment, by(Speaker.AGENT), count=2)).text == BACK
    asked = stage.models.chats[-1]
    assert any("My parcel is broken." in str(message.get("content")) for message in asked), "it has heard all"
    assert not stage.desk.all(Trouble)


async def test_a_call_handed_back_just_after_words_that_are_not_finished_is_taken_up_once(
    helpful: Stage, caller: Caller
) -> None:
    stage = helpful
    stage.brief = brief(stage.models, fields=(NamedField(name="What"),))
    offer_id = await stage.greeted(caller)
    await stands(stage, offer_id, 1, Leads.SUPERVISOR)
    stage.models.heard[:] = ["I have a problem with the"]
    await caller.say(clip("weather_question.wav"))
    await stage.desk.wait_for(Segment, by(Speaker.CALLER))
    await stands(stage, offer_id, 2, Leads.AGENT, back=Back.HANDED_BACK)
    assert (await stage.desk.wait_for(Segment, by(Speaker.AGENT), count=2)).text == BACK
    await asyncio.sleep(2 * LONGEST_PAUSE_SECONDS)
    said = [segment.text for segment in stage.desk.all(Segment) if segment.speaker is Speaker.AGENT]
    assert said == [GREETING, BACK], "words that were said to a human are answered by nobody else"
    assert not stage.desk.all(Trouble)


async def test_an_answer_that_is_only_being_thought_of_is_never_said_and_nobody_misses_it(
    helpful: Stage, caller: Caller
) -> None:
    stage = helpful
    stage.brief = brief(stage.models, fields=(NamedField(name="What"),))
    offer_id = await stage.greeted(caller)
    stage.models.delays["llm"] = 1.2
    stage.models.heard[:] = ["Where is my parcel?", "It is broken."]
    await caller.say(clip("weather_question.wav"))
    await stage.desk.wait_for(Segment, by(Speaker.CALLER))
    said_at = await stands(stage, offer_id, 1, Leads.SUPERVISOR)
    await caller.say(clip("weather_question.wav"))
    await stage.desk.wait_for(Assistance)
    assert caller.sound_seconds(since=said_at + SILENT_SECONDS) == 0
    assert [segment.text for segment in stage.desk.all(Segment)] == [GREETING, "Where is my parcel?", "It is broken."]
    assert not stage.desk.all(Trouble), "an answer that is not wanted is no failure"


async def test_a_late_word_of_who_leads_changes_nothing(helpful: Stage, caller: Caller) -> None:
    stage = helpful
    offer_id = await in_mid_sentence(stage, caller)
    silent_at = await caller.hears_silence(after=await stands(stage, offer_id, 5, Leads.SUPERVISOR))
    await stands(stage, offer_id, 4, Leads.AGENT, back=Back.HANDED_BACK)
    await stage.desk.say(SayNext(offer_id=offer_id, text="My colleague is busy."))
    stage.models.heard[:] = ["Hello?"]
    await caller.say(clip("hello_world.wav"))
    await stage.desk.wait_for(Assistance)
    assert caller.sound_seconds(since=silent_at) == 0


async def test_a_human_who_leads_is_written_down_apart_from_the_caller(
    helpful: Stage, caller: Caller, sam: Caller
) -> None:
    stage = helpful
    stage.brief = brief(stage.models, led_by_human=True, lead_epoch=1, supervisors={SAM: "take_over"})
    stage.models.heard[:] = ["I am Sam."]
    await stage.offer(caller)
    await stage.desk.wait_for(JobBeat)
    await heard_by(sam, stage)
    told = await stage.desk.wait_for(Segment, by(Speaker.SUPERVISOR))
    assert (told.text, told.identity) == ("I am Sam.", SAM)
    assert not stage.desk.all(FirstFrame), "it came without a sound"
    assert not stage.models.chats or "JSON object" in last_words(stage.models.chats[-1])


async def heard_by(sam: Caller, stage: Stage) -> None:
    """Sam speaks until the agent, who has just come, has heard a sentence whole."""
    for _ in range(3):
        await sam.say(clip("weather_question.wav"))
        if stage.models.transcribed_at:
            return


async def test_two_do_not_speak_at_once_when_a_colleague_barges_in(helpful: Stage, caller: Caller, sam: Caller) -> None:
    stage = helpful
    offer_id = await in_mid_sentence(stage, caller)
    await stands(stage, offer_id, 1, Leads.AGENT, mode="barge")
    stage.models.heard[:] = ["One moment."]
    await sam.say(clip("weather_question.wav"))
    cut = await stage.desk.wait_for(Segment, by(Speaker.AGENT))
    assert cut.interrupted
    assert (await stage.desk.wait_for(Segment, by(Speaker.SUPERVISOR))).text == "One moment."


def upload(stage: Stage) -> tuple[str, float]:
    """A sound that a worker of this machine has fetched before: its digest, and how loud it is."""
    samples = (1500 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)).astype("<i2")
    digest = hashlib.sha256(samples.tobytes()).hexdigest()
    folder = stage.folder / "cache" / "sounds"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{digest}.pcm").write_bytes(samples.tobytes())
    return digest, 1500 / np.sqrt(2)


async def hears_music(caller: Caller, after: float) -> float:
    """When the music began. The agent's voice is a track of its own, silent, whose frames come in between."""
    async with asyncio.timeout(5):
        while len(loud := [at for at, level in caller.levels if at > after and level > LOUD]) < 3:
            await asyncio.sleep(0.02)
    return loud[0]


async def steadily(caller: Caller, level: float, began: float) -> bool:
    """Whether half a second of what is heard is a tone of this level, but for a few frames that came late."""
    async with asyncio.timeout(5):
        while len(heard := [found for at, found in caller.levels if at > began + 0.2 and found > QUIET][:50]) < 50:
            await asyncio.sleep(0.02)
    return bool(sum(0.8 * level < found < 1.2 * level for found in heard) >= 45)


@pytest.mark.parametrize("uploaded", [True, False], ids=["the queue's music", "music that cannot be had"])
async def test_a_caller_on_hold_hears_music_until_they_are_taken_back(
    helpful: Stage, caller: Caller, uploaded: bool
) -> None:
    stage = helpful
    digest, level = upload(stage) if uploaded else ("0" * 64, 1500.0)
    stage.brief = brief(stage.models, hold_music=digest)
    offer_id = await stage.greeted(caller)
    await stands(stage, offer_id, 1, Leads.SUPERVISOR)
    for _ in range(2):
        held_at = await stands(stage, offer_id, 1, Leads.SUPERVISOR, held=True)
        began = await hears_music(caller, held_at)
        assert began - held_at < 2, "I7"
        assert await steadily(caller, level, began) is uploaded
        taken_back = await stands(stage, offer_id, 1, Leads.SUPERVISOR)
        silent_at = await caller.hears_silence(after=taken_back)
        assert silent_at - taken_back < 1
    await stands(stage, offer_id, 2, Leads.AGENT, back=Back.LEFT, sentence="I am here again.")
    assert (await stage.desk.wait_for(Segment, lambda s: s.text == "I am here again.")).speaker is Speaker.AGENT


async def test_an_agent_that_comes_to_a_call_on_hold_plays_and_greets_nobody(helpful: Stage, caller: Caller) -> None:
    stage = helpful
    stage.brief = brief(stage.models, led_by_human=True, held=True, lead_epoch=3)
    offer_id = await stage.offer(caller)
    held_at = await hears_music(caller, 0)
    silent_at = await caller.hears_silence(after=await stands(stage, offer_id, 3, Leads.SUPERVISOR))
    assert silent_at > held_at
    assert not stage.desk.all(Segment)


async def test_the_news_that_no_human_came_is_said_before_the_greeting(helpful: Stage, caller: Caller) -> None:
    stage = helpful
    said = (PastTurn(speaker=Speaker.ATTENDANT, text="Please hold on."),)
    stage.brief = brief(stage.models, news="Nobody came. I help you.", history=said)
    await stage.offer(caller)
    await stage.desk.wait_for(Segment, by(Speaker.AGENT), count=2)
    assert [segment.text for segment in stage.desk.all(Segment)] == ["Nobody came. I help you.", GREETING]
