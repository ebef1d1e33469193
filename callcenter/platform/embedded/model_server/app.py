"""The embedded model server as an application."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from callcenter.platform.embedded.model_server import audio, chat, errors
from callcenter.platform.embedded.model_server.answering import IntentTable
from callcenter.platform.embedded.model_server.hearing import Ears
from callcenter.platform.embedded.model_server.phrases import Intent, Phrases, load, written
from callcenter.platform.embedded.model_server.speaking import Mouth
from callcenter.platform.wire import log
from callcenter.platform.wire.settings import Settings

MODELS = (chat.MODEL, audio.HEARING_MODEL, audio.SPEAKING_MODEL)
MADE_AT = 1_767_225_600  # 2026-01-01, the models' date of birth in `/v1/models`
GRACEFUL_SECONDS = 2


def create_app(settings: Settings) -> FastAPI:
    """The app. Raises ValueError for a phrase that cannot be understood, RuntimeError if no voice is installed."""
    phrases = load()
    ears = Ears(phrases, count=max(2, min(4, os.cpu_count() or 2)))

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        ears.close()

    app = FastAPI(title="Embedded model server", lifespan=life, docs_url=None, redoc_url=None)
    errors.install(app)
    app.include_router(chat.router(IntentTable(phrases), settings))
    app.include_router(audio.router(ears, Mouth(), settings))
    _add_listings(app, phrases)
    return app


def _add_listings(app: FastAPI, phrases: Phrases) -> None:
    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        return {"object": "list", "data": [_model(name) for name in MODELS]}

    @app.get("/v1/models/{name}")
    async def model(name: str) -> dict[str, Any]:
        if name not in MODELS:
            message = f"The model '{name}' does not exist; requests may name it all the same."
            raise errors.BadRequest("model", message, status=404, code="model_not_found")
        return _model(name)

    @app.get("/v1/phrases")
    async def understood() -> dict[str, Any]:
        callers = _meanings(phrases, phrases.callers)
        supervisors = _meanings(phrases, phrases.supervisors)
        return {
            "callers": [entry["say"] for entry in callers],
            "supervisors": [entry["say"] for entry in supervisors],
            "meanings": callers + supervisors,
        }


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": MADE_AT, "owned_by": "embedded"}


def _meanings(phrases: Phrases, intents: dict[str, Intent]) -> list[dict[str, str]]:
    """What can be said word by word, how a transcript writes it down, and what it means."""
    said = [(phrases.example(phrase), name, intent) for name, intent in intents.items() for phrase in intent.say]
    return [{"say": say, "heard": written(say), "intent": name, "means": intent.means} for say, name, intent in said]


def run(settings: Settings, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    log.configure(settings.log_level)
    uvicorn.run(
        create_app(settings), host=host, port=port, log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )  # fmt: skip
