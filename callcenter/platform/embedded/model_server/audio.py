"""`/v1/audio/transcriptions` and `/v1/audio/speech`: OpenAI's audio requests."""

import asyncio
import base64
import json
import math
import threading
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from callcenter.platform.embedded.model_server.errors import BadRequest
from callcenter.platform.embedded.model_server.hearing import Ears, Heard
from callcenter.platform.embedded.model_server.sound import NotWav, Samples, read_wav, wav
from callcenter.platform.embedded.model_server.speaking import SPEECH_RATE, Mouth
from callcenter.platform.wire.settings import Settings

HEARING_MODEL = "embedded-pocketsphinx-grammar"
SPEAKING_MODEL = "embedded-flite"
LONGEST_INPUT = 4096  # characters, as OpenAI's
LARGEST_FILE = 25 * 1024 * 1024  # bytes, as OpenAI's
CHUNK_SAMPLES = SPEECH_RATE // 10


class SpeechRequest(BaseModel):
    model_config = ConfigDict(extra="allow")

    model: Annotated[str, Field(min_length=1)]
    input: Annotated[str, Field(min_length=1, max_length=LONGEST_INPUT)]
    voice: Annotated[str, Field(min_length=1)]
    response_format: Literal["pcm", "wav"]
    speed: Annotated[float, Field(ge=0.25, le=4.0)] = 1.0
    stream_format: Literal["audio", "sse"] = "audio"


def router(ears: Ears, mouth: Mouth, settings: Settings) -> APIRouter:
    """The audio endpoints, answering after `model_stt_ms` and `model_tts_ms`."""
    routes = APIRouter()

    @routes.post("/v1/audio/transcriptions")
    async def transcribe(
        request: Request,
        file: Annotated[UploadFile, File()],
        model: Annotated[str, Form(min_length=1)],
        response_format: Annotated[Literal["json", "verbose_json", "text"], Form()] = "json",
        stream: Annotated[bool, Form()] = False,
    ) -> Response:
        samples, rate = _sound_of(await file.read(LARGEST_FILE + 1))
        unwanted = threading.Event()
        waiting = asyncio.create_task(_hang_up(request, unwanted))
        try:
            heard, _ = await asyncio.gather(
                asyncio.get_running_loop().run_in_executor(ears.executor, ears.listen, samples, rate, unwanted),
                asyncio.sleep(settings.model_stt_ms / 1000),
            )
        finally:
            waiting.cancel()
        return _transcription(heard, response_format, stream=stream)

    @routes.post("/v1/audio/speech")
    async def speak(request: SpeechRequest) -> Response:
        await asyncio.sleep(settings.model_tts_ms / 1000)
        pieces = mouth.speak(request.input, request.voice, request.speed)
        # The first sentence before the response begins: what is wrong must be an error, not a broken stream.
        first = await anext(pieces, np.zeros(0, dtype=np.int16))
        sound = _as_pcm(first, pieces) if request.response_format == "pcm" else _as_wav(first, pieces)
        headers = {"openai-model": SPEAKING_MODEL}
        if request.stream_format == "sse":
            events = _as_events(sound, len(request.input.split()))
            return StreamingResponse(events, media_type="text/event-stream", headers=headers)
        return StreamingResponse(sound, media_type=f"audio/{request.response_format}", headers=headers)

    return routes


async def _hang_up(request: Request, unwanted: threading.Event) -> None:
    """Note when nobody waits for the answer any more: who listens ahead drops what a pause was taken for."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    unwanted.set()


def _sound_of(data: bytes) -> tuple[Samples, int]:
    if len(data) > LARGEST_FILE:
        raise BadRequest("file", "Invalid 'file': larger than 25 MB.", status=413)
    try:
        return read_wav(data)
    except NotWav as error:
        raise BadRequest("file", f"Invalid 'file': not a WAV file with PCM ({error}).") from error


def _transcription(heard: Heard, response_format: str, *, stream: bool) -> Response:
    headers = {"openai-model": HEARING_MODEL}
    usage = {"type": "duration", "seconds": math.ceil(heard.seconds)}
    if stream:
        delta = {"type": "transcript.text.delta", "delta": heard.text}
        done = {"type": "transcript.text.done", "text": heard.text}
        lines = [f"data: {json.dumps(event)}\n\n" for event in (delta, done)]
        return StreamingResponse(iter(lines), media_type="text/event-stream", headers=headers)
    if response_format == "text":
        return PlainTextResponse(f"{heard.text}\n", headers=headers)
    if response_format == "json":
        return JSONResponse({"text": heard.text, "usage": usage}, headers=headers)
    return JSONResponse(
        {"task": "transcribe", "language": "english", "duration": round(heard.seconds, 3), "text": heard.text}
        | {"segments": _segments(heard), "usage": usage},
        headers=headers,
    )


def _segments(heard: Heard) -> list[dict[str, Any]]:
    """One segment with what was understood; its probabilities are those of a recogniser that knows or does not."""
    if not heard.text:
        return []
    return [{
        "id": 0, "seek": 0, "start": 0.0, "end": round(heard.seconds, 3), "text": heard.text, "tokens": [],
        "temperature": 0.0, "avg_logprob": 0.0, "compression_ratio": 1.0, "no_speech_prob": 0.0,
    }]  # fmt: skip


async def _as_pcm(first: Samples, rest: AsyncIterator[Samples]) -> AsyncIterator[bytes]:
    for start in range(0, len(first), CHUNK_SAMPLES):
        yield first[start : start + CHUNK_SAMPLES].astype("<i2").tobytes()
    async for piece in rest:
        for start in range(0, len(piece), CHUNK_SAMPLES):
            yield piece[start : start + CHUNK_SAMPLES].astype("<i2").tobytes()


async def _as_wav(first: Samples, rest: AsyncIterator[Samples]) -> AsyncIterator[bytes]:
    """Only once all is spoken: the header says how long it is."""
    file = wav(np.concatenate([first, *[piece async for piece in rest]]), SPEECH_RATE)
    for start in range(0, len(file), 2 * CHUNK_SAMPLES):
        yield file[start : start + 2 * CHUNK_SAMPLES]


async def _as_events(sound: AsyncIterator[bytes], words: int) -> AsyncIterator[str]:
    sent = 0
    async for chunk in sound:
        sent += 1
        delta = {"type": "speech.audio.delta", "audio": base64.b64encode(chunk).decode()}
        yield f"data: {json.dumps(delta)}\n\n"
    usage = {"input_tokens": words, "output_tokens": sent, "total_tokens": words + sent}
    yield f"data: {json.dumps({'type': 'speech.audio.done', 'usage': usage})}\n\n"
