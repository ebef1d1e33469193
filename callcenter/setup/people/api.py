"""Users and sessions over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from callcenter.platform.api.editions import Expects, tag
from callcenter.platform.api.inputs import Cursor, PlainText, read_text, write_cursor
from callcenter.platform.api.security import Permit, TheDatabase, TheStreams, snapshot
from callcenter.setup.people import flow, store
from callcenter.setup.users.flow import a_persons_session
from callcenter.setup.users.model import Role
from callcenter.setup.users.rules import Permission, Principal

router = APIRouter(tags=["people"])

MOST_USERS = 200
LONGEST_NAME = 100

Manager = Annotated[Principal, Depends(Permit(Permission.MANAGE_USERS))]
Own = Annotated[Principal, Depends(Permit(Permission.OWN_SESSION))]
UserPath = Annotated[UUID, Path(alias="user_id", description="The user's id.")]
SessionPath = Annotated[UUID, Path(alias="session_id", description="The session's id.")]
PersonsName = Annotated[PlainText, Field(min_length=1, max_length=LONGEST_NAME, pattern=r"\S")]


class UserRead(BaseModel):
    id: str
    email: str
    name: str
    role: Role
    disabled: bool = Field(description="Who is disabled cannot sign in; sessions and keys ended then.")
    disabled_at: datetime | None
    created_at: datetime
    last_seen_at: datetime | None = Field(description="To the minute; null for somebody who never signed in.")
    etag: str = Field(description="As in the header ETag; send it as If-Match to change this.")


class UserList(BaseModel):
    items: list[UserRead]
    next_cursor: str | None


class UserChange(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: PersonsName | None = None
    role: Role | None = None
    disabled: bool | None = None


class SessionRead(BaseModel):
    id: str
    device: str = Field(description="The browser in a few words; empty where it did not say.")
    address: str | None = Field(description="From where it was opened; in IPv6 the network.")
    created_at: datetime
    last_seen_at: datetime = Field(description="To the minute.")
    expires_at: datetime
    current: bool = Field(description="This is the session that asks.")


class SessionList(BaseModel):
    items: list[SessionRead]
    next_cursor: str | None


def user_read(row: sa.RowMapping) -> UserRead:
    return UserRead.model_validate(dict(row) | flow.about(row) | {"etag": f'"{flow.edition(row)}"'})


def _sessions_read(rows: list[sa.RowMapping], principal: Principal) -> SessionList:
    items = [
        SessionRead.model_validate(dict(row) | {"current": row["token_hash"] == principal.token_hash}) for row in rows
    ]
    return SessionList(items=items, next_cursor=None)


@router.get("/api/users", dependencies=[Depends(Permit(Permission.MANAGE_USERS))])
async def list_users(
    db: TheDatabase, limit: Annotated[int, Query(ge=1, le=MOST_USERS)] = 50, cursor: Cursor = None
) -> UserList:
    """Everybody who can, or could, sign in, in the order of their emails."""
    after = read_text(cursor) if cursor is not None else None
    async with snapshot(db) as tx:
        rows = await store.page(tx, limit + 1, after)
    more = write_cursor(rows[limit - 1]["email"].lower()) if len(rows) > limit else None
    return UserList(items=[user_read(row) for row in rows[:limit]], next_cursor=more)


@router.get("/api/users/{user_id}", dependencies=[Depends(Permit(Permission.MANAGE_USERS))], responses={404: {}})
async def get_user(user_id: UserPath, db: TheDatabase, response: Response) -> UserRead:
    """One user. The header ETag names their edition."""
    async with snapshot(db) as tx:
        row = await flow.find(tx, str(user_id))
    tag(response, flow.edition(row))
    return user_read(row)


@router.patch("/api/users/{user_id}", responses={404: {}, 409: {}, 412: {}, 428: {}})
async def change_user(
    user_id: UserPath, change: UserChange, manager: Manager, expected: Expects, db: TheDatabase, response: Response,
    streams: TheStreams,
) -> UserRead:  # fmt: skip
    """Change name or role, disable or enable (If-Match). Disabling ends every session and key of theirs at once. The
    last admin stays one (409). No key changes a role or enables anybody (403)."""
    wish = flow.Wish(change.name.strip() if change.name else None, change.role, change.disabled)
    async with db.transaction() as tx:
        row, ended = await flow.change(tx, manager, str(user_id), wish, expected)
    for token_hash in ended:
        streams.end(token_hash)
    tag(response, flow.edition(row))
    return user_read(row)


@router.get("/api/users/{user_id}/sessions", responses={404: {}})
async def list_user_sessions(user_id: UserPath, manager: Manager, db: TheDatabase) -> SessionList:
    """Where somebody is signed in, last used first."""
    async with snapshot(db) as tx:
        await flow.find(tx, str(user_id))
        return _sessions_read(await store.sessions(tx, str(user_id)), manager)


@router.get("/api/sessions")
async def list_sessions(principal: Own, db: TheDatabase) -> SessionList:
    """Where one is signed in oneself, last used first."""
    person = a_persons_session(principal)
    async with snapshot(db) as tx:
        return _sessions_read(await store.sessions(tx, person.id), principal)


@router.delete("/api/sessions", status_code=204)
async def end_other_sessions(principal: Own, db: TheDatabase, streams: TheStreams) -> None:
    """Sign out everywhere but here."""
    a_persons_session(principal)
    async with db.transaction() as tx:
        ended = await flow.end_other_sessions(tx, principal)
    for token_hash in ended:
        streams.end(token_hash)


@router.delete("/api/sessions/{session_id}", status_code=204, responses={404: {}})
async def end_session(session_id: SessionPath, principal: Own, db: TheDatabase, streams: TheStreams) -> None:
    """End a session: one's own, or with `manage_users` anybody's. Its event streams end with it, those on other servers
    within 5 seconds."""
    async with db.transaction() as tx:
        anybodys = principal.may(Permission.MANAGE_USERS)
        token_hash = await flow.end_session(tx, principal, str(session_id), anybodys)
    streams.end(token_hash)
