from collections.abc import AsyncIterator

import httpx2
import openai
import pytest
from fastapi import FastAPI

from callcenter.platform.embedded.model_server.app import create_app
from callcenter.platform.embedded.model_server.hearing import Listener
from callcenter.platform.embedded.model_server.phrases import Phrases, load
from callcenter.platform.wire.settings import Settings


@pytest.fixture(scope="package")
def phrases() -> Phrases:
    return load()


@pytest.fixture(scope="package")
def listener(phrases: Phrases) -> Listener:
    return Listener(phrases)


@pytest.fixture(scope="package")
def app() -> FastAPI:
    return create_app(Settings(model_stt_ms=0, model_llm_ms=0, model_tts_ms=0))


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://model") as client:
        yield client


@pytest.fixture
def client(http: httpx2.AsyncClient) -> openai.AsyncOpenAI:
    """The real client of the `openai` package, in strict validation: an answer of another shape is an error."""
    return openai.AsyncOpenAI(
        api_key="any", base_url="http://model/v1", http_client=http, max_retries=0, _strict_response_validation=True
    )
