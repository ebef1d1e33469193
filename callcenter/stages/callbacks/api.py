"""Call-backs over HTTP: who is to be called back, and cancelling it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from callcenter.journey.call_back_cancelled import NoSuchCallBack, cancelled
from callcenter.platform.api.inputs import Cursor, read_time_and_id, write_cursor
from callcenter.platform.api.journeys import TheJourney
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.setup.audit.rules import author
from callcenter.setup.users.rules import Permission, Principal
from callcenter.stages.callbacks import store
from callcenter.stages.callbacks.model import CallBackState

router = APIRouter(tags=["call-backs"])

MOST_CALL_BACKS = 200
Reader = Depends(Permit(Permission.READ_CALLS))
Canceller = Annotated[Principal, Depends(Permit(Permission.CANCEL_CALL_BACKS))]
CallBackPath = Annotated[UUID, Path(alias="call_back_id", description="The call-back's id.")]


class CallBackRead(BaseModel):
    """A caller who hung up and kept their place."""

    id: str
    number: str
    queue: str
    profile: str | None
    priority: int
    required_skills: list[str]
    entered_at: datetime = Field(description="The original arrival: the place in line.")
    asked_at: datetime
    origin_call_id: str | None = Field(description="The call in which it was promised.")
    state: CallBackState
    attempts: int
    next_attempt_at: datetime | None
    last_failure: str | None = Field(description="Why the last attempt reached nobody, or why it ended.")
    call_id: str | None = Field(description="The last call that was placed for it.")
    ended_at: datetime | None


class CallBackList(BaseModel):
    items: list[CallBackRead]
    next_cursor: str | None


def _read(row: sa.RowMapping) -> CallBackRead:
    return CallBackRead.model_validate(dict(row))


@router.get("/api/call-backs", dependencies=[Reader])
async def list_call_backs(
    db: TheDatabase,
    state: Annotated[list[CallBackState], Query(max_length=6, description="Any of these.")] = [],  # noqa: B006 (FastAPI copies it)
    limit: Annotated[int, Query(ge=1, le=MOST_CALL_BACKS)] = 50,
    cursor: Cursor = None,
) -> CallBackList:
    """Call-backs, latest promise first."""
    after = read_time_and_id(cursor) if cursor is not None else None
    async with snapshot(db) as tx:
        rows = await store.page(tx, limit + 1, after, state)
    items = [_read(row) for row in rows[:limit]]
    more = write_cursor(items[-1].asked_at, items[-1].id) if len(rows) > limit else None
    return CallBackList(items=items, next_cursor=more)


@router.get("/api/call-backs/{call_back_id}", dependencies=[Reader], responses={404: {}})
async def get_call_back(call_back_id: CallBackPath, db: TheDatabase) -> CallBackRead:
    """One call-back."""
    async with snapshot(db) as tx:
        row = await store.read(tx, str(call_back_id))
    if row is None:
        raise NoSuchCallBack()
    return _read(row)


@router.delete("/api/call-backs/{call_back_id}", status_code=204, responses={404: {}, 409: {}})
async def cancel_call_back(call_back_id: CallBackPath, canceller: Canceller, journey: TheJourney) -> None:
    """Cancel one that is planned or rings; 409 when somebody has answered, or it is over. It stays in the list, and the
    audit says who did it."""
    await cancelled(journey, str(call_back_id), author(canceller))
