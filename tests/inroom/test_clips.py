"""Sounds that are encoded once."""

import asyncio

import numpy as np
import pytest

from callcenter.inroom.sender.clips import Clips
from callcenter.inroom.sound.music import RATE, Samples

pytestmark = pytest.mark.pure


def sound(level: int, seconds: float = 0.1) -> Samples:
    return np.full(int(seconds * RATE), level, dtype=np.int16)


class Encoder:
    """Notes the level of each sound that is encoded."""

    def __init__(self) -> None:
        self.levels: list[int] = []

    def __call__(self, samples: Samples) -> tuple[bytes, ...]:
        self.levels.append(int(samples[0]))
        return (b"x",) * round(len(samples) / RATE * 50)


async def test_the_same_sound_is_encoded_once_for_all_who_play_it_at_once_and_later() -> None:
    encoder = Encoder()
    ready = Clips(encoder)
    first, second = await asyncio.gather(ready.of(sound(1)), ready.of(sound(1)))
    assert first is second is await ready.of(sound(1).copy())
    assert (await ready.of(sound(2))).name != first.name
    assert encoder.levels == [1, 2]


async def test_what_was_not_played_for_longest_is_forgotten() -> None:
    encoder = Encoder()
    ready = Clips(encoder, most_seconds=5.0)
    for level in (1, 2, 1, 3, 1, 2):
        await ready.of(sound(level, 2.0))
    assert encoder.levels == [1, 2, 3, 2]


async def test_one_that_is_longer_than_all_that_is_kept_is_played_all_the_same() -> None:
    assert (await Clips(Encoder(), most_seconds=1.0).of(sound(1, 2.0))).seconds == 2.0
