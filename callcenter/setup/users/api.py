"""Signing in and out of the console."""

from functools import partial
from typing import Annotated

import anyio
from anyio import CapacityLimiter
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field, SecretStr

from callcenter.platform.api.inputs import PlainText
from callcenter.platform.api.security import COOKIE, Permit, Public, TheDatabase
from callcenter.platform.plumbing.errors import NotAllowed
from callcenter.setup.users import flow, rules
from callcenter.setup.users.model import Role
from callcenter.setup.users.rules import Credential, Permission, Person, Principal, WrongPassword

router = APIRouter(tags=["session"])

HASHES_AT_ONCE = 2  # each takes 64 MiB and a core for tens of milliseconds
OwnSession = Annotated[Principal, Depends(Permit(Permission.OWN_SESSION))]


class SignIn(BaseModel):
    email: PlainText = Field(min_length=1, max_length=320)
    password: SecretStr = Field(min_length=1, max_length=1024)


class User(BaseModel):
    id: str
    email: str
    name: str
    role: Role


class Session(BaseModel):
    user: User


class NobodysKey(NotAllowed):
    """This key belongs to no person, and a session is a person's."""


def session_of(person: Person) -> Session:
    return Session(user=User(id=person.id, email=person.email, name=person.name, role=person.role))


def _hashing_limit(request: Request) -> CapacityLimiter:
    state = request.app.state
    if not hasattr(state, "hashing_limit"):
        state.hashing_limit = CapacityLimiter(HASHES_AT_ONCE)
    limit = state.hashing_limit
    assert isinstance(limit, CapacityLimiter)
    return limit


@router.post("/api/session", dependencies=[Depends(Public())], responses={401: {}, 429: {}})
async def sign_in(
    body: SignIn,
    request: Request,
    response: Response,
    db: TheDatabase,
    limit: Annotated[CapacityLimiter, Depends(_hashing_limit)],
) -> Session:
    """Sign in with email and password. Sets the session's cookie (12 hours, or 2 without use)."""
    async with db.transaction() as tx:
        user = await flow.begin_sign_in(tx, body.email)
    check = partial(rules.check_password, user.password_hash if user else None, body.password.get_secret_value())
    verdict = await anyio.to_thread.run_sync(check, limiter=limit)
    if user is None or not verdict.right:
        raise WrongPassword()
    async with db.transaction() as tx:
        token = await flow.open_session(tx, user, verdict.new_hash)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(rules.SESSION_LIFETIME.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return session_of(user.person)


@router.get("/api/session")
async def get_session(principal: OwnSession) -> Session:
    """Who is signed in."""
    if principal.person is None:
        raise NobodysKey()
    return session_of(principal.person)


@router.delete("/api/session", status_code=204)
async def sign_out(principal: OwnSession, request: Request, response: Response, db: TheDatabase) -> None:
    """End this session at once, on every connection it holds."""
    if principal.credential is not Credential.SESSION:
        raise NobodysKey("A key has no session to end.")
    async with db.transaction() as tx:
        await flow.close_session(tx, principal.token_hash)
    response.delete_cookie(COOKIE, path="/", secure=request.url.scheme == "https", httponly=True, samesite="strict")
