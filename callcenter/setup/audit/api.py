"""The audit over HTTP: read only."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from callcenter.platform.api.inputs import Cursor, PlainText, read_number, write_cursor
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.setup.audit import store
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.users.rules import Permission

router = APIRouter(tags=["audit"], dependencies=[Depends(Permit(Permission.READ_AUDIT))])

MOST_ENTRIES = 200


class AuditedChange(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    actor: str = Field(description="`user:…`, `key:…` for a key that belongs to nobody, `system` for a command.")
    who: str = Field(description="Their e-mail address as it was then, or the command.")
    thing: Thing
    name: str
    change: Change
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditList(BaseModel):
    items: list[AuditedChange]
    next_cursor: str | None


@router.get("/api/audit")
async def list_audit(
    db: TheDatabase,
    thing: Annotated[Thing | None, Query(description="Changes of this kind of thing only.")] = None,
    name: Annotated[PlainText | None, Query(max_length=200, description="Changes of things of this name only.")] = None,
    who: Annotated[
        PlainText | None, Query(max_length=320, description="Changes by this person only: `who` of an entry.")
    ] = None,
    change: Annotated[Change | None, Query(description="Entries of this kind only.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="From this time on.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before this time.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ENTRIES)] = 50,
    cursor: Cursor = None,
) -> AuditList:
    """Changes of the set-up and of who may do what, and who listened in, latest first."""
    before = read_number(cursor) if cursor is not None else None
    async with snapshot(db) as tx:
        rows = await store.entries(tx, limit + 1, before, store.Wanted(thing, name, who, change, since, until))
    items = [AuditedChange.model_validate(dict(row)) for row in rows[:limit]]
    return AuditList(items=items, next_cursor=write_cursor(items[-1].id) if len(rows) > limit else None)


class AuditPeople(BaseModel):
    items: list[str]
    next_cursor: str | None


@router.get("/api/audit/people")
async def list_audit_people(db: TheDatabase) -> AuditPeople:
    """Everybody who is named in the audit: what `who` may ask for."""
    async with snapshot(db) as tx:
        return AuditPeople(items=await store.people(tx), next_cursor=None)
