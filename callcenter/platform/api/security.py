"""Who asks, and may they? Every route under /api says so with `Permit` or `Public`; the application refuses to start
with a route that says nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from urllib.parse import urlsplit

import sqlalchemy as sa
from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from callcenter.platform.api.masks import NUMBER
from callcenter.platform.api.numbers import Sight
from callcenter.platform.api.streams import Streams
from callcenter.platform.plumbing.db import Database, Tx
from callcenter.platform.plumbing.errors import FieldError, NotAllowed, NotSignedIn
from callcenter.setup.users import flow, rules, store
from callcenter.setup.users.hashing import Hashing
from callcenter.setup.users.rules import Permission, Principal

COOKIE = "callcenter_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SEARCHES = frozenset({"number", "caller", "from_number", "phone"})  # a search by parts of a number would tell it
WORDS = "q"  # the full-text search

_bearer = HTTPBearer(
    auto_error=False, scheme_name="ApiKey", description="A key from `callcenter key add` or `POST /api/keys`."
)
_cookie = APIKeyCookie(
    name=COOKIE,
    auto_error=False,
    scheme_name="Session",
    description="From `POST /api/session`. What changes something also needs the header `X-CSRF: 1`.",
)


def tells(name: str, value: str) -> bool:
    """Whether the answer to this search would tell a number, or that it called. Words may hold one, too."""
    return name in SEARCHES or (name == WORDS and NUMBER.search(value) is not None)


class ForgedRequest(NotAllowed):
    """This request may come from another page: send the header X-CSRF: 1, from this site."""


class NumbersHidden(NotAllowed):
    """Your role does not see callers' numbers, so it cannot search by them."""


def database(request: Request) -> Database:
    found = request.app.state.database
    assert isinstance(found, Database)
    return found


def the_hashing(request: Request) -> Hashing:
    found = request.app.state.hashing
    assert isinstance(found, Hashing)
    return found


def the_streams(request: Request) -> Streams:
    found = request.app.state.streams
    assert isinstance(found, Streams)
    return found


TheDatabase = Annotated[Database, Depends(database)]
TheHashing = Annotated[Hashing, Depends(the_hashing)]
TheStreams = Annotated[Streams, Depends(the_streams)]


@asynccontextmanager
async def snapshot(of: Database) -> AsyncIterator[Tx]:
    """A read-only transaction in which every statement sees the same state."""
    async with of.transaction() as tx:
        await tx.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield tx


def refuse_other_sites(request: Request) -> None:
    """A browser says which site a changing request comes from; another site's is refused (OWASP CSRF cheat sheet)."""
    origin = request.headers.get("origin")
    if request.method in SAFE_METHODS or origin is None:
        return
    try:
        site = urlsplit(origin).netloc
    except ValueError:
        site = ""
    if not site or site.lower() != request.headers.get("host", "").lower():
        raise ForgedRequest()


class Public:
    """Declares a route that needs no permission."""

    async def __call__(self, request: Request) -> None:
        refuse_other_sites(request)


class Permit:
    """Declares the permission a route needs, and gives it the principal.

    Raises NotSignedIn without a valid session or key, NotAllowed when the role does not have the permission, and
    ForgedRequest when a cookie's request that changes something does not come from this site's own page.
    """

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(
        self,
        request: Request,
        db: TheDatabase,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
        cookie: Annotated[str | None, Security(_cookie)],
    ) -> Principal:
        if bearer is not None:
            async with db.asking() as tx:
                principal = await flow.by_key(tx, rules.token_hash(bearer.credentials))
                if principal is not None:
                    await store.touch_key(tx, principal.token_hash)
        elif cookie:
            principal = await self._by_cookie(request, db, rules.token_hash(cookie))
        else:
            principal = None
        if principal is None:
            raise NotSignedIn()
        if not principal.may(self.permission):
            raise NotAllowed()
        if principal.may(Permission.SEE_NUMBERS):
            Sight.of(request.scope).full = True
        elif found := [f"query.{name}" for name, value in sorted(request.query_params.items()) if tells(name, value)]:
            raise NumbersHidden(errors=tuple(FieldError(name, None, "nothing") for name in found))
        return principal

    async def _by_cookie(self, request: Request, db: Database, token_hash: str) -> Principal | None:
        if request.method not in SAFE_METHODS:
            refuse_other_sites(request)
            if not request.headers.get("x-csrf"):
                raise ForgedRequest()
        async with db.asking() as tx:
            principal = await flow.by_session(tx, token_hash)
            if principal is not None and principal.person is not None:
                await store.touch_session(tx, token_hash, principal.person.id)
        return principal
