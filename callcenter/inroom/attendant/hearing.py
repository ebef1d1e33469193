"""From sound to words, with the same detector that agents have and the same kind of recogniser. Loaded only where
somebody is asked, and beside the event loop, which has music to play: livekit-agents' own recognisers cannot be, they
insist on the main thread."""

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import openai
from livekit import rtc
from livekit.agents import inference
from livekit.agents.vad import VADEventType, VADStream

from callcenter.inroom.attendant.ears import RATE, Said
from callcenter.inroom.sound.music import Samples
from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.platform.wire.clients import model_client
from callcenter.platform.wire.endpoints import access
from callcenter.platform.wire.settings import Settings

logger = logging.getLogger(__name__)

SILENCE_SECONDS = 0.4  # that ends an answer
TRANSCRIPTION_SECONDS = 3.5  # two tries of this are within what a caller is kept waiting for


@dataclass(frozen=True)
class Recogniser:
    """An OpenAI-compatible transcription endpoint."""

    client: openai.AsyncOpenAI
    model: str
    language: str

    async def words(self, frames: list[rtc.AudioFrame]) -> str:
        """What is said in these frames; nothing where the recogniser fails, which is logged."""
        sound = rtc.combine_audio_frames(frames).to_wav_bytes()
        try:
            heard = await self.client.audio.transcriptions.create(
                file=("answer.wav", sound), model=self.model, language=self.language.split("-")[0]
            )
        except openai.OpenAIError as error:
            logger.warning("an answer was not recognised", extra={"error": type(error).__name__})
            return ""
        return heard.text.strip()


@dataclass(frozen=True)
class Listener:
    """A detector and a recogniser, for one caller's answers."""

    detector: inference.VAD
    recogniser: Recogniser

    async def hear(self, sound: AsyncIterator[Samples], on_words: Callable[[Said], None], idle: asyncio.Event) -> None:
        """Tell what is said, until cancelled; `idle` is clear while the caller speaks and is being understood."""
        stream = self.detector.stream()
        feeding = asyncio.create_task(_feed(sound, stream))
        began = time.time()
        try:
            async for event in stream:
                if event.type is VADEventType.START_OF_SPEECH:
                    idle.clear()
                    began = time.time() - event.speech_duration
                elif event.type is VADEventType.END_OF_SPEECH:
                    ended = time.time() - event.silence_duration
                    if text := await self.recogniser.words(event.frames):
                        on_words(Said(text, datetime.fromtimestamp(began, UTC), datetime.fromtimestamp(ended, UTC)))
                    idle.set()
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
            await stream.aclose()


@asynccontextmanager
async def hearing(
    endpoint: ModelEndpoint, language: str, settings: Settings, certificates: ssl.SSLContext
) -> AsyncIterator[Listener]:
    """A listener with a connection of its own to the recogniser's endpoint."""
    reach = access(endpoint, settings)
    async with model_client(reach, TRANSCRIPTION_SECONDS, retries=1, certificates=certificates) as client:
        detector = inference.VAD(model="silero", min_silence_duration=SILENCE_SECONDS)
        yield Listener(detector, Recogniser(client, endpoint.model, language))


async def _feed(sound: AsyncIterator[Samples], stream: VADStream) -> None:
    async for samples in sound:
        stream.push_frame(rtc.AudioFrame(samples.tobytes(), RATE, 1, len(samples)))
