"""Sentences that are said again and again: synthesised once, then kept on disk. A voice that fails costs no call."""

import asyncio
import hashlib
import logging
import os
import ssl
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openai
from livekit import rtc

from callcenter.inroom.sound.music import RATE, Samples
from callcenter.inroom.sound.onset import lead_in
from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.platform.wire.clients import model_client
from callcenter.platform.wire.endpoints import Access, access
from callcenter.platform.wire.settings import Settings

logger = logging.getLogger(__name__)

SYNTHESIS_SECONDS = 15.0
FRAME_SECONDS = 0.1
_AUDIO_STREAM_FORMAT = {"stream_format": "audio"}


@dataclass(frozen=True)
class Sentence:
    """A text and the voice to say it with."""

    text: str
    voice: str
    tts: ModelEndpoint


def heard_part(text: str, share: float) -> str:
    """The words of `text` that were heard when `share` of its sound was played: whole words, rounded down."""
    words = text.split()
    return text if share >= 1 else " ".join(words[: int(len(words) * share)])


async def frames(samples: Samples) -> AsyncIterator[rtc.AudioFrame]:
    """The samples as a session's sound."""
    size = int(FRAME_SECONDS * RATE)
    for start in range(0, len(samples), size):
        part = samples[start : start + size]
        yield rtc.AudioFrame(part.tobytes(), RATE, 1, len(part))


class Speech:
    """Synthesises through an OpenAI-compatible endpoint. The same sentence is synthesised once, even by many rooms."""

    def __init__(self, settings: Settings, certificates: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._folder = settings.data_dir / "cache" / "speech"
        self.certificates = certificates or ssl.create_default_context()
        self._clients: dict[Access, openai.AsyncOpenAI] = {}
        self._running: dict[str, asyncio.Task[Samples]] = {}

    async def samples(self, sentence: Sentence) -> Samples | None:
        """The sentence as 24 kHz mono, or None when it cannot be synthesised, which is logged."""
        key = self._key(sentence)
        kept = await self.kept(sentence)
        if kept is not None:
            return kept
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(self._synthesise(key, sentence))
            task.add_done_callback(lambda _: self._running.pop(key, None))
        try:
            return await asyncio.shield(task)
        except (openai.OpenAIError, OSError, ValueError, TimeoutError) as error:
            logger.warning("sentence not synthesised", extra={"error": type(error).__name__})
            return None

    async def kept(self, sentence: Sentence) -> Samples | None:
        """The sentence if it was synthesised before."""
        return await asyncio.to_thread(self._read, self._key(sentence))

    async def _synthesise(self, key: str, sentence: Sentence) -> Samples:
        client = self._client(sentence.tts)
        async with asyncio.timeout(SYNTHESIS_SECONDS):
            response = await client.audio.speech.create(
                input=sentence.text,
                model=sentence.tts.model,
                voice=sentence.voice,
                response_format="pcm",
                extra_body=_AUDIO_STREAM_FORMAT,
            )
        pcm = response.content
        if len(pcm) < 2:
            raise ValueError("no audio in the answer")
        samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2").astype(np.int16)
        samples = samples[lead_in(samples, RATE) or 0 :]
        await asyncio.to_thread(self._write, key, samples)
        return samples

    def _client(self, endpoint: ModelEndpoint) -> openai.AsyncOpenAI:
        reach = access(endpoint, self._settings)
        if reach not in self._clients:
            self._clients[reach] = model_client(reach, SYNTHESIS_SECONDS, retries=1, certificates=self.certificates)
        return self._clients[reach]

    def _key(self, sentence: Sentence) -> str:
        parts = (
            sentence.text,
            sentence.voice,
            sentence.tts.model,
            access(sentence.tts, self._settings).base_url,
            str(RATE),
        )
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _file(self, key: str) -> Path:
        return self._folder / f"{key}.pcm"

    def _read(self, key: str) -> Samples | None:
        try:
            return np.frombuffer(self._file(key).read_bytes(), dtype="<i2").astype(np.int16)
        except (FileNotFoundError, ValueError):
            return None

    def _write(self, key: str, samples: Samples) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished = self._file(key).with_suffix(f".{os.getpid()}")
            unfinished.write_bytes(samples.astype("<i2").tobytes())
            unfinished.replace(self._file(key))
        except OSError as error:
            logger.warning("sentence not kept", extra={"error": str(error)})


class Canned:
    """The sentences of one conversation that never change, ready to be played when no model can be waited for."""

    def __init__(self, speech: Speech, voice: str, tts: ModelEndpoint) -> None:
        self._speech = speech
        self._voice = voice
        self._tts = tts
        self._ready: dict[str, Samples] = {}

    def ready(self, text: str) -> Samples | None:
        """24 kHz mono, or None when the sentence has not been synthesised yet."""
        return self._ready.get(text)

    async def recall(self, texts: Iterable[str]) -> None:
        """Take from disk what was synthesised before: milliseconds."""
        for text in texts:
            if text and (samples := await self._speech.kept(Sentence(text, self._voice, self._tts))) is not None:
                self._ready[text] = samples

    async def prepare(self, texts: Iterable[str]) -> None:
        """Synthesise what is missing, one after the other."""
        for text in texts:
            if text and text not in self._ready:
                samples = await self._speech.samples(Sentence(text, self._voice, self._tts))
                if samples is not None:
                    self._ready[text] = samples
