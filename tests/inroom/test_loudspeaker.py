"""The caller's loudspeaker, without a room."""

import asyncio
from typing import Any, cast

import numpy as np
import pytest

from callcenter.inroom.sender.clips import Clip, Clips
from callcenter.inroom.sender.loudspeaker import CUT_SECONDS, Loudspeaker
from callcenter.inroom.sender.opus import PACKET_SECONDS, encode
from callcenter.inroom.sound.music import RATE, Samples

pytestmark = pytest.mark.pure

TUNE = np.full(2 * RATE, 3000, dtype=np.int16)
SENTENCE = np.full(RATE, 5000, dtype=np.int16)


class Room:
    """A visit that notes what is played and ends it when it is told to."""

    def __init__(self) -> None:
        self.played: list[tuple[Clip, bool]] = []
        self.ended: asyncio.Future[int | None] | None = None
        self.sent = 0
        self.failures: list[str] = []

    def fail(self, why: str) -> None:
        self.failures.append(why)

    def play(self, clip: Clip, *, again: bool = False) -> asyncio.Future[int | None]:
        self.finish()
        self.played.append((clip, again))
        self.ended = asyncio.get_running_loop().create_future()
        if not clip.name:  # a fade: over at once
            self.ended.set_result(len(clip.packets))
        return self.ended

    def stop(self) -> None:
        self.finish()

    async def where(self) -> int:
        return self.sent

    def finish(self) -> None:
        """What plays has ended or been replaced."""
        if self.ended is not None and not self.ended.done():
            self.ended.set_result(self.sent)

    @property
    def sounds(self) -> list[tuple[float, bool]]:
        """How long each thing is that was played, and whether again and again."""
        return [(round(clip.seconds, 2), again) for clip, again in self.played]


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def speaker(room: Room) -> Loudspeaker:
    return Loudspeaker(cast(Any, room), Clips())


async def until(room: Room, count: int) -> None:
    async with asyncio.timeout(5):
        while len(room.played) < count:
            await asyncio.sleep(0.001)


async def test_music_asked_for_twice_is_played_once(speaker: Loudspeaker, room: Room) -> None:
    speaker.music(TUNE)
    speaker.music(TUNE)
    await until(room, 1)
    speaker.music(TUNE)
    await asyncio.sleep(0.05)
    assert room.sounds == [(2.0, True)]
    assert speaker.started.is_set()


async def test_a_sentence_says_how_much_of_it_was_sent(speaker: Loudspeaker, room: Room) -> None:
    saying = asyncio.create_task(speaker.say(SENTENCE))
    await until(room, 1)
    assert speaker.share_heard() < 0.5
    room.sent = 40
    room.finish()
    assert await saying == pytest.approx(0.8)
    assert speaker.share_heard() == pytest.approx(0.8)


async def test_what_plays_fades_out_from_where_it_is(speaker: Loudspeaker, room: Room) -> None:
    speaker.music(TUNE)
    await until(room, 1)
    room.sent = 95
    await speaker.fade(0.3)
    assert room.sounds == [(2.0, True), (0.3, False)]
    await speaker.fade(0.3)
    assert len(room.played) == 2, "what has faded out does not fade again"


async def test_of_a_sentence_no_more_fades_than_is_left(speaker: Loudspeaker, room: Room) -> None:
    saying = asyncio.create_task(speaker.say(SENTENCE))
    await until(room, 1)
    room.sent = 44
    await speaker.fade(0.3)
    assert room.sounds[1] == (0.1, False)
    assert await saying == pytest.approx(0.88)


async def test_music_takes_the_place_of_a_sentence_that_nobody_waits_for_without_a_click(
    speaker: Loudspeaker, room: Room
) -> None:
    saying = asyncio.create_task(speaker.say(SENTENCE))
    await until(room, 1)
    saying.cancel()
    await asyncio.gather(saying, return_exceptions=True)
    assert room.ended is not None
    assert not room.ended.done(), "it plays on"
    speaker.music(TUNE)
    await until(room, 3)
    assert room.sounds == [(1.0, False), (CUT_SECONDS, False), (2.0, True)]


