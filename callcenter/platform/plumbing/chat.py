"""A language model that is asked outside of calls, through an OpenAI-compatible `/chat/completions`."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import openai

from callcenter.platform.plumbing.keyring import Keyring
from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.platform.wire.clients import model_client
from callcenter.platform.wire.endpoints import access
from callcenter.platform.wire.settings import Settings


class NotAnswered(Exception):
    """The model did not answer; the message names the kind of failure and nothing of what was said."""


@dataclass(frozen=True)
class Called:
    """A tool that the model calls, with its arguments as JSON gave them."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the model says, and the tools that it calls."""

    text: str
    calls: tuple[Called, ...] = ()


def as_message(answer: Answer) -> dict[str, Any]:
    """The answer as the model is reminded of it in the next question."""
    calls = [
        {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": json.dumps(c.arguments)}}
        for c in answer.calls
    ]
    return {"role": "assistant", "content": answer.text or None, **({"tool_calls": calls} if calls else {})}


class Chat:
    """Asks the endpoint that a profile names."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keyring = Keyring.of(settings)

    async def ask(
        self, endpoint: ModelEndpoint, messages: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]],
        *, seconds: float, only: str | None = None,
    ) -> Answer:  # fmt: skip
        """The model's answer within so many seconds. `tools` are JSON schemas; with `only` it has to call that one.
        Raises NotAnswered."""
        reach = access(self._keyring.opened(endpoint), self._settings)
        client = model_client(reach, seconds, retries=0)
        offered = [{"type": "function", "function": tool} for tool in tools]
        request: dict[str, Any] = {"model": endpoint.model, "messages": list(messages)}
        if offered:
            request["tools"] = offered
        if only is not None:
            request["tool_choice"] = {"type": "function", "function": {"name": only}}
        try:
            async with asyncio.timeout(seconds), client:  # the client's own patience begins anew with every byte
                answer = await client.chat.completions.create(**request)
            return _read(answer)
        except openai.APIStatusError as error:
            raise NotAnswered(f"the model's server answered {error.status_code}") from error
        except TimeoutError as error:
            raise NotAnswered(f"no answer within {seconds:.0f} seconds") from error
        except (openai.APITimeoutError, openai.APIConnectionError) as error:
            raise NotAnswered("the model's server cannot be reached") from error
        except (openai.OpenAIError, OSError, ValueError, AttributeError, TypeError) as error:
            raise NotAnswered(type(error).__name__) from error


def _read(answer: Any) -> Answer:
    """Raises NotAnswered for what is no answer."""
    if not answer.choices:
        raise NotAnswered("the model's server sent no answer")
    message = answer.choices[0].message
    calls = []
    for call in message.tool_calls or ():
        arguments = json.loads(call.function.arguments or "{}")
        if not isinstance(arguments, dict):
            raise NotAnswered("the model called a tool with something else than named arguments")
        calls.append(Called(call.id, call.function.name, arguments))
    return Answer(message.content or "", tuple(calls))
