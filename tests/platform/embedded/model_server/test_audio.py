"""`/v1/audio/…` through the real client of the `openai` package."""

import asyncio
import base64
import json
from typing import Any

import httpx2
import numpy as np
import openai
import pytest

from callcenter.platform.embedded.model_server.sound import loudness, read_wav, resample, wav
from callcenter.platform.embedded.model_server.speaking import sentences, spoken
from tests.ear import Ear
from tests.platform.embedded.model_server.telephone import phoned_wav

pytestmark = [pytest.mark.pure, pytest.mark.filterwarnings("ignore:start_stream")]

SAID = "where is my order four seven one one"
RATE = 24000


def file(data: bytes) -> tuple[str, bytes, str]:
    return ("file.wav", data, "audio/wav")


def seconds(pcm: bytes) -> float:
    return len(pcm) / 2 / RATE


async def speech(http: httpx2.AsyncClient, **body: Any) -> httpx2.Response:
    request = {"model": "gpt-4o-mini-tts", "voice": "alloy", "response_format": "pcm", "input": "Hello."} | body
    return await http.post("/v1/audio/speech", json=request)


async def test_speech_becomes_text_in_every_format(client: openai.AsyncOpenAI) -> None:
    ask = client.audio.transcriptions.create
    sound = file(phoned_wav(SAID))
    plain = await ask(file=sound, model="gpt-4o-mini-transcribe")
    assert plain.text == "where is my order 4711"
    verbose = await ask(file=sound, model="whisper-1", response_format="verbose_json", language="en")
    assert (verbose.text, verbose.language) == (plain.text, "english")
    assert 3 < float(verbose.duration) < 5
    text: Any = await ask(file=sound, model="whisper-1", response_format="text")
    assert text.strip() == plain.text


async def test_a_streamed_transcription_ends_with_the_text(client: openai.AsyncOpenAI) -> None:
    stream = await client.audio.transcriptions.create(
        file=file(phoned_wav("stop please")), model="gpt-4o-transcribe", stream=True
    )
    events = [event async for event in stream]
    assert events[-1].type == "transcript.text.done"
    assert events[-1].text == "stop please"


async def test_speech_outside_the_phrases_is_empty_text(client: openai.AsyncOpenAI) -> None:
    sound = file(phoned_wav("the soup needs a little more salt"))
    assert (await client.audio.transcriptions.create(file=sound, model="whisper-1")).text == ""


async def test_several_callers_are_heard_at_once_and_not_mixed_up(client: openai.AsyncOpenAI) -> None:
    said = ["when are you open", "where is my parcel", "do you speak german", "thank you goodbye", "when are you open"]
    sounds = [file(phoned_wav(sentence)) for sentence in said]
    heard = await asyncio.gather(*(client.audio.transcriptions.create(file=s, model="whisper-1") for s in sounds))
    assert [one.text for one in heard] == said


@pytest.mark.parametrize(
    ("fields", "data", "param"),
    [
        ({"model": "whisper-1"}, b"no sound", "file"),
        ({"model": "whisper-1"}, b"", "file"),
        ({"model": "whisper-1"}, None, "file"),
        ({}, b"RIFF", "model"),
        ({"model": "whisper-1", "response_format": "srt"}, b"RIFF", "response_format"),
    ],
)
async def test_a_wrong_transcription_request_names_the_parameter(
    http: httpx2.AsyncClient, fields: dict[str, str], data: bytes | None, param: str
) -> None:
    files = {"file": file(data)} if data is not None else {"other": file(b"x")}
    answer = await http.post("/v1/audio/transcriptions", data=fields, files=files)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


async def test_text_becomes_speech_that_says_it(client: openai.AsyncOpenAI) -> None:
    text = "Your order 4712 is delayed. Delayed until Friday because a part is missing."
    answer = await client.audio.speech.create(input=text, model="gpt-4o-mini-tts", voice="alloy", response_format="pcm")
    samples = resample(np.frombuffer(answer.content, dtype="<i2").astype(np.int16), RATE, 8000)
    assert Ear([text, "Your order is lost at sea, we are very sorry about that."]).listen(samples) == [text]


