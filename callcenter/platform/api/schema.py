"""`/openapi.json`: the schema the console's client is generated from; errors are problems on every path."""

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


def describe(app: FastAPI, *more: type[BaseModel]) -> Callable[[], dict[str, Any]]:
    """The replacement for `app.openapi`: FastAPI's schema with every error described as a problem, and
    the models `more` that no route returns as JSON."""
    original = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        schema = original()
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
