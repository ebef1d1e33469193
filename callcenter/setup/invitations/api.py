"""Invitations over HTTP: for admins who send links, and for those who hold one.

A link's token stands behind the `#` of its address, where no server and no log sees it; the page sends it in a body.
"""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from callcenter.platform.api.inputs import Cursor, PlainText, read_id, write_cursor
from callcenter.platform.api.security import Permit, Public, TheDatabase, TheHashing, TheStreams, snapshot
from callcenter.platform.plumbing.errors import FieldError, Invalid
from callcenter.setup.invitations import flow, store
from callcenter.setup.people import flow as people
from callcenter.setup.people.api import PersonsName, UserPath
from callcenter.setup.users.api import in_unicode
from callcenter.setup.users.model import InvitationKind, Role
from callcenter.setup.users.passwords import LONGEST, SHORTEST, check_new
from callcenter.setup.users.rules import Permission, Principal

router = APIRouter(tags=["invitations"])

MOST_INVITATIONS = 200
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")

Manager = Annotated[Principal, Depends(Permit(Permission.MANAGE_USERS))]
InvitationPath = Annotated[UUID, Path(alias="invitation_id", description="The invitation's id.")]


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError("an email address, such as sam@example.org")
    return text


Email = Annotated[PlainText, Field(min_length=3, max_length=254), AfterValidator(_email)]
Token = Annotated[SecretStr, Field(min_length=1, max_length=200), AfterValidator(in_unicode)]


class InvitationState(StrEnum):
    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


class InvitationRead(BaseModel):
    id: str
    kind: InvitationKind = Field(description="`join` for a new user, `reset` for a new password.")
    email: str
    role: Role
    state: InvitationState
    created_by: str
    created_at: datetime
    expires_at: datetime


class InvitationList(BaseModel):
    items: list[InvitationRead]
    next_cursor: str | None


class InvitationMade(InvitationRead):
    token: str = Field(description="For the link `/welcome#…`. It is told this once; only its hash is stored.")


class InvitationWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email
    role: Role


class HeldLink(BaseModel):
    token: Token


class HeldInvitation(BaseModel):
    """What the holder of a link may know of it."""

    kind: InvitationKind
    email: str
    name: str | None
    role: Role
    expires_at: datetime


class Acceptance(BaseModel):
    token: Token
    name: PersonsName | None = Field(None, description="Of a new user; a reset takes none.")
    password: Annotated[
        SecretStr,
        Field(max_length=1024, description=f"{SHORTEST} to {LONGEST} characters, none of the obvious ones."),
        AfterValidator(in_unicode),
    ]


class Accepted(BaseModel):
    email: str = Field(description="To sign in with.")


def invitation_read(row: sa.RowMapping) -> InvitationRead:
    state = InvitationState.EXPIRED if row["over"] else InvitationState.OPEN
    if row["used_at"] is not None or row["revoked_at"] is not None:
        state = InvitationState.USED if row["used_at"] is not None else InvitationState.REVOKED
    return InvitationRead.model_validate(dict(row) | {"state": state})


@router.get("/api/invitations", dependencies=[Depends(Permit(Permission.MANAGE_USERS))])
async def list_invitations(
    db: TheDatabase, limit: Annotated[int, Query(ge=1, le=MOST_INVITATIONS)] = 50, cursor: Cursor = None
) -> InvitationList:
    """Invitations and password resets, latest first."""
    before = read_id(cursor) if cursor is not None else None
    async with snapshot(db) as tx:
        rows = await store.page(tx, limit + 1, before)
    items = [invitation_read(row) for row in rows[:limit]]
    return InvitationList(items=items, next_cursor=write_cursor(items[-1].id) if len(rows) > limit else None)


@router.post("/api/invitations", status_code=201, responses={409: {}})
async def invite(wish: InvitationWish, manager: Manager, db: TheDatabase) -> InvitationMade:
    """Invite somebody new. There is no mail server: whoever invites hands the link over. It works once, within three
    days; a new one for the same email replaces it."""
    async with db.transaction() as tx:
        row, token = await flow.invite(tx, manager, wish.email, wish.role)
    return InvitationMade(**invitation_read(row).model_dump(), token=token)


@router.post("/api/users/{user_id}/password-reset", status_code=201, responses={404: {}, 409: {}})
async def reset_password(user_id: UserPath, manager: Manager, db: TheDatabase) -> InvitationMade:
    """A link by which this user sets a new password, once, within a day. The old one is good until then."""
    async with db.transaction() as tx:
        row, token = await flow.reset(tx, manager, await people.find(tx, str(user_id)))
    return InvitationMade(**invitation_read(row).model_dump(), token=token)


@router.delete("/api/invitations/{invitation_id}", status_code=204, responses={404: {}, 409: {}})
async def revoke_invitation(invitation_id: InvitationPath, manager: Manager, db: TheDatabase) -> None:
    """The link opens nothing any more."""
    async with db.transaction() as tx:
        await flow.revoke(tx, manager, str(invitation_id))


@router.post("/api/welcome", dependencies=[Depends(Public())], responses={404: {}})
async def read_invitation(link: HeldLink, db: TheDatabase) -> HeldInvitation:
    """What a link is for. 404 for one that is unknown, used, revoked or over."""
    async with snapshot(db) as tx:
        row = await flow.of_token(tx, link.token.get_secret_value())
    return HeldInvitation.model_validate(dict(row))


@router.post("/api/welcome/accept", dependencies=[Depends(Public())], responses={404: {}, 409: {}, 503: {}})
async def accept_invitation(
    acceptance: Acceptance, db: TheDatabase, hashing: TheHashing, streams: TheStreams
) -> Accepted:
    """Use a link, once: set name and password, then sign in with them. A reset ends every session of its user."""
    token, password = acceptance.token.get_secret_value(), acceptance.password.get_secret_value()
    async with snapshot(db) as tx:
        row = await flow.of_token(tx, token)
    name = acceptance.name.strip() if acceptance.name else None
    if row["kind"] == InvitationKind.JOIN and name is None:
        raise Invalid(errors=(FieldError("name", None, "your name"),))
    check_new(password, about=(row["email"], name or row["name"] or ""))
    with hashing.place():
        password_hash = await hashing.make(password)
    async with db.transaction() as tx:
        email, ended = await flow.accept(tx, token, name, password_hash)
    for token_hash in ended:
        streams.end(token_hash)
    return Accepted(email=email)
