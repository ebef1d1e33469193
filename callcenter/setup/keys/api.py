"""API keys over HTTP. A key's text is told once, to whoever makes it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from callcenter.platform.api.inputs import Cursor, PlainText, read_id, write_cursor
from callcenter.platform.api.security import Permit, TheDatabase, TheStreams, snapshot
from callcenter.setup.keys import flow, store
from callcenter.setup.users.model import Role
from callcenter.setup.users.rules import Permission, Principal

router = APIRouter(tags=["keys"])

MOST_KEYS = 200
LONGEST_NAME = 100
MOST_DAYS = 366
USUAL_DAYS = 90

Holder = Annotated[Principal, Depends(Permit(Permission.OWN_KEYS))]
KeyPath = Annotated[UUID, Path(alias="key_id", description="The key's id.")]


class KeyState(StrEnum):
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class KeyRead(BaseModel):
    id: str
    name: str
    prefix: str = Field(description="How the key begins; empty for one from before keys were listed.")
    role: Role
    scopes: list[Permission] | None = Field(description="What of its role it may; null: all of it.")
    owner: str | None = Field(description="The email of the person it acts for.")
    own: bool = Field(description="It acts for whoever asks.")
    state: KeyState
    created_at: datetime
    expires_at: datetime | None = Field(description="Null for a key from `callcenter key add`: it has no end.")
    last_used_at: datetime | None = Field(description="To the minute.")


class KeyList(BaseModel):
    items: list[KeyRead]
    next_cursor: str | None


class KeyMade(KeyRead):
    key: str = Field(description="For `Authorization: Bearer …`. It is told this once; only its hash is stored.")


class KeyWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[PlainText, Field(min_length=1, max_length=LONGEST_NAME, pattern=r"\S")]
    role: Role = Field(description="One that may nothing which whoever asks may not.")
    scopes: list[Permission] | None = Field(
        None, min_length=1, max_length=len(Permission), description="Some of what the role may; left out: all of it."
    )
    expires_in_days: int = Field(USUAL_DAYS, ge=1, le=MOST_DAYS)


def key_read(row: sa.RowMapping, principal: Principal) -> KeyRead:
    known = {permission.value for permission in Permission}
    scopes = None if row["scopes"] is None else [Permission(scope) for scope in row["scopes"] if scope in known]
    state = KeyState.EXPIRED if row["over"] else KeyState.ACTIVE
    if row["revoked_at"] is not None or row["owner_disabled"]:
        state = KeyState.REVOKED
    own = principal.person is not None and str(row["user_id"]) == principal.person.id
    return KeyRead.model_validate(dict(row) | {"scopes": scopes, "state": state, "own": own})


def _whose(principal: Principal) -> str | None:
    """Whose keys this principal may see: None for everybody's. A key without a person has none of its own."""
    if principal.may(Permission.MANAGE_USERS):
        return None
    return principal.person.id if principal.person else "00000000-0000-0000-0000-000000000000"


@router.get("/api/keys")
async def list_keys(
    principal: Holder, db: TheDatabase, limit: Annotated[int, Query(ge=1, le=MOST_KEYS)] = 50, cursor: Cursor = None
) -> KeyList:
    """One's own API keys, with `manage_users` everybody's, latest first; those that ended stay listed."""
    before = read_id(cursor) if cursor is not None else None
    async with snapshot(db) as tx:
        rows = await store.page(tx, limit + 1, before, _whose(principal))
    items = [key_read(row, principal) for row in rows[:limit]]
    return KeyList(items=items, next_cursor=write_cursor(items[-1].id) if len(rows) > limit else None)


@router.post("/api/keys", status_code=201)
async def make_key(wish: KeyWish, principal: Holder, db: TheDatabase) -> KeyMade:
    """Make a key that acts for whoever is signed in. It may never more than its maker may at that time, whatever its
    role, and ends when they are disabled."""
    scopes = None if wish.scopes is None else frozenset(wish.scopes)
    wanted = flow.Wish(wish.name.strip(), wish.role, scopes, timedelta(days=wish.expires_in_days))
    async with db.transaction() as tx:
        row, key = await flow.make(tx, principal, wanted)
    return KeyMade(**key_read(row, principal).model_dump(), key=key)


@router.delete("/api/keys/{key_id}", status_code=204, responses={404: {}})
async def revoke_key(key_id: KeyPath, principal: Holder, db: TheDatabase, streams: TheStreams) -> None:
    """End a key at once: one's own, or with `manage_users` anybody's. It stays in the list."""
    async with db.transaction() as tx:
        key_hash = await flow.revoke(tx, principal, str(key_id), _whose(principal))
    if key_hash is not None:
        streams.end(key_hash)
