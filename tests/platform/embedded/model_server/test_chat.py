"""`/v1/chat/completions` through the real client of the `openai` package."""

import json
import time
from typing import Any

import httpx2
import openai
import pytest

from callcenter.platform.embedded.model_server.app import create_app
from callcenter.platform.wire.settings import Settings

pytestmark = pytest.mark.pure

MODEL = "gpt-4.1-mini"
TOOLS: Any = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": "A tool.",
            "parameters": {"type": "object", "properties": {key: {"type": "string"} for key in keys}},
        },
    }
    for name, keys in (("order_status", ["order_number"]), ("end_call", []))
]


def user(text: str) -> Any:
    return [{"role": "system", "content": "You are on the phone."}, {"role": "user", "content": text}]


async def test_an_answer_says_which_model_it_is_and_counts_words(client: openai.AsyncOpenAI) -> None:
    completion = await client.chat.completions.create(model=MODEL, messages=user("when are you open"))
    assert completion.model == "embedded-intent-table"
    assert "eight to eighteen" in (completion.choices[0].message.content or "")
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage is not None
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens > 8


async def test_a_tool_is_called_and_its_result_is_told(client: openai.AsyncOpenAI) -> None:
    messages = user("Where is my order 4711?")
    completion = await client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
    choice = completion.choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.tool_calls is not None
    call = choice.message.tool_calls[0]
    assert call.type == "function"
    assert (call.function.name, json.loads(call.function.arguments)) == ("order_status", {"order_number": "4711"})
    messages += [choice.message.model_dump(exclude_none=True)]
    messages += [{"role": "tool", "tool_call_id": call.id, "content": '{"number": "4711", "status": "on_the_moon"}'}]
    told = await client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
    assert told.choices[0].message.content == "Your order 4711 is on the moon."


async def test_a_streamed_answer_comes_word_by_word_with_its_usage_last(client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model=MODEL, messages=user("goodbye"), tools=TOOLS, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == "Thank you for calling. Goodbye."
    pieces = [call for delta in deltas for call in delta.tool_calls or ()]
    assert [p.function.name for p in pieces if p.function and p.function.name] == ["end_call"]
    assert json.loads("".join(p.function.arguments or "" for p in pieces if p.function)) == {}
    first_call = next(i for i, delta in enumerate(deltas) if delta.tool_calls)
    assert not any(delta.content for delta in deltas[first_call:]), "said before it is done"
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "tool_calls"
    assert chunks[-1].usage is not None
    assert chunks[-1].choices == []
    assert {chunk.model for chunk in chunks} == {"embedded-intent-table"}


async def test_usage_is_not_streamed_unless_asked_for(client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(model=MODEL, messages=user("hello"), stream=True)
    assert [chunk async for chunk in stream if chunk.usage] == []


async def test_no_tool_is_called_when_the_request_forbids_it(client: openai.AsyncOpenAI) -> None:
    completion = await client.chat.completions.create(
        model=MODEL, messages=user("goodbye"), tools=TOOLS, tool_choice="none"
    )
    assert completion.choices[0].message.tool_calls is None


async def test_content_in_parts_is_read(client: openai.AsyncOpenAI) -> None:
    parts: Any = [
        {"role": "user", "content": [{"type": "text", "text": "do you speak"}, {"type": "text", "text": "german"}]}
    ]
    completion = await client.chat.completions.create(model=MODEL, messages=parts)
    assert completion.choices[0].message.content == "I am sorry, I speak only English."


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "tool", "tool_call_id": "no", "content": "x"}]}, "messages[0].tool_call_id"),
        ({"model": ""}, "model"),
        ({"n": 2}, "n"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"tool_choice": {"type": "function", "function": {"name": "fly"}}}, "tool_choice"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
    ],
)
async def test_what_is_wrong_is_named_in_openais_shape(
    http: httpx2.AsyncClient, wrong: dict[str, Any], param: str
) -> None:
    body = {"model": MODEL, "messages": user("hello")} | wrong
    answer = await http.post("/v1/chat/completions", json=body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert error["message"]


async def test_a_body_that_is_no_json_is_refused_in_openais_shape(http: httpx2.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await http.post("/v1/chat/completions", content=b"{nonsense", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


async def test_models_are_listed_under_their_own_names(client: openai.AsyncOpenAI) -> None:
    names = [model.id async for model in client.models.list()]
    assert "embedded-intent-table" in names
    assert (await client.models.retrieve(names[0])).id == names[0]
    with pytest.raises(openai.NotFoundError):
        await client.models.retrieve("gpt-4.1-mini")


async def test_phrases_list_what_callers_and_supervisors_can_say(http: httpx2.AsyncClient) -> None:
    listed = (await http.get("/v1/phrases")).json()
    assert "where is my order four seven one one" in listed["callers"]
    assert listed["supervisors"]
    assert all(not set("{}") & set(said) for said in listed["callers"] + listed["supervisors"])
    meaning = next(m for m in listed["meanings"] if m["say"] == "where is my order four seven one one")
    assert (meaning["heard"], meaning["intent"]) == ("where is my order 4711", "order_status")
    assert [m["say"] for m in listed["meanings"]] == listed["callers"] + listed["supervisors"]


async def test_health_and_unknown_places(http: httpx2.AsyncClient) -> None:
    assert (await http.get("/healthz")).status_code == 200
    lost = await http.get("/v1/nothing")
    assert (lost.status_code, lost.json()["error"]["type"]) == (404, "invalid_request_error")


async def test_an_answer_takes_as_long_as_the_setting_says() -> None:
    transport = httpx2.ASGITransport(app=create_app(Settings(model_llm_ms=120)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://model") as slow:
        began = time.perf_counter()
        await slow.post("/v1/chat/completions", json={"model": MODEL, "messages": user("hello")})
        assert time.perf_counter() - began >= 0.12
