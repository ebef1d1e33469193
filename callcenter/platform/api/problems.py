"""Errors as `application/problem+json` (RFC 9457), with the fields that were wrong and what would be right."""

import logging
import math
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from callcenter.platform.plumbing.errors import FieldError, ProductError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
SECRET_FIELD = re.compile(r"password|secret|token|key|authorization|cookie", re.IGNORECASE)
LONGEST_ECHO = 200
RETRY_AFTER_OUTAGE_SECONDS = 5


class ProblemField(BaseModel):
    field: str = Field(description="Where it is: `email`, `query.limit`, `path.call_id`.")
    value: Any = Field(description="What was sent; null for secrets and for whole documents.")
    expected: str = Field(description="What would be right, in words.")


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(description="`urn:callcenter:problem:…` for the product's own errors, otherwise `about:blank`.")
    title: str
    status: int
    detail: str
    errors: list[ProblemField]


def problem(
    status: int,
    detail: str,
    errors: tuple[FieldError, ...] = (),
    kind: str = "about:blank",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer that says what went wrong."""
    body = Problem(
        type=kind,
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        errors=[ProblemField(field=e.field, value=echo(e.field, e.value), expected=e.expected) for e in errors],
    )
    return JSONResponse(body.model_dump(), status, headers, MEDIA_TYPE)


def echo(field: str, value: Any) -> Any:
    """What may be repeated of a wrong value: short plain values, never a secret, never a whole document."""
    if SECRET_FIELD.search(field):
        return None
    if isinstance(value, str):
        return value[:LONGEST_ECHO].encode("utf-8", "replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no such number
    return value if isinstance(value, bool | int | float) else None


def kind_of(error: ProductError) -> str:
    """The problem's type from the error's class: `SignInThrottled` → `urn:callcenter:problem:sign-in-throttled`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type(error).__name__)
    return f"urn:callcenter:problem:{words.lower()}"


async def on_product_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ProductError)
    headers: dict[str, str] = {}
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        retryable = error.retry_after_seconds is not None
        log.error("request failed", extra={"error": type(error).__name__}, exc_info=None if retryable else error)
    return problem(error.status, error.message, error.errors, kind_of(error), headers)


async def on_invalid_request(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem(422, "What was sent is not valid.", tuple(field_error(e) for e in error.errors()))


async def on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.BAD_REQUEST:  # FastAPI's word for a body that is no UTF-8 or no form
        return problem(422, "What was sent is not valid.", (FieldError("body", None, "a JSON document, or a form"),))
    sentences = {404: "There is no such page.", 405: "This page does not take this method."}
    return problem(error.status_code, sentences.get(error.status_code, str(error.detail)), headers=error.headers)


async def on_database_error(_: Request, error: Exception) -> Response:
    log.error("database not reachable", extra={"error": type(error).__name__})
    headers = {"Retry-After": str(RETRY_AFTER_OUTAGE_SECONDS)}
    return problem(503, "The database does not answer. Try again in a moment.", headers=headers)


async def on_driver_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)
    if error.connection_invalidated:
        return await on_database_error(request, error)
    return unexpected(error)


def unexpected(error: BaseException) -> Response:
    """A bug: the log has it, the answer says nothing about the inside."""
    log.error("unexpected error", exc_info=error)
    return problem(500, "Something went wrong on our side.")


def field_error(error: Mapping[str, Any]) -> FieldError:
    """One finding of Pydantic in our words."""
    place = [str(part) for part in error["loc"]]
    if place[0] == "body":
        place = place[1:] or ["body"]
    if error["type"] == "json_invalid":
        return FieldError("body", None, "a JSON document")
    value = None if error["type"] == "missing" else error.get("input")
    return FieldError(".".join(place), value, expected(error))


_EXPECTED = {
    "expected": "{expected}",  # our own checks say it themselves
    "missing": "a value",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "string_type": "text",
    "string_unicode": "text in Unicode",
    "string_pattern_mismatch": "text that matches {pattern}",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "uuid_parsing": "a UUID",
    "uuid_type": "a UUID",
    "enum": "one of {expected}",
    "literal_error": "one of {expected}",
    "model_attributes_type": "a JSON object",
    "model_type": "a JSON object",
    "dict_type": "a JSON object",
    "list_type": "a list",
    "too_long": "at most {max_length} items",
    "too_short": "at least {min_length} items",
    "extra_forbidden": "no such field",
    "date_type": "a day like 2026-12-24",
    "date_from_datetime_parsing": "a day like 2026-12-24",
    "date_from_datetime_inexact": "a day like 2026-12-24, without a time",
    "datetime_from_date_parsing": "a time like 2026-11-20T17:42:00Z",
    "datetime_parsing": "a time like 2026-11-20T17:42:00Z",
}


def expected(error: Mapping[str, Any]) -> str:
    """What Pydantic wanted, in words."""
    context = error.get("ctx") or {}
    template = _EXPECTED.get(str(error["type"]))
    if template is not None:
        return template.format_map(context)
    if error["type"] == "value_error":
        return str(context.get("error", error["msg"]))
    message = str(error["msg"])
    return message[:1].lower() + message[1:]


def install(app: FastAPI) -> None:
    """Answer every error of this application as a problem."""
    app.add_exception_handler(ProductError, on_product_error)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    app.add_exception_handler(HTTPException, on_http_error)
    for outage in (OperationalError, InterfaceError, PoolTimeoutError):
        app.add_exception_handler(outage, on_database_error)
    app.add_exception_handler(DBAPIError, on_driver_error)