async def test_music_that_is_still_being_made_ready_does_not_come_after_a_sentence_was_begun(
    speaker: Loudspeaker, room: Room
) -> None:
    speaker.music(TUNE)
    saying = asyncio.create_task(speaker.say(SENTENCE))
    await until(room, 1)
    await asyncio.sleep(0.1)
    assert room.sounds[-1] == (1.0, False)
    saying.cancel()


async def test_a_loudspeaker_that_was_closed_plays_nothing_and_keeps_nobody(speaker: Loudspeaker, room: Room) -> None:
    speaker.music(TUNE)
    await until(room, 1)
    await speaker.close()
    assert room.ended is not None
    assert room.ended.done()
    speaker.music(TUNE)
    assert await speaker.say(SENTENCE) == 0.0
    await speaker.fade(0.3)
    await asyncio.sleep(0.05)
    assert len(room.played) == 1


async def test_where_the_sender_ended_the_clock_says_how_much_was_heard(speaker: Loudspeaker, room: Room) -> None:
    saying = asyncio.create_task(speaker.say(SENTENCE))
    await until(room, 1)
    await asyncio.sleep(10 * PACKET_SECONDS)
    assert room.ended is not None
    room.ended.set_result(None)
    assert 0.1 < await saying < 0.5


async def test_i7_music_that_is_wanted_while_it_fades_for_something_that_does_not_come_plays_again(
    speaker: Loudspeaker, room: Room
) -> None:
    speaker.music(TUNE)
    await until(room, 1)
    music, room.finish = room.finish, lambda: None  # type: ignore[method-assign]  # the word of its end is on its way
    fading = asyncio.create_task(speaker.fade(0.3))
    await until(room, 2)
    fading.cancel()
    await asyncio.gather(fading, return_exceptions=True)
    room.finish = music  # type: ignore[method-assign]
    speaker.music(TUNE)
    async with asyncio.timeout(5):
        while room.sounds[-1] != (2.0, True):
            await asyncio.sleep(0.001)


async def test_of_a_sentence_that_was_cut_short_before_it_began_nothing_was_heard(
    speaker: Loudspeaker, room: Room
) -> None:
    speaker.music(TUNE)
    await until(room, 1)
    saying = asyncio.create_task(speaker.say(SENTENCE))
    await asyncio.sleep(0)
    saying.cancel()
    await asyncio.gather(saying, return_exceptions=True)
    assert len(room.played) == 1
    assert speaker.share_heard() == 0


async def test_a_sentence_that_ends_while_it_is_asked_for_is_not_begun_again_to_be_faded(
    speaker: Loudspeaker, room: Room
) -> None:
    saying = asyncio.create_task(speaker.say(SENTENCE))
    await until(room, 1)

    async def where() -> int:
        room.sent = 50
        room.finish()
        return 0

    room.where = where  # type: ignore[method-assign]
    await speaker.fade(0.3)
    assert await saying == 1.0
    assert len(room.played) == 1


async def test_i7_music_that_cannot_be_played_ends_the_visit(room: Room) -> None:
    def broken(_: Samples) -> tuple[bytes, ...]:
        raise MemoryError

    Loudspeaker(cast(Any, room), Clips(broken)).music(TUNE)
    async with asyncio.timeout(5):
        while not room.failures:
            await asyncio.sleep(0.001)
    assert room.failures == ["no music: MemoryError"]


async def test_what_was_made_ready_is_not_made_again_whatever_was_played_meanwhile(room: Room) -> None:
    made: list[int] = []

    def encoder(samples: Samples) -> tuple[bytes, ...]:
        made.append(int(samples[0]))
        return encode(samples)

    clips = Clips(encoder, most_seconds=1.0)
    speaker = Loudspeaker(cast(Any, room), clips)
    await speaker.prepare(TUNE)
    await clips.of(SENTENCE)
    speaker.music(TUNE)
    await until(room, 1)
    assert made == [3000, 5000]
