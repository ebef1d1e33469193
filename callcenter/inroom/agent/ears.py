"""Recognition that begins in a pause and not only after it: the silence that ends a turn is waited for meanwhile.

A recogniser without streaming hears nothing before the voice detector has closed a stretch of speech; livekit-agents'
`StreamAdapter` then sends it. Here the sound so far is sent as soon as the caller pauses. If they go on, what comes of
it is dropped; if not, the words are there when the silence has lasted long enough, or soon after. What is made of a
pause is told at once as a preflight transcript: the answer is being made before it is certain that it is wanted.
"""

import asyncio
import logging
import math
import time
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Sequence
from dataclasses import replace

from livekit import rtc
from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, APIConnectOptions, NotGivenOr, stt, utils, vad
from livekit.agents.stt.stream_adapter import StreamAdapter, StreamAdapterWrapper

from callcenter.inroom.agent.models import Recogniser

logger = logging.getLogger(__name__)

# The detector's windows, and the probability of speech at which speech ends for it, unless it is told another.
WINDOW_SECONDS = 0.032
QUIET = 0.35
# One window: the detector bridges the closures of consonants itself. Of the low windows in sixty spoken sentences one
# was no end, in natural clips none.
PAUSE_SECONDS = 0.03
# What a caller who pauses again and again costs at most, in one stretch of speech.
MOST_TRIES = 4
# The detector closes a stretch of speech only after silence, at most of three seconds (wire/brief.py, TurnTaking).
TRAIL_SECONDS = 3.2


Guessed = Callable[[stt.SpeechEvent], None]


def _unheard(_guess: stt.SpeechEvent) -> None:
    pass


