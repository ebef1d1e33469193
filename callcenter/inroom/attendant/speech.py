"""Sentences of the attendant: synthesised once, then kept on disk; a voice that fails leaves the music playing."""

import asyncio
import hashlib
import logging
import os
import ssl
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openai

from callcenter.inroom.attendant.music import RATE, Samples
from callcenter.inroom.endpoints import Access, access
from callcenter.platform.wire.messages import ModelEndpoint
from callcenter.platform.wire.settings import Settings

logger = logging.getLogger(__name__)

SYNTHESIS_SECONDS = 15.0
_AUDIO_STREAM_FORMAT = {"stream_format": "audio"}


@dataclass(frozen=True)
class Sentence:
    """A text and the voice to say it with."""

    text: str
    voice: str
    tts: ModelEndpoint


class Speech:
    """Synthesises through an OpenAI-compatible endpoint. The same sentence is synthesised once, even by many rooms."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.data_dir / "cache" / "speech"
        self._certificates = ssl.create_default_context()
        self._clients: dict[Access, openai.AsyncOpenAI] = {}
        self._running: dict[str, asyncio.Task[Samples]] = {}

    async def samples(self, sentence: Sentence) -> Samples | None:
        """The sentence as 24 kHz mono, or None when it cannot be synthesised, which is logged."""
        key = self._key(sentence)
        kept = await asyncio.to_thread(self._read, key)
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
        await asyncio.to_thread(self._write, key, samples)
        return samples

    def _client(self, endpoint: ModelEndpoint) -> openai.AsyncOpenAI:
        reach = access(endpoint, self._settings)
        if reach not in self._clients:
            http = openai.DefaultAsyncHttpxClient(verify=self._certificates, timeout=openai.Timeout(SYNTHESIS_SECONDS))
            self._clients[reach] = openai.AsyncOpenAI(
                api_key=reach.api_key, base_url=reach.base_url, max_retries=1, http_client=http
            )
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
