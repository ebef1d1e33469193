"""What the recogniser makes of a caller's words while the end of their turn is still waited for."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from livekit import rtc
from livekit.agents import APIConnectOptions, APITimeoutError, stt, vad

from callcenter.inroom.agent.ears import MOST_TRIES, PAUSE_SECONDS, WINDOW_SECONDS, Ahead, EarlyEars
from callcenter.inroom.agent.models import Recogniser, build_vad
from callcenter.platform.wire.brief import TurnTaking
from tests.speech import speak

pytestmark = pytest.mark.pure

ONCE = APIConnectOptions(max_retry=0, timeout=1.0)


class Notes(Recogniser):
    """Says how many samples it was given, once it is let; the first `failures` times it fails."""

    def __init__(self, failures: int = 0) -> None:
        super().__init__(model="any", client=openai.AsyncClient(api_key="any"), use_realtime=False)
        self.asked: list[int] = []
        self.at_work = asyncio.Event()
        self.let = asyncio.Event()
        self.let.set()
        self.failures = failures
        self.sense_from, self.sense_until = 1, 100

    async def _recognize_impl(self, *arguments: Any, **options: Any) -> stt.SpeechEvent:
        sound = arguments[0] if arguments else options["buffer"]
        self.asked.append(sound.samples_per_channel)
        self.at_work.set()
        await self.let.wait()
        if len(self.asked) <= self.failures:
            raise APITimeoutError
        text = str(sound.samples_per_channel) if self.sense_from <= len(self.asked) <= self.sense_until else ""
        words = stt.SpeechData(language="en", text=text)  # type: ignore[arg-type]
        return stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[words])


class Detected(vad.VADStream):
    """A detector that hears what it is told."""

    async def _main_task(self) -> None:
        async for _ in self._input_ch:
            pass

    def tell(
        self,
        kind: vad.VADEventType,
        samples: int,
        *,
        speaking: bool = True,
        silence: float = 0.0,
        probability: float = 0.0,
    ) -> None:
        self._event_ch.send_nowait(
            vad.VADEvent(
                type=kind, samples_index=0, timestamp=0.0, speech_duration=1.0, silence_duration=silence,
                frames=[frame(samples)], speaking=speaking, raw_accumulated_silence=silence,
                probability=probability,
            )
        )  # fmt: skip


class Detector(vad.VAD):
    def __init__(self) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=WINDOW_SECONDS))
        self.detected = Detected(self)

    def stream(self) -> vad.VADStream:
        return self.detected


def frame(samples: int) -> rtc.AudioFrame:
    return rtc.AudioFrame(bytes(2 * samples), 16000, 1, samples)


async def no_sound() -> AsyncIterator[rtc.AudioFrame]:
    await asyncio.Event().wait()
    yield frame(1)


async def test_what_was_said_before_the_pause_is_known_when_the_turn_ends() -> None:
    recogniser, detector = Notes(), Detector()
    heard = EarlyEars(recogniser, detector).listen(no_sound(), ONCE)
    detector.detected.tell(vad.VADEventType.START_OF_SPEECH, 100)
    assert (await anext(heard)).type is stt.SpeechEventType.START_OF_SPEECH
    detector.detected.tell(vad.VADEventType.INFERENCE_DONE, 10, probability=1.0)
    detector.detected.tell(vad.VADEventType.INFERENCE_DONE, 10)
    await asyncio.wait_for(recogniser.at_work.wait(), 2)
    guess = await anext(heard)
    assert (guess.type, guess.alternatives[0].text) == (stt.SpeechEventType.PREFLIGHT_TRANSCRIPT, "120")
    detector.detected.tell(vad.VADEventType.END_OF_SPEECH, 999, silence=0.3)
    assert (await anext(heard)).type is stt.SpeechEventType.END_OF_SPEECH
    words = await anext(heard)
    assert words.alternatives[0].text == "120"
    assert words.speech_end_time is not None
    assert recogniser.asked == [120]
    await heard.aclose()


async def test_a_try_that_failed_is_made_up_for_when_the_turn_ends_and_nobody_hears_of_it() -> None:
    recogniser, detector = Notes(failures=1), Detector()
    errors: list[object] = []
    recogniser.on("error", errors.append)
    heard = EarlyEars(recogniser, detector).listen(no_sound(), ONCE)
    detector.detected.tell(vad.VADEventType.START_OF_SPEECH, 100)
    detector.detected.tell(vad.VADEventType.INFERENCE_DONE, 10, silence=PAUSE_SECONDS)
    detector.detected.tell(vad.VADEventType.END_OF_SPEECH, 130, silence=0.3)
    texts = [(await anext(heard)).alternatives for _ in range(3)]
    assert texts[2][0].text == "130"
    assert errors == []
    await heard.aclose()


async def test_a_try_that_made_no_sense_is_made_again_with_the_whole() -> None:
    recogniser, detector = Notes(), Detector()
    recogniser.sense_from = 2
    heard = EarlyEars(recogniser, detector).listen(no_sound(), ONCE)
    detector.detected.tell(vad.VADEventType.START_OF_SPEECH, 100)
    assert (await anext(heard)).type is stt.SpeechEventType.START_OF_SPEECH
    detector.detected.tell(vad.VADEventType.INFERENCE_DONE, 10, silence=PAUSE_SECONDS)
    await asyncio.wait_for(recogniser.at_work.wait(), 2)
    detector.detected.tell(vad.VADEventType.END_OF_SPEECH, 130, silence=0.3)
    async with asyncio.timeout(2):
        found = [(await anext(heard)).alternatives for _ in range(2)]
    assert found[1][0].text == "130"
    await heard.aclose()


async def test_a_caller_who_goes_on_is_recognised_as_a_whole() -> None:
    recogniser = Notes()
    recogniser.let.clear()
    ahead = Ahead(recogniser, ONCE)
    ahead.begin([frame(100)])
    ahead.hear([frame(10)], PAUSE_SECONDS)
    await asyncio.wait_for(recogniser.at_work.wait(), 2)
    assert recogniser.busy
    ahead.hear([frame(10)], 0.0)
    recogniser.let.set()
    ahead.hear([frame(10)], PAUSE_SECONDS)
    words = await ahead.words()
    assert words is not None
    assert words.alternatives[0].text == "130"
    assert not recogniser.busy


async def test_who_pauses_again_and_again_costs_a_few_tries_only() -> None:
    recogniser = Notes()
    ahead = Ahead(recogniser, ONCE)
    ahead.begin([frame(100)])
    for _ in range(MOST_TRIES + 2):
        recogniser.at_work.clear()
        ahead.hear([frame(10)], PAUSE_SECONDS)
        if ahead.tried:
            await asyncio.wait_for(recogniser.at_work.wait(), 2)
        ahead.hear([frame(10)], 0.0)
    assert len(recogniser.asked) == MOST_TRIES
    assert await ahead.words() is None


async def test_what_is_made_of_a_pause_is_told_as_a_guess_even_if_the_caller_goes_on() -> None:
    recogniser, detector = Notes(), Detector()
    heard = EarlyEars(recogniser, detector).listen(no_sound(), ONCE)
    detector.detected.tell(vad.VADEventType.START_OF_SPEECH, 100)
    await anext(heard)
    detector.detected.tell(vad.VADEventType.INFERENCE_DONE, 10, silence=PAUSE_SECONDS)
    await asyncio.wait_for(recogniser.at_work.wait(), 2)
    detector.detected.tell(vad.VADEventType.INFERENCE_DONE, 10, silence=PAUSE_SECONDS)
    async with asyncio.timeout(2):
        guess = await anext(heard)
    assert (guess.type, guess.alternatives[0].text) == (stt.SpeechEventType.PREFLIGHT_TRANSCRIPT, "110")
    await heard.aclose()


async def test_words_that_a_noise_follows_were_said() -> None:
    recogniser, detector = Notes(), Detector()
    recogniser.sense_until = 1
    heard = EarlyEars(recogniser, detector).listen(no_sound(), ONCE)
    detector.detected.tell(vad.VADEventType.START_OF_SPEECH, 100)
    await anext(heard)
    detector.detected.tell(vad.VADEventType.INFERENCE_DONE, 10)
    async with asyncio.timeout(2):
        assert (await anext(heard)).alternatives[0].text == "110"
        detector.detected.tell(vad.VADEventType.INFERENCE_DONE, 10, probability=1.0)
        detector.detected.tell(vad.VADEventType.END_OF_SPEECH, 130, silence=0.3)
        found = [await anext(heard) for _ in range(2)]
    assert recogniser.asked == [110, 130]
    assert (found[1].type, found[1].alternatives[0].text) == (stt.SpeechEventType.FINAL_TRANSCRIPT, "110")
    await heard.aclose()


async def test_a_window_of_silence_is_a_pause_and_one_that_is_speech_again_is_none() -> None:
    """The detector counts in each event the windows before it only."""
    recogniser, detector = Notes(), Detector()
    heard = EarlyEars(recogniser, detector).listen(no_sound(), ONCE)
    detector.detected.tell(vad.VADEventType.START_OF_SPEECH, 100)
    await anext(heard)
    detector.detected.tell(vad.VADEventType.INFERENCE_DONE, 10, silence=0.0, probability=0.9)
    detector.detected.tell(vad.VADEventType.INFERENCE_DONE, 10, silence=WINDOW_SECONDS, probability=0.9)
    detector.detected.tell(vad.VADEventType.INFERENCE_DONE, 10, silence=0.0, probability=0.1)
    async with asyncio.timeout(2):
        guess = await anext(heard)
    assert guess.alternatives[0].text == "130"
    assert recogniser.asked == [130]
    await heard.aclose()


async def test_of_a_microphone_that_goes_in_the_middle_of_a_word_what_was_said_is_understood() -> None:
    """A supervisor hands back with the last word on their lips, or their browser dies."""
    samples = speak("i am sending you a new parcel today", "rms", 24_000)

    async def sound() -> AsyncIterator[rtc.AudioFrame]:
        for start in range(0, len(samples) - 1_200, 1_200):
            yield rtc.AudioFrame(samples[start : start + 1_200].tobytes(), 24_000, 1, 1_200)

    ears = EarlyEars(Notes(), build_vad(TurnTaking()))
    async with asyncio.timeout(10):
        kinds = [event.type async for event in ears.listen(sound(), ONCE, to_the_end=True)]
    assert stt.SpeechEventType.FINAL_TRANSCRIPT in kinds
