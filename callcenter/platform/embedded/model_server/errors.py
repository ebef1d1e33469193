"""Errors in the shape of OpenAI's API (https://platform.openai.com/docs/guides/error-codes)."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


class BadRequest(Exception):
    """What the client sent is wrong: which parameter, and what would be right."""

    def __init__(self, param: str | None, message: str, status: int = 400, code: str | None = None) -> None:
        super().__init__(message)
        self.param, self.message, self.status, self.code = param, message, status, code


def install(app: FastAPI) -> None:
    """Answer every error of this app in OpenAI's shape."""

    async def bad_request(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, BadRequest)
        return _response(error.status, error.message, error.param, error.code)

    async def invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        param = _param(first["loc"])
        return _response(400, f"Invalid '{param}': {first['msg']}." if param else first["msg"], param, first["type"])

    async def http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return _response(error.status_code, str(error.detail), None, None)

    app.add_exception_handler(BadRequest, bad_request)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)


def _param(place: Sequence[Any]) -> str | None:
    """`("body", "messages", 0, "role")` → `messages[0].role`; None when the body as a whole is wrong."""
    path = ""
    for step in place[1:]:
        path += f"[{step}]" if isinstance(step, int) and path else f".{step}" if path else str(step)
    return None if path.isdigit() else path or None


def _response(status: int, message: str, param: str | None, code: str | None) -> JSONResponse:
    kind = "invalid_request_error" if status < 500 else "server_error"
    return JSONResponse({"error": {"message": message, "type": kind, "param": param, "code": code}}, status)
