"""The attendant in real rooms: a real process and LiveKit, with a scripted desk and a scripted voice."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from callcenter.inroom.client.link import END_CALL_RETRY_SECONDS, END_CALL_TRIES, FLUSH_SECONDS
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.identities import attendant_identity
from callcenter.platform.wire.messages import (
    Answered,
    CallerLeft,
    EndCall,
    EndReason,
    Fade,
    FirstFrame,
    Leave,
    Left,
    Refuse,
    SayAndEnd,
    Segment,
    Take,
    WorkerBeat,
)
from tests.inroom.fake_models import SECONDS_PER_CHARACTER
from tests.inroom.lobby import OPENING, Lobby
from tests.inroom.rooms import Caller, LiveKit, remove

pytestmark = pytest.mark.livekit

FAREWELL = "Nobody is free today. Goodbye."


async def test_attendant_answers_says_the_opening_and_plays_music_without_gaps(lobby: Lobby, caller: Caller) -> None:
    await lobby.take(caller)
    frame = await lobby.desk.wait_for(FirstFrame)
    assert lobby.desk.when(frame) < await caller.hears_sound()
    assert await lobby.desk.wait_for(Answered)
    opening = await lobby.desk.wait_for(Segment)
    assert (opening.speaker, opening.text, opening.interrupted) == (Speaker.ATTENDANT, OPENING, False)
    length = (opening.ended_at - opening.started_at).total_seconds()
    assert abs(length - len(OPENING) * SECONDS_PER_CHARACTER) < 0.5
    await asyncio.sleep(3)
    music = [level for at, level in caller.levels if at > lobby.desk.when(opening) + 0.5]
    assert len(music) > 200
    assert sum(level < 30 for level in music) < len(music) / 20


async def test_attendant_fades_out_within_the_time_given_although_two_seconds_are_queued(
    lobby: Lobby, caller: Caller
) -> None:
    offer_id = await lobby.take(caller)
    await lobby.desk.wait_for(Segment)
    await asyncio.sleep(2.5)
    told_at = time.monotonic()
    await lobby.desk.say(Fade(offer_id=offer_id, seconds=0.2))
    left = await lobby.desk.wait_for(Left)
    assert left.failure is None
    await asyncio.sleep(0.3)
    assert max((at for at, level in caller.levels if level > 100), default=0.0) - told_at < 0.6
    assert not lobby.desk.all(EndCall)


LONG_OPENING = "All our agents are talking to somebody else. You are the next in line, and it will not take very long."
LONG_SPEECH_SECONDS = len(LONG_OPENING) * SECONDS_PER_CHARACTER


async def test_a_sentence_that_is_faded_out_is_stored_as_far_as_it_was_heard(lobby: Lobby, caller: Caller) -> None:
    lobby.plan = lobby.planned(opening=LONG_OPENING)
    offer_id = await lobby.take(caller)
    await caller.hears_sound()
    await asyncio.sleep(1)
    await lobby.desk.say(Fade(offer_id=offer_id))
    cut = await lobby.desk.wait_for(Segment)
    assert cut.interrupted
    assert LONG_OPENING.startswith(cut.text)
    assert 3 < len(cut.text) < len(LONG_OPENING)
    await lobby.desk.wait_for(Left)


@asynccontextmanager
async def stopped(pid: int) -> AsyncIterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_an_attendant_that_was_stopped_and_removed_stores_what_was_heard_and_not_what_its_clock_says(
    lobby: Lobby, caller: Caller
) -> None:
    lobby.plan = lobby.planned(opening=LONG_OPENING)
    offer_id = await lobby.take(caller)
    began = await caller.hears_sound()
    await asyncio.sleep(1.2)
    async with stopped(lobby.pid):
        await asyncio.sleep(1)
        await remove(lobby.livekit, caller.room_name, attendant_identity(offer_id))
        await asyncio.sleep(LONG_SPEECH_SECONDS)
    heard_seconds = max(at for at, level in caller.levels if level > 100) - began
    assert heard_seconds > 2, "the caller hears on while the attendant is stopped"
    cut = await lobby.desk.wait_for(Segment)
    assert cut.interrupted
    assert LONG_OPENING.startswith(cut.text)
    stored_seconds = len(cut.text.split()) / len(LONG_OPENING.split()) * LONG_SPEECH_SECONDS
    assert -0.3 < heard_seconds - stored_seconds < 0.6, "what was sent when it was removed, in whole words"
    assert (cut.ended_at - cut.started_at).total_seconds() == pytest.approx(heard_seconds, abs=0.6)
    assert (await lobby.desk.wait_for(Left)).failure is None


async def test_an_attendant_that_was_stopped_for_a_moment_and_not_removed_says_it_all(
    lobby: Lobby, caller: Caller
) -> None:
    lobby.plan = lobby.planned(opening=LONG_OPENING)
    await lobby.take(caller)
    await caller.hears_sound()
    await asyncio.sleep(1)
    async with stopped(lobby.pid):
        await asyncio.sleep(1.5)
    said = await lobby.desk.wait_for(Segment, seconds=15)
    assert (said.text, said.interrupted) == (LONG_OPENING, False)


async def test_attendant_says_a_last_sentence_and_ends_the_call(lobby: Lobby, caller: Caller) -> None:
    offer_id = await lobby.take(caller)
    await lobby.desk.wait_for(Segment)
    await lobby.desk.say(SayAndEnd(offer_id=offer_id, text=FAREWELL))
    ended = await lobby.desk.wait_for(EndCall)
    assert ended.reason is EndReason.MESSAGE_SAID
    farewell = lobby.desk.all(Segment)[1]
    assert (farewell.text, farewell.seq, farewell.interrupted) == (FAREWELL, 2, False)
    last_sound = max(at for at, level in caller.levels if level > 500)
    assert last_sound < lobby.desk.when(ended), "the call was ended before the caller had heard the last word"
    assert (await lobby.desk.wait_for(Left)).failure is None


async def test_a_plan_that_only_says_something_ends_the_call_after_it(lobby: Lobby, caller: Caller) -> None:
    lobby.plan = lobby.planned(opening="This number is not in use.", then_end=True)
    await lobby.take(caller)
    await lobby.desk.wait_for(EndCall)
    assert [segment.text for segment in lobby.desk.all(Segment)] == ["This number is not in use."]
    assert (await lobby.desk.wait_for(Left)).failure is None


async def test_i7_while_the_desk_is_away_music_follows_the_last_sentence_until_the_call_can_end(
    lobby: Lobby, caller: Caller
) -> None:
    lobby.plan = lobby.planned(opening="This number is not used.", then_end=True)
    await lobby.take(caller)
    await caller.hears_sound()
    await lobby.desk.close()
    silent = await caller.hears_silence(after=time.monotonic())
    assert await caller.hears_sound(after=silent) - silent < 2
    await asyncio.sleep(END_CALL_RETRY_SECONDS * END_CALL_TRIES + FLUSH_SECONDS)
    await caller.hears_sound(after=time.monotonic())
    await lobby.desk.open()
    await lobby.desk.wait_for(EndCall)
    assert (await lobby.desk.wait_for(Left)).failure is None


async def test_while_the_desk_is_away_a_message_ends_the_phones_call_without_it(lobby: Lobby, caller: Caller) -> None:
    lobby.plan = lobby.planned(opening="This number is not used.", then_end=True)
    caller.is_on_a_phone()
    await lobby.take(caller)
    await caller.hears_sound()
    await lobby.desk.close()
    silent = await caller.hears_silence(after=time.monotonic())
    await asyncio.wait_for(caller.hung_up.wait(), 5)
    assert time.monotonic() - silent < 2
    await asyncio.sleep(1)
    await lobby.desk.open()
    await lobby.desk.wait_for(Left)
    told = [kind for kind in lobby.desk.story() if kind in ("end_call", "caller_left", "left")]
    assert told == ["end_call", "caller_left", "left"]


async def test_attendant_leaves_with_the_caller(lobby: Lobby, caller: Caller) -> None:
    await lobby.take(caller)
    await caller.hears_sound()
    await caller.leave()
    left_at = asyncio.get_running_loop().time()
    assert await lobby.desk.wait_for(CallerLeft)
    left = await lobby.desk.wait_for(Left)
    assert left.failure is None
    assert lobby.desk.when(left) - left_at < 5


async def test_who_is_not_in_the_room_has_not_hung_up(lobby: Lobby, caller: Caller) -> None:
    elsewhere = Caller(lobby.livekit, room_name=caller.room_name, identity="caller-of-another-server")
    await lobby.take(elsewhere)
    left = await lobby.desk.wait_for(Left, seconds=8)
    assert left.failure == "the caller is not in the room"
    assert not (await lobby.desk.wait_for(CallerLeft)).certain


async def test_denied_attendant_leaves_without_a_sound(lobby: Lobby, caller: Caller) -> None:
    lobby.plan = None
    await lobby.take(caller)
    await lobby.desk.wait_for(Left)
    assert not caller.levels


async def test_rooms_are_independent_and_seats_are_kept(lobby: Lobby, livekit: LiveKit) -> None:
    callers = [Caller(livekit) for _ in range(4)]
    for caller in callers:
        await caller.join()
    first, *others = [await lobby.take(caller) for caller in callers[:3]]
    await asyncio.gather(*(caller.hears_sound() for caller in callers[:3]))
    turned_away = await lobby.take(callers[3])
    assert (await lobby.desk.wait_for(Refuse)).offer_id == turned_away
    await lobby.desk.say(Leave(offer_id=first))
    await lobby.desk.wait_for(Left)
    await lobby.desk.wait_for(WorkerBeat, lambda beat: sorted(job.offer_id for job in beat.jobs) == sorted(others))
    now = time.monotonic()
    await asyncio.gather(*(caller.hears_sound(after=now) for caller in callers[1:3]))
    for caller in callers:
        await caller.leave()


async def test_an_unreachable_room_is_reported_and_disturbs_nobody(lobby: Lobby, caller: Caller) -> None:
    await lobby.take(caller)
    await caller.hears_sound()
    broken = Take(
        offer_id="broken",
        call_id="c",
        room="x",
        token="not a token",
        livekit_url=lobby.livekit.url,
        caller_identity="caller",
    )
    await lobby.desk.say(broken)
    failed = await lobby.desk.wait_for(Left, seconds=20)
    assert (failed.offer_id, failed.failure is None) == ("broken", False)
    await caller.hears_sound(after=time.monotonic())