async def test_wav_has_a_true_header(http: httpx2.AsyncClient) -> None:
    raw = await speech(http, input="One. Two.")
    wrapped = await speech(http, input="One. Two.", response_format="wav")
    samples, rate = read_wav(wrapped.content)
    assert rate == RATE
    assert samples.tobytes() == raw.content
    assert (raw.headers["content-type"], wrapped.headers["content-type"]) == ("audio/pcm", "audio/wav")


async def test_events_carry_the_same_audio(http: httpx2.AsyncClient) -> None:
    raw = await speech(http, input="Good morning.")
    answer = await speech(http, input="Good morning.", stream_format="sse")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
    deltas = [base64.b64decode(event["audio"]) for event in events if event["type"] == "speech.audio.delta"]
    assert b"".join(deltas) == raw.content
    assert events[-1]["type"] == "speech.audio.done"
    assert events[-1]["usage"]["output_tokens"] > 0


async def test_speed_is_kept(http: httpx2.AsyncClient) -> None:
    slow, fast = [await speech(http, input="This is a long sentence.", speed=speed) for speed in (0.5, 2.0)]
    assert seconds(slow.content) > 2.5 * seconds(fast.content)


async def test_voices_differ_and_other_languages_are_spoken(http: httpx2.AsyncClient) -> None:
    spoken_by = [(await speech(http, input="Guten Tag.", voice=voice)).content for voice in ("alloy", "echo", "de")]
    assert len(set(spoken_by)) == 3
    assert all(loudness(np.frombuffer(one, dtype="<i2").astype(np.int16), RATE).max() > 500 for one in spoken_by)


async def test_text_without_a_word_is_no_sound(http: httpx2.AsyncClient) -> None:
    answer = await speech(http, input="... ?!")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_text_is_never_taken_for_an_option(http: httpx2.AsyncClient) -> None:
    assert seconds((await speech(http, input="-voice kal /etc/hostname")).content) > 1


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": "a" * 4097}, "input"),
        ({"voice": "Mickey Mouse"}, "voice"),
        ({"voice": "qq"}, "voice"),
        ({"response_format": "mp3"}, "response_format"),
        ({"speed": 9}, "speed"),
    ],
)
async def test_a_wrong_speech_request_names_the_parameter(
    http: httpx2.AsyncClient, wrong: dict[str, Any], param: str
) -> None:
    answer = await speech(http, **wrong)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_text_is_spoken_sentence_by_sentence() -> None:
    assert sentences("Hello. It costs 3.50 euros! Is that all right? ...") == [
        "Hello.", "It costs 3.50 euros!", "Is that all right?",
    ]  # fmt: skip
    assert sentences("") == []
    assert all(len(piece) <= 300 for piece in sentences("word " * 500))
    assert " ".join(sentences("word " * 500)).split() == ["word"] * 500


def test_order_numbers_are_spoken_digit_by_digit() -> None:
    assert spoken("Order 4711, 3 parcels.") == "Order 4 7 1 1, 3 parcels."


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_wav_files_of_any_width_and_channels_are_read(width: int) -> None:
    import io
    import wave

    tone = np.sin(np.arange(800) / 5)
    values = (tone * (127 if width == 1 else 2 ** (8 * width - 1) - 1) + (128 if width == 1 else 0)).astype(np.int64)
    raw = b"".join(int(v).to_bytes(width, "little", signed=width > 1) * 2 for v in values)
    held = io.BytesIO()
    with wave.open(held, "wb") as writer:
        writer.setparams((2, width, 16000, 0, "NONE", ""))
        writer.writeframes(raw)
    samples, rate = read_wav(held.getvalue())
    assert (rate, len(samples)) == (16000, 800)
    assert np.corrcoef(samples, tone)[0, 1] > 0.999
    assert 32000 < int(np.abs(samples).max()) <= 32767


def test_resampling_keeps_a_tone_and_its_length() -> None:
    tone = (10000 * np.sin(np.arange(24000) * 2 * np.pi * 1000 / 24000)).astype(np.int16)
    for rate in (8000, 16000, 48000, 11025):
        there = resample(tone, 24000, rate)
        assert abs(len(there) - rate) <= 1
        back = resample(there, rate, 24000)[1000:22000]
        assert np.abs(back.astype(int) - tone[1000:22000]).max() < 150
    assert read_wav(wav(tone, 24000))[0].tobytes() == tone.tobytes()
