"""Callers' numbers are hidden from those who may not see them: in every answer, by one mechanism.

It stands outside of the routes, so that a new route hides them without knowing of it: whatever text leaves under `/api`
is masked unless the request's `Permit` has found somebody who may see numbers. Sound and pictures pass.
"""

import asyncio
import codecs
from dataclasses import dataclass, field
from typing import cast

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callcenter.platform.api.masks import masked_line
from callcenter.platform.plumbing.db import Database
from callcenter.setup.numbers.model import Number

GUARDED = "/api/"
TEXTS = ("text/", "application/json", "application/problem+json", "application/x-ndjson")
FRESH_SECONDS = 10.0


@dataclass
class Sight:
    """What the one who asks may see; `Permit` says so once it knows."""

    full: bool = False

    @classmethod
    def of(cls, scope: Scope) -> "Sight":
        """The request's own, made at the door; one that changes nothing where there is no door."""
        return cast(Sight, scope.get("callcenter.sight") or cls())


@dataclass
class HouseNumbers:
    """The numbers that the house answers, read again every ten seconds; none while the database is away."""

    database: Database
    known: frozenset[str] = frozenset()
    read_at: float = field(default=float("-inf"))

    async def fresh(self) -> frozenset[str]:
        now = asyncio.get_running_loop().time()
        if now - self.read_at > FRESH_SECONDS:
            try:
                async with self.database.asking() as tx:
                    rows = await tx.rows(sa.select(Number.e164))
                self.known = frozenset(row["e164"] for row in rows)
            except (SQLAlchemyError, OSError):
                self.known = frozenset()
            self.read_at = now
        return self.known


class MaskedNumbers:
    """ASGI middleware: hides numbers in texts under `/api`, line by line, from who has no `see_numbers`."""

    def __init__(self, app: ASGIApp, house: HouseNumbers) -> None:
        self.app, self.house = app, house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(GUARDED):
            await self.app(scope, receive, send)
            return
        scope["callcenter.sight"] = sight = Sight()
        await self.app(scope, receive, _Mask(sight, self.house, send).send)


class _Mask:
    """One answer on its way out."""

    def __init__(self, sight: Sight, house: HouseNumbers, onward: Send) -> None:
        self.sight, self.house, self.onward = sight, house, onward
        self.active = False
        self.held = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and not self.sight.full:
            headers = MutableHeaders(scope=message)
            self.active = headers.get("content-type", "").startswith(TEXTS)
            if self.active and "content-length" in headers:
                del headers["content-length"]
        elif message["type"] == "http.response.body" and self.active:
            message = {**message, "body": await self._masked(message.get("body", b""), message.get("more_body", False))}
        await self.onward(message)

    async def _masked(self, body: bytes, more: bool) -> bytes:
        """What of the text so far is whole lines, or its rest when no more comes."""
        text = self.held + self.decoder.decode(body, final=not more)
        whole, end = (text, "") if not more else _lines(text)
        self.held = end
        if not whole:
            return b""
        hidden = _hidden(whole, frozenset())
        return (hidden if hidden == whole else _hidden(whole, await self.house.fresh())).encode()


def _hidden(text: str, house: frozenset[str]) -> str:
    return "\n".join(masked_line(line, house.__contains__) for line in text.split("\n"))


def _lines(text: str) -> tuple[str, str]:
    place = text.rfind("\n") + 1
    return text[:place], text[place:]
