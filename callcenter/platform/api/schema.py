"""`/openapi.json`: the schema the console's client is generated from; errors are problems on every path."""

import json
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from callcenter.platform.api.problems import MEDIA_TYPE, Problem

_MEANINGS = {
    "401": "Not signed in, and no valid API key.",
    "403": "The role does not allow this, or the request may come from another site.",
    "404": "There is no such thing.",
    "409": "Not as things stand: something else needs it; `errors` says what.",
    "412": "Somebody else has changed it since: read it again.",
    "416": "Nothing of the file is in the range that was asked for.",
    "428": "Say what you change: If-Match with its ETag, or If-None-Match: * for something new.",
    "422": "What was sent is not valid; `errors` says where and what would be right.",
    "429": "Too many tries; `Retry-After` says how many seconds to wait.",
    "503": "Not available just now; `Retry-After` says how many seconds to wait.",
}
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
METHODS = ("get", "put", "post", "delete", "patch")


def operation_id(route: APIRoute) -> str:
    """The name of the function: `list_calls`."""
    return route.name


def _problem_response(status: str) -> dict[str, Any]:
    meaning = _MEANINGS.get(status, "Something went wrong.")
    return {"description": meaning, "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}


def _with_problems(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    wanted = {status for status in responses if status >= "400"} | {"default"}
    if operation.get("security"):
        wanted |= {"401", "403"}
    if operation.get("parameters") or operation.get("requestBody"):
        wanted.add("422")
    for status in sorted(wanted):
        if status == "503" and "503" in responses and responses["503"].get("content"):
            continue
        responses[status] = _problem_response(status)


def _one_of_each(schema: dict[str, Any]) -> dict[str, Any]:
    """Models that are read and written get two names each as soon as they contain themselves. Where the two are the
    same they get one again."""
    models = schema["components"]["schemas"]
    bare = {name: json.loads(_bare(json.dumps(model))) for name, model in models.items()}
    twice = [name.removesuffix("-Input") for name in models if name.endswith("-Input")]
    if not twice or any(bare[f"{name}-Input"] != bare.get(f"{name}-Output") for name in twice):
        return schema
    folded: dict[str, Any] = json.loads(_bare(json.dumps(schema)))
    folded["components"]["schemas"] = {_bare(f'{name}"')[:-1]: model for name, model in bare.items()}
    return folded


def _bare(text: str) -> str:
    return text.replace('-Input"', '"').replace('-Output"', '"')


def describe(app: FastAPI, *more: type[BaseModel]) -> Callable[[], dict[str, Any]]:
    """The replacement for `app.openapi`: FastAPI's schema with every error described as a problem, and
    the models `more` that no route returns as JSON."""
    original = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        schema = app.openapi_schema = _one_of_each(original())
        for path in schema["paths"].values():
            for method in METHODS:
                if method in path:
                    _with_problems(path[method])
        models = schema["components"]["schemas"]
        for unused in ("HTTPValidationError", "ValidationError"):
            models.pop(unused, None)
        described: tuple[type[BaseModel], ...] = (Problem, *more)
        for model in described:
            own = model.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
            models |= own.pop("$defs", {}) | {model.__name__: own}
        schema["components"]["schemas"] = dict(sorted(models.items()))
        return schema

    return openapi
