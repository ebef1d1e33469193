"""Signing in and out of the console."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AfterValidator, BaseModel, Field, SecretStr

from callcenter.platform.api.inputs import PlainText
from callcenter.platform.api.security import COOKIE, Permit, Public, TheDatabase, TheHashing, TheStreams
from callcenter.platform.plumbing.errors import FieldError, Invalid, NotAllowed
from callcenter.setup.users import flow, rules
from callcenter.setup.users.devices import device_of
from callcenter.setup.users.model import Role
from callcenter.setup.users.passwords import LONGEST, SHORTEST, check_new
from callcenter.setup.users.rules import Credential, Permission, Person, Principal, WrongPassword

router = APIRouter(tags=["session"])

OwnSession = Annotated[Principal, Depends(Permit(Permission.OWN_SESSION))]


def in_unicode(secret: SecretStr) -> SecretStr:
    try:
        secret.get_secret_value().encode()
    except UnicodeEncodeError:
        raise ValueError("text in Unicode") from None
    return secret


class SignIn(BaseModel):
    email: PlainText = Field(min_length=1, max_length=320)
    password: Annotated[SecretStr, Field(min_length=1, max_length=1024), AfterValidator(in_unicode)]


class User(BaseModel):
    id: str
    email: str
    name: str
    role: Role
    permissions: list[Permission] = Field(description="What this role may do; the console shows nothing else.")


class Session(BaseModel):
    user: User


class NobodysKey(NotAllowed):
    """This key belongs to no person, and a session is a person's."""


class NotTheOldPassword(Invalid):
    """The old password is wrong."""


_NOT_AS_IT_IS = FieldError("current", None, "your password as it is now")


class PasswordChange(BaseModel):
    current: Annotated[SecretStr, Field(min_length=1, max_length=1024), AfterValidator(in_unicode)]
    new: Annotated[
        SecretStr,
        Field(max_length=1024, description=f"{SHORTEST} to {LONGEST} characters, none of the obvious ones."),
        AfterValidator(in_unicode),
    ]


def session_of(person: Person) -> Session:
    permissions = sorted(rules.GRANTS[person.role])
    user = User(id=person.id, email=person.email, name=person.name, role=person.role, permissions=permissions)
    return Session(user=user)


@router.post("/api/session", dependencies=[Depends(Public())], responses={401: {}, 429: {}, 503: {}})
async def sign_in(
    body: SignIn,
    request: Request,
    response: Response,
    db: TheDatabase,
    hashing: TheHashing,
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
        token = await flow.open_session(
            tx, user, address, verdict.new_hash, device_of(request.headers.get("user-agent"))
        )
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
    streams: TheStreams,
) -> None:
    """End this session at once; its event streams end with it, those on other servers within 5 seconds."""
    if principal.credential is not Credential.SESSION:
        raise NobodysKey("A key has no session to end.")
    async with db.transaction() as tx:
        await flow.close_session(tx, principal)
    streams.end(principal.token_hash)
    response.delete_cookie(COOKIE, path="/", secure=request.url.scheme == "https", httponly=True, samesite="strict")


@router.put("/api/session/password", status_code=204, responses={429: {}, 503: {}})
async def change_password(
    change: PasswordChange, principal: OwnSession, request: Request, db: TheDatabase, hashing: TheHashing,
    streams: TheStreams,
) -> None:  # fmt: skip
    """Set a new password; the old one is needed. Every other session of this person ends."""
    person = flow.a_persons_session(principal)
    new = change.new.get_secret_value()
    check_new(new, "new", (person.email, person.name))
    address = rules.address_of(request.client.host if request.client else None)
    with hashing.place():
        async with db.transaction() as tx:
            user = await flow.begin_sign_in(tx, person.email, address)
        verdict = await hashing.check(user.password_hash if user else None, change.current.get_secret_value())
        if user is None or not verdict.right:
            raise NotTheOldPassword(errors=(_NOT_AS_IT_IS,))
        new_hash = await hashing.make(new)
    try:
        async with db.transaction() as tx:
            ended = await flow.change_password(tx, principal, user, new_hash, address)
    except WrongPassword as error:
        raise NotTheOldPassword(errors=(_NOT_AS_IT_IS,)) from error
    for token_hash in ended:
        streams.end(token_hash)
