"""The plugins the agent uses, against the real server over HTTP."""

import asyncio
import threading
from collections.abc import AsyncIterator

import numpy as np
import openai as openai_sdk
import pytest
import uvicorn
from livekit import rtc
from livekit.agents import function_tool, llm
from livekit.plugins import openai

from callcenter.platform.embedded.model_server.app import create_app
from callcenter.platform.embedded.model_server.hearing import Ears, Heard
from callcenter.platform.embedded.model_server.sound import Samples, resample
from callcenter.platform.wire.settings import Settings
from tests.ear import Ear
from tests.platform.embedded.model_server.telephone import AGENT_RATE, phoned, phoned_wav

pytestmark = [pytest.mark.livekit, pytest.mark.filterwarnings("ignore:start_stream")]


@pytest.fixture
async def client() -> AsyncIterator[openai_sdk.AsyncClient]:
    config = uvicorn.Config(create_app(Settings()), host="127.0.0.1", port=0, log_config=None)
    server = uvicorn.Server(config)
    socket = config.bind_socket()
    serving = asyncio.create_task(server.serve(sockets=[socket]))
    url = f"http://127.0.0.1:{socket.getsockname()[1]}/v1"
    async with openai_sdk.AsyncClient(api_key="any", base_url=url, max_retries=2) as reach:
        await reach.models.list()
        yield reach
    server.should_exit = True
    await serving


@function_tool
async def order_status(order_number: str) -> str:
    """Where an order is."""
    return order_number


@function_tool
async def end_call() -> None:
    """Hang up."""


async def ask(client: openai_sdk.AsyncClient, said: str) -> tuple[str, list[tuple[str, str]]]:
    context = llm.ChatContext.empty()
    context.add_message(role="system", content="You are the telephone agent of a small web shop.")
    context.add_message(role="user", content=said)
    model = openai.LLM(model="gpt-4.1-mini", client=client)
    text, calls = "", []
    async with model.chat(chat_ctx=context, tools=[order_status, end_call]) as stream:
        async for chunk in stream:
            if chunk.delta:
                text += chunk.delta.content or ""
                calls += [(call.name, call.arguments) for call in chunk.delta.tool_calls]
    return text, calls


async def test_the_stt_plugin_hears(client: openai_sdk.AsyncClient) -> None:
    for model in ("gpt-4o-mini-transcribe", "whisper-1"):
        stt = openai.STT(model=model, client=client, use_realtime=False)
        samples = phoned("what is the status of order four seven one two")
        frame = rtc.AudioFrame(samples.tobytes(), AGENT_RATE, 1, len(samples))
        heard = (await stt.recognize(frame)).alternatives[0]
        assert heard.text == "what is the status of order 4712"
        assert heard.language.startswith("en")


async def test_a_client_that_hangs_up_is_listened_to_no_more(
    client: openai_sdk.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who listens ahead drops what was no pause, and the next try needs the processor."""
    began, ended = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def listen(_ears: Ears, _samples: Samples, _rate: int, unwanted: threading.Event) -> Heard:
        loop.call_soon_threadsafe(began.set)
        if unwanted.wait(5):
            loop.call_soon_threadsafe(ended.set)
        return Heard("", 1.0)

    monkeypatch.setattr(Ears, "listen", listen)
    sound = ("file.wav", phoned_wav("stop please"), "audio/wav")
    asking = asyncio.create_task(client.audio.transcriptions.create(file=sound, model="whisper-1"))
    await asyncio.wait_for(began.wait(), 5)
    asking.cancel()
    await asyncio.wait_for(ended.wait(), 3)


async def test_the_llm_plugin_answers_and_calls_tools(client: openai_sdk.AsyncClient) -> None:
    assert await ask(client, "where is my order 4711") == ("", [("order_status", '{"order_number": "4711"}')])
    assert await ask(client, "thank you goodbye") == ("Thank you for calling. Goodbye.", [("end_call", "{}")])


@pytest.mark.parametrize("model", ["gpt-4o-mini-tts", "tts-1"])
async def test_the_tts_plugin_speaks(client: openai_sdk.AsyncClient, model: str) -> None:
    text = "Hello, this is the demo shop. How can I help you?"
    tts = openai.TTS(model=model, voice="alloy", client=client, response_format="pcm")
    async with tts.synthesize(text) as stream:
        samples = np.concatenate([np.frombuffer(event.frame.data, dtype=np.int16) async for event in stream])
    assert Ear([text]).listen(resample(samples, AGENT_RATE, 8000)) == [text]