class Ahead:
    """One stretch of speech while it lasts: its sound, and what was made of it at its last pause."""

    def __init__(self, recogniser: Recogniser, connection: APIConnectOptions, guessed: Guessed = _unheard) -> None:
        self._recogniser = recogniser
        self._connection = connection
        self._guessed = guessed
        self._sound: list[rtc.AudioFrame] = []
        self._tries = 0
        self._task: asyncio.Task[stt.SpeechEvent] | None = None
        self.guess: stt.SpeechEvent | None = None  # the last thing that was made of it so far

    def begin(self, sound: Sequence[rtc.AudioFrame]) -> None:
        """The caller speaks, and this is what was heard of it by now."""
        self.drop()
        self._sound = list(sound)
        self._tries = 0
        self.guess = None

    def hear(self, sound: Sequence[rtc.AudioFrame], silence: float) -> None:
        """More of it; before that the caller has been silent for so many seconds."""
        self._sound.extend(sound)
        if silence < PAUSE_SECONDS:
            self.drop()
        elif self._task is None and self._tries < MOST_TRIES:
            self._tries += 1
            whole = utils.merge_frames(self._sound)
            self._task = asyncio.create_task(self._recogniser.recognise_once(whole, self._connection))
            self._task.add_done_callback(self._tell)

    def _tell(self, task: asyncio.Task[stt.SpeechEvent]) -> None:
        """What was made of the sound so far is a guess at what is being said."""
        if not task.cancelled() and task.exception() is None and _text_of(task.result()):
            self.guess = task.result()
            self._guessed(self.guess)

    async def words(self) -> stt.SpeechEvent | None:
        """What was said, now that it has ended; None when nothing was made of it ahead."""
        task, self._task = self._task, None
        if task is None:
            return None
        try:
            return await task
        except Exception as error:
            logger.info("nothing recognised ahead", extra={"error": type(error).__name__})
            return None

    def drop(self) -> None:
        """It is not wanted: the caller goes on."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    @property
    def tried(self) -> bool:
        """Whether the recogniser is at work on it, or was and failed."""
        return self._task is not None


class EarlyEars(StreamAdapter):
    """Makes a stream of a recogniser that has none. What was made of a caller's words at a pause, which may be no end,
    comes as a preflight transcript."""

    def __init__(self, recogniser: Recogniser, detector: vad.VAD) -> None:
        super().__init__(stt=recogniser, vad=detector)
        self.recogniser = recogniser

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> "EarlyStream":
        return EarlyStream(
            self, vad=self._vad, wrapped_stt=self.recogniser, language=language, conn_options=conn_options
        )

    async def listen(
        self, audio: AsyncIterable[rtc.AudioFrame], connection: APIConnectOptions, *, to_the_end: bool = False
    ) -> AsyncGenerator[stt.SpeechEvent, None]:
        """What is heard in the sound, as an agent's `stt_node` gives it; `to_the_end`: the last word of a sound that
        ends, too. Raises what the recogniser raises."""
        async with self.stream(conn_options=connection) as stream:
            feeding = asyncio.create_task(_feed(audio, stream, to_the_end=to_the_end))
            try:
                async for event in stream:
                    yield event
            finally:
                await utils.aio.cancel_and_wait(feeding)


async def _feed(audio: AsyncIterable[rtc.AudioFrame], stream: stt.RecognizeStream, *, to_the_end: bool) -> None:
    last: rtc.AudioFrame | None = None
    async for frame in audio:
        last = frame
        stream.push_frame(frame)
    if not to_the_end:
        return
    if last is not None:
        silence = rtc.AudioFrame(
            bytes(2 * len(last.data)), last.sample_rate, last.num_channels, last.samples_per_channel
        )
        for _ in range(math.ceil(TRAIL_SECONDS / last.duration)):
            stream.push_frame(silence)
    stream.end_input()


class EarlyStream(StreamAdapterWrapper):
    """As livekit-agents' own stream, with an ear for pauses."""

    async def _run(self) -> None:
        detected = self._vad.stream()
        tasks = [asyncio.create_task(self._detect(detected)), asyncio.create_task(self._recognise(detected))]
        try:
            await asyncio.gather(*tasks)
        finally:
            await utils.aio.cancel_and_wait(*tasks)
            await detected.aclose()

    async def _detect(self, detected: vad.VADStream) -> None:
        async for heard in self._input_ch:
            if isinstance(heard, self._FlushSentinel):
                detected.flush()
            else:
                detected.push_frame(heard)
        detected.end_input()

    async def _recognise(self, detected: vad.VADStream) -> None:
        assert isinstance(self._wrapped_stt, Recogniser)
        ahead = Ahead(self._wrapped_stt, self._wrapped_stt_conn_options, self._guessed)
        try:
            async for event in detected:
                match event.type:
                    case vad.VADEventType.START_OF_SPEECH:
                        ahead.begin(event.frames)
                        self._event_ch.send_nowait(stt.SpeechEvent(stt.SpeechEventType.START_OF_SPEECH))
                    case vad.VADEventType.INFERENCE_DONE if event.speaking:
                        ahead.hear(event.frames, _silence(event))
                    case vad.VADEventType.END_OF_SPEECH:
                        await self._ended(event, ahead)
        finally:
            ahead.drop()

    def _guessed(self, guess: stt.SpeechEvent) -> None:
        preflight = stt.SpeechEvent(stt.SpeechEventType.PREFLIGHT_TRANSCRIPT, alternatives=[guess.alternatives[0]])
        self._event_ch.send_nowait(preflight)

    async def _ended(self, event: vad.VADEvent, ahead: Ahead) -> None:
        ended_at = time.time() - event.silence_duration - event.inference_duration
        ended = stt.SpeechEvent(type=stt.SpeechEventType.END_OF_SPEECH, speech_end_time=ended_at)
        self._event_ch.send_nowait(ended)
        connection, tried = self._wrapped_stt_conn_options, ahead.tried
        heard = await ahead.words()
        if heard is None or not _text_of(heard):  # what a pause cut short may have made no sense
            once_more = replace(connection, max_retry=0) if tried else connection
            sound = utils.merge_frames(event.frames)
            heard = await self._wrapped_stt.recognize(buffer=sound, conn_options=once_more)
            if not _text_of(heard) and ahead.guess is not None:  # words, and then a noise: the words were said
                heard = ahead.guess
        if _text_of(heard):
            words = stt.SpeechEvent(
                type=stt.SpeechEventType.FINAL_TRANSCRIPT,
                alternatives=[heard.alternatives[0]],
                speech_end_time=ended_at,
            )
            self._event_ch.send_nowait(words)


def _silence(event: vad.VADEvent) -> float:
    """Seconds for which the caller has been silent: the event counts the windows before its own."""
    return event.raw_accumulated_silence + WINDOW_SECONDS if event.probability <= QUIET else 0.0


def _text_of(heard: stt.SpeechEvent) -> str:
    return heard.alternatives[0].text if heard.alternatives else ""
