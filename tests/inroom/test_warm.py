"""A job process has loaded what a call needs before the call: nothing is imported while a caller waits."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.pure

# Each model is asked once, over a transport that answers by itself.
FIRST_REQUESTS = """
import asyncio, json, sys
import callcenter.inroom.agent.warm
from callcenter.inroom.agent.models import Recogniser
import httpx2, openai
from livekit import rtc
from livekit.agents import llm
from livekit.plugins import openai as plugin
from callcenter.inroom.sound import music

def chunk(delta, finish=None):
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return "data: " + json.dumps({"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m",
                                  "choices": [choice]}) + "\\n\\n"

SPOKEN = chunk({"role": "assistant", "content": "Hello."}) + chunk(
    {"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": {"name": "end_call", "arguments": "{}"}}]}
) + chunk({}, "tool_calls") + "data: [DONE]\\n\\n"

def answer(request):
    if request.url.path.endswith("completions"):
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=SPOKEN.encode())
    if request.url.path.endswith("transcriptions"):
        return httpx2.Response(200, json={"text": "hello"})
    return httpx2.Response(200, headers={"content-type": "audio/pcm"}, content=bytes(4800))

async def main():
    http = openai.DefaultAsyncHttpxClient(transport=httpx2.MockTransport(answer))
    client = openai.AsyncClient(api_key="x", base_url="http://127.0.0.1/v1", http_client=http, max_retries=0)

    @llm.function_tool
    async def end_call() -> None:
        "Ends the call."

    context = llm.ChatContext.empty()
    context.add_message(role="user", content="hello")
    before = set(sys.modules)
    assert music.loop.cache_info().currsize == 1
    async with plugin.LLM(model="m", client=client).chat(chat_ctx=context, tools=[end_call]) as stream:
        said = [part async for part in stream]
    heard = await Recogniser(model="m", client=client, use_realtime=False).recognize(
        rtc.AudioFrame(bytes(4800), 24000, 1, 2400))
    tts = plugin.TTS(model="m", voice="v", client=client, response_format="pcm")
    async with tts.synthesize("Hello.") as stream:
        sound = [part async for part in stream]
    assert said and sound and heard.alternatives[0].text == "hello"
    print(*sorted(set(sys.modules) - before))

asyncio.run(main())
"""


def test_the_first_request_to_a_model_imports_nothing() -> None:
    command = [sys.executable, "-c", FIRST_REQUESTS]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.strip() == ""
