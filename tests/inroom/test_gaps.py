"""The silence in what a participant says who sends nothing while they say nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import numpy as np
import pytest

from callcenter.inroom.sender.opus import encode
from callcenter.inroom.sender.visit import AHEAD_SECONDS, RTP_RATE, RTP_WRAP, Gaps, Hearing
from callcenter.inroom.sound import tone
from callcenter.inroom.sound.music import Samples

pytestmark = pytest.mark.pure

PACKET = RTP_RATE // 50


def test_packets_that_follow_one_another_have_no_silence_between_them() -> None:
    gaps = Gaps()
    assert [gaps.before(RTP_WRAP - PACKET + number * PACKET, 0.02) for number in range(3)] == [0, 0, 0]


def test_a_gap_is_filled_less_what_was_waited_for() -> None:
    gaps = Gaps()
    gaps.before(0, 0.02)
    assert gaps.before(9 * PACKET, 0.02) == pytest.approx(0.16)
    assert gaps.waited(0.2) == 0.2
    assert gaps.before(9 * PACKET + 20 * PACKET, 0.02) == pytest.approx(0.18)
    gaps.waited(0.2)
    assert gaps.before(9 * PACKET + 25 * PACKET, 0.02) == 0, "what was waited too long is not taken back"


def test_another_tracks_time_is_no_gap() -> None:
    gaps = Gaps()
    gaps.before(1_000_000, 0.02)
    assert gaps.before(5, 0.02) == 0
    assert gaps.before(5 + 2 * PACKET, 0.02) == pytest.approx(0.02)


async def heard(frames: AsyncIterator[Samples], seconds: float) -> Samples:
    """What comes within so many seconds."""
    parts: list[Samples] = []

    async def listen() -> None:
        async for part in frames:
            parts.append(part)

    listening = asyncio.create_task(listen())
    await asyncio.sleep(seconds)
    listening.cancel()
    return np.concatenate(parts)


async def test_who_pauses_is_heard_pausing_for_as_long_in_pieces_of_one_size() -> None:
    hearing = Hearing(cast(Any, None), "caller")
    packets = encode(tone.beep())
    for number, packet in enumerate(packets[:10]):
        hearing.packets.put_nowait((packet, number * PACKET))
    for number, packet in enumerate(packets[10:]):
        hearing.packets.put_nowait((packet, (60 + number) * PACKET))
    samples = await heard(hearing.frames(8_000, 0.1), 0.1)
    assert len(samples) % 800 == 0
    loud = np.abs(samples.reshape(-1, 800)).max(axis=1) > 2000
    assert loud.tolist() == [True] * 2 + [False] * 10 + [True] * (len(loud) - 12)


async def test_who_sends_nothing_is_heard_to_be_silent() -> None:
    hearing = Hearing(cast(Any, None), "caller")
    samples = await heard(hearing.frames(8_000), 0.5)
    assert len(samples) == pytest.approx(0.4 * 8_000, abs=400)
    assert not samples.any()


async def test_nobody_says_more_than_time_passes() -> None:
    hearing = Hearing(cast(Any, None), "caller")
    packet = encode(tone.beep())[0]
    for number in range(10 * 50):
        hearing.packets.put_nowait((packet, number * PACKET * 20))  # each packet claims that 0.4 s have passed
    samples = await heard(hearing.frames(8_000, 0.1), 0.5)
    assert len(samples) / 8_000 == pytest.approx(AHEAD_SECONDS + 0.2, abs=0.4)


async def test_what_was_held_up_on_the_way_is_heard() -> None:
    hearing = Hearing(cast(Any, None), "caller")
    hearing.since -= 8.0  # nothing came for so long
    packet = encode(tone.beep())[0]
    for number in range(8 * 50):
        hearing.packets.put_nowait((packet, number * PACKET))
    assert len(await heard(hearing.frames(8_000, 0.1), 0.5)) / 8_000 >= 8.0
