"""Silence before the first word is left out, and nothing else."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from livekit import rtc
from livekit.agents.types import USERDATA_TIMED_TRANSCRIPT, USERDATA_TTS_STARTED_TIME, TimedString
from livekit.agents.voice.io import AudioOutput, AudioOutputCapabilities

from callcenter.inroom.agent.conversation import Voice, build_session
from callcenter.inroom.agent.heard import HeardAudio, HeardText
from callcenter.inroom.agent.models import http_client, trusted_certificates
from callcenter.inroom.agent.onset import without_lead_in
from callcenter.inroom.agent.transcript import Transcript
from callcenter.inroom.sound.music import Samples
from callcenter.inroom.sound.onset import LEAD_SECONDS, LONGEST_SECONDS, QUIET, lead_in
from callcenter.inroom.sound.speech import Sentence, Speech
from callcenter.platform.wire.brief import AgentBrief, ModelEndpoint
from callcenter.platform.wire.settings import Settings
from tests.inroom.fake_models import SECONDS_PER_CHARACTER, FakeModels, silent_model

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


async def test_sentences_are_kept_without_the_silence_before_them(tmp_path: Path) -> None:
    async with FakeModels(silent_model, lead_in=0.4) as models:
        speech = Speech(Settings(data_dir=tmp_path))
        sentence = Sentence("Hello.", "alloy", ModelEndpoint(model="m", base_url=models.url))
        made = await speech.samples(sentence)
        assert made is not None
        assert len(made) / RATE == pytest.approx(len("Hello.") * SECONDS_PER_CHARACTER + LEAD_SECONDS, abs=0.001)
        assert np.array_equal(made, cast(Samples, await speech.kept(sentence)))


class Loudspeaker(AudioOutput):
    """Takes every frame."""

    def __init__(self) -> None:
        super().__init__(label="loudspeaker", capabilities=AudioOutputCapabilities(pause=True), sample_rate=RATE)
        self.seconds = 0.0
        self.flushed = asyncio.Event()

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        self.seconds += frame.duration

    def clear_buffer(self) -> None:
        pass

    def flush(self) -> None:
        super().flush()
        self.flushed.set()


async def test_what_an_agent_says_begins_with_its_first_word_and_each_text_with_its_sound() -> None:
    first, second = "This is the first sentence of two. ", "And this is the second one."
    lasts = [len(sentence.strip()) * SECONDS_PER_CHARACTER for sentence in (first, second)]
    nobody = cast(Any, None)
    async with FakeModels(silent_model, lead_in=0.4) as models, http_client(trusted_certificates()) as http:
        model = ModelEndpoint(model="m", base_url=models.url)
        brief = AgentBrief(profile="shop", instructions="Help.", greeting="Hello.", stt=model, llm=model, tts=model)
        session, loudspeaker, text = build_session(brief, Settings(), http), Loudspeaker(), HeardText()
        session.output.audio, session.output.transcription = HeardAudio(loudspeaker, text), text
        await session.start(Voice(brief, Transcript("o", nobody), nobody, lambda: False), record=False)
        session.say(first + second)
        await asyncio.wait_for(loudspeaker.flushed.wait(), 10)
        starts = [part.start for part in text.parts if part.start is not None]
        loudspeaker.on_playback_finished(playback_position=loudspeaker.seconds, interrupted=False)
        await session.aclose()
    assert loudspeaker.seconds == pytest.approx(sum(lasts) + 0.4 + LEAD_SECONDS, abs=0.05), "the pause stays"
    assert starts == pytest.approx([0.0, lasts[0] + LEAD_SECONDS], abs=0.02)


def test_an_attendant_does_not_load_what_only_agents_need() -> None:
    program = "import sys, callcenter.inroom.attendant.worker; print('livekit.agents' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "False"
