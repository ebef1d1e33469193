"""How much a request may carry, and how long it may take to say it.

Starlette's own limit answers in plain text, so the check is made here; uvicorn waits for a body without end.
"""

import asyncio

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callcenter.platform.api.problems import problem

MAX_BODY_BYTES = 1024 * 1024
BODY_SECONDS = 10.0
# Uploads, by their path: bytes, and seconds to say them.
UPLOADS = {"/api/sounds": (20 * 1024 * 1024, 60.0)}


class BodyLimit:
    """ASGI middleware: refuses a body over 1 MiB (an upload: over its own limit), by its announced length or while it
    is read, and one that is not complete `seconds` after its reading began."""

    def __init__(self, app: ASGIApp, seconds: float = BODY_SECONDS) -> None:
        self.app, self.seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        most, seconds = UPLOADS.get(scope.get("path", ""), (MAX_BODY_BYTES, self.seconds))
        if announced.isdecimal() and int(announced[:20]) > most:
            await problem(413, too_large(most))(scope, receive, send)
            return
        await self.app(scope, self._limited(receive, most, seconds), send)

    def _limited(self, receive: Receive, most: int, seconds: float) -> Receive:
        received, complete, deadline = 0, False, 0.0

        async def receive_within_limits() -> Message:
            nonlocal received, complete, deadline
            if complete:
                return await receive()
            deadline = deadline or asyncio.get_running_loop().time() + seconds
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError as error:
                raise HTTPException(408, too_slow(seconds), {"Connection": "close"}) from error
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413, too_large(most))
            complete = not message.get("more_body", False)
            return message

        return receive_within_limits


def too_large(most: int) -> str:
    return f"The body may have at most {most} bytes."


def too_slow(seconds: float) -> str:
    return f"The body has to be complete within {seconds:g} seconds."
