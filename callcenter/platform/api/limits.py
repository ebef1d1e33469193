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
TOO_LARGE = f"The body may have at most {MAX_BODY_BYTES} bytes."


class BodyLimit:
    """ASGI middleware: refuses a body over 1 MiB, by its announced length or while it is read, and one that is not
    complete `seconds` after its reading began."""

    def __init__(self, app: ASGIApp, seconds: float = BODY_SECONDS) -> None:
        self.app, self.seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced[:20]) > MAX_BODY_BYTES:
            await problem(413, TOO_LARGE)(scope, receive, send)
            return
        await self.app(scope, self._limited(receive), send)

    def _limited(self, receive: Receive) -> Receive:
        received, complete, deadline = 0, False, 0.0

        async def receive_within_limits() -> Message:
            nonlocal received, complete, deadline
            if complete:
                return await receive()
            deadline = deadline or asyncio.get_running_loop().time() + self.seconds
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError as error:
                raise HTTPException(408, self.too_slow, {"Connection": "close"}) from error
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                raise HTTPException(413, TOO_LARGE)
            complete = not message.get("more_body", False)
            return message

        return receive_within_limits

    @property
    def too_slow(self) -> str:
        return f"The body has to be complete within {self.seconds:g} seconds."
