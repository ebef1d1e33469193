"""The caller's loudspeaker, without a room."""

import asyncio
from typing import Any, cast

import numpy as np
import pytest
from livekit import rtc

from callcenter.inroom.sound.music import RATE
from callcenter.inroom.sound.player import QUEUE_SECONDS, Player


class Queue:
    """Takes frames as the engine's source does: at once until the queue is full, then none."""

    def __init__(self) -> None:
        self.queued_duration = 0.0

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        self.queued_duration += frame.samples_per_channel / RATE
        if self.queued_duration >= QUEUE_SECONDS:
            await asyncio.Event().wait()


@pytest.mark.pure
async def test_music_asked_for_twice_is_played_once() -> None:
    player, queue = Player(), Queue()
    player._source = cast(Any, queue)
    tune = np.zeros(RATE, dtype=np.int16)
    player.music(tune)
    player.music(tune)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert queue.queued_duration == QUEUE_SECONDS
