"""The caller's loudspeaker, without a room."""

import asyncio
from typing import Any, cast

import numpy as np
import pytest
from livekit import rtc

from callcenter.inroom.sound.music import RATE
from callcenter.inroom.sound.player import QUEUE_SECONDS, Player

TUNE = np.zeros(RATE, dtype=np.int16)


class Queue:
    """Takes frames as the engine's source does: at once until the queue is full, then none until it is emptied; once it
    is closed it takes everything, at once and to no end."""

    def __init__(self) -> None:
        self.queued_duration = 0.0
        self.taken_when_closed = 0
        self._closed = False
        self._room = asyncio.Event()

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        if self._closed:
            self.taken_when_closed += 1
            assert self.taken_when_closed < 100, "nothing else would run any more"
            return
        self.queued_duration += frame.samples_per_channel / RATE
        if self.queued_duration >= QUEUE_SECONDS:
            await self._room.wait()

    def clear_queue(self) -> None:
        self.queued_duration = 0.0
        self._room.set()

    async def wait_for_playout(self) -> None:
        pass

    async def aclose(self) -> None:
        self._closed = True


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture
async def player(queue: Queue) -> Player:
    made = Player()  # its source asks for the running loop
    made._source = cast(Any, queue)
    return made


@pytest.mark.pure
async def test_music_asked_for_twice_is_played_once(player: Player, queue: Queue) -> None:
    player.music(TUNE)
    player.music(TUNE)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert queue.queued_duration == QUEUE_SECONDS


@pytest.mark.pure
async def test_a_player_that_was_closed_plays_nothing_and_stops_nobody(player: Player, queue: Queue) -> None:
    player.music(TUNE)
    await asyncio.sleep(0)
    await player.close()
    player.music(TUNE)
    await player.say(TUNE)
    await asyncio.sleep(0.05)
    assert queue.taken_when_closed == 0
