"""Silence before the first word is left out, and nothing else."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
from livekit import rtc
from livekit.agents.types import USERDATA_TIMED_TRANSCRIPT, USERDATA_TTS_STARTED_TIME, TimedString

from callcenter.inroom.agent.onset import without_lead_in
from callcenter.inroom.sound.music import Samples
from callcenter.inroom.sound.onset import LEAD_SECONDS, LONGEST_SECONDS, QUIET, lead_in

pytestmark = pytest.mark.pure

RATE = 24_000


def silence(seconds: float) -> Samples:
    """As voices make it: not quite nothing."""
    return (QUIET - 1) * np.resize(np.array([1, -1], np.int16), int(seconds * RATE))


def word(seconds: float) -> Samples:
    return np.resize(np.array([4000, -4000], np.int16), int(seconds * RATE))


def spoken(*parts: Samples) -> list[rtc.AudioFrame]:
    return [rtc.AudioFrame(part.tobytes(), RATE, 1, len(part)) for part in parts]


def passed(frames: list[rtc.AudioFrame]) -> list[rtc.AudioFrame]:
    async def sound() -> AsyncIterator[rtc.AudioFrame]:
        for frame in frames:
            yield frame

    async def collect() -> list[rtc.AudioFrame]:
        return [frame async for frame in without_lead_in(sound())]

    return asyncio.run(collect())


def seconds(frames: list[rtc.AudioFrame]) -> float:
    return round(sum(frame.duration for frame in frames), 6)


@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_silence_before_the_first_word_is_left_out_however_it_comes_in_pieces(pieces: int) -> None:
    whole = np.concatenate([silence(0.3), word(0.5)])
    frames = passed(spoken(*np.array_split(whole, pieces)))
    assert seconds(frames) == pytest.approx(0.5 + LEAD_SECONDS)
    heard = np.concatenate([np.frombuffer(frame.data, np.int16) for frame in frames])
    assert np.array_equal(heard, whole[-len(heard) :])


def test_pauses_after_the_first_word_stay_as_they_are() -> None:
    frames = spoken(word(0.2), silence(1.0), word(0.2), silence(0.3))
    assert seconds(passed(frames)) == pytest.approx(1.7)


@pytest.mark.parametrize("pieces", [1, 2, 3, 7])
def test_a_silence_that_is_meant_stays_however_it_comes_in_pieces(pieces: int) -> None:
    whole = np.concatenate([silence(LONGEST_SECONDS + 0.1), word(0.2)])
    assert lead_in(whole, RATE) is None
    assert seconds(passed(spoken(*np.array_split(whole, pieces)))) == pytest.approx(LONGEST_SECONDS + 0.3)


def test_a_silence_is_not_held_back_for_longer_than_it_may_be_left_out() -> None:
    frames = spoken(silence(LONGEST_SECONDS), silence(0.5), word(0.2))
    assert [round(frame.duration, 3) for frame in passed(frames)] == [LONGEST_SECONDS, 0.5, 0.2]


def test_sound_that_is_only_a_short_silence_is_passed_on_when_it_ends() -> None:
    assert seconds(passed(spoken(silence(0.1), silence(0.1)))) == pytest.approx(0.2)
    assert passed([]) == []


def test_the_loudest_negative_sample_is_a_sound() -> None:
    sound = np.array([0] * 2400 + [-32768], np.int16)
    assert lead_in(sound, RATE) == 2400 - LEAD_SECONDS * RATE
    assert lead_in(sound[:-1], RATE) is None


def test_texts_are_moved_with_their_sound_and_none_is_lost() -> None:
    first, second, third = spoken(silence(0.2), np.concatenate([silence(0.1), word(0.2)]), word(0.5))
    first.userdata.update({USERDATA_TIMED_TRANSCRIPT: [TimedString("Hello. ", start_time=0.0)]})
    first.userdata[USERDATA_TTS_STARTED_TIME] = 17.0
    second.userdata[USERDATA_TIMED_TRANSCRIPT] = ["as it is", TimedString("no times")]
    third.userdata[USERDATA_TIMED_TRANSCRIPT] = [TimedString("How are you?", start_time=0.5, end_time=1.0)]
    opening, rest = passed([first, second, third])
    assert opening.userdata[USERDATA_TTS_STARTED_TIME] == 17.0
    assert opening.userdata[USERDATA_TIMED_TRANSCRIPT] == ["Hello. ", "as it is", "no times"]
    assert opening.userdata[USERDATA_TIMED_TRANSCRIPT][0].start_time == 0.0
    [moved] = rest.userdata[USERDATA_TIMED_TRANSCRIPT]
    left_out = 0.3 - LEAD_SECONDS
    assert (moved.start_time, moved.end_time) == (pytest.approx(0.5 - left_out), pytest.approx(1.0 - left_out))
