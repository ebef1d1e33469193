"""Signing in and out of the console."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AfterValidator, BaseModel, Field, SecretStr

from callcenter.platform.api.inputs import PlainText
from callcenter.platform.api.security import COOKIE, Permit, Public, TheDatabase
from callcenter.platform.api.streams import Streams
from callcenter.platform.plumbing.errors import NotAllowed
from callcenter.setup.users import flow, rules
from callcenter.setup.users.hashing import Hashing
from callcenter.setup.users.model import Role
from callcenter.setup.users.rules import Credential, Permission, Person, Principal, WrongPassword

router = APIRouter(tags=["session"])

OwnSession = Annotated[Principal, Depends(Permit(Permission.OWN_SESSION))]


def _in_unicode(secret: SecretStr) -> SecretStr:
    try:
        secret.get_secret_value().encode()
    except UnicodeEncodeError:
        raise ValueError("text in Unicode") from None
    return secret


class SignIn(BaseModel):
    email: PlainText = Field(min_length=1, max_length=320)
    password: Annotated[SecretStr, Field(min_length=1, max_length=1024), AfterValidator(_in_unicode)]


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


def the_hashing(request: Request) -> Hashing:
    found = request.app.state.hashing
    assert isinstance(found, Hashing)
    return found


def the_streams(request: Request) -> Streams:
    found = request.app.state.streams
    assert isinstance(found, Streams)
    return found


@router.post("/api/session", dependencies=[Depends(Public())], responses={401: {}, 429: {}, 503: {}})
async def sign_in(
    body: SignIn,
    request: Request,
    response: Response,
    db: TheDatabase,
    hashing: Annotated[Hashing, Depends(the_hashing)],
) -> Session:
    """Sign in with email and password. Sets the session's cookie (12 hours, or 2 without use)."""
    address = rules.address_of(request.client.host if request.client else None)
    with hashing.place():
        async with db.transaction() as tx:
            user = await flow.begin_sign_in(tx, body.email, address)
        verdict = await hashing.check(user.password_hash if user else None, body.password.get_secret_value())
    if user is None or not verdict.right:
        raise WrongPassword()
    async with db.transaction() as tx:
        token = await flow.open_session(tx, user, address, verdict.new_hash)
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
async def sign_out(
    principal: OwnSession,
    request: Request,
    response: Response,
    db: TheDatabase,
    streams: Annotated[Streams, Depends(the_streams)],
) -> None:
    """End this session at once; its event streams end with it, those on other servers within 5 seconds."""
    if principal.credential is not Credential.SESSION:
        raise NobodysKey("A key has no session to end.")
    async with db.transaction() as tx:
        await flow.close_session(tx, principal.token_hash)
    streams.end(principal.token_hash)
    response.delete_cookie(COOKIE, path="/", secure=request.url.scheme == "https", httponly=True, samesite="strict")
