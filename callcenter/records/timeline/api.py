"""A call's timeline over HTTP."""

from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from callcenter.platform.api.inputs import CallPath, Cursor, read_number, write_cursor
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.records.calls import read as calls_read
from callcenter.records.timeline import read
from callcenter.records.timeline.model import EventType
from callcenter.setup.users.rules import Permission

router = APIRouter(tags=["calls"], dependencies=[Depends(Permit(Permission.READ_CALLS))])

MOST_EVENTS = 1000


class TimelineEvent(BaseModel):
    seq: int = Field(description="Counts from 1 within the call.")
    stream_id: int = Field(description="Counts over all calls; resumes `GET /api/events`.")
    type: EventType
    at: datetime
    actor: str = Field(description="`system`, `agent` or `user:…`.")
    summary: str
    data: dict[str, Any]


class Timeline(BaseModel):
    call_id: str
    events: list[TimelineEvent]
    next_cursor: str | None


def event_read(row: sa.RowMapping) -> TimelineEvent:
    return TimelineEvent.model_validate({name: row[name] for name in TimelineEvent.model_fields})


@router.get("/api/calls/{call_id}/timeline", responses={404: {}})
async def get_timeline(
    call_id: CallPath,
    db: TheDatabase,
    limit: Annotated[int, Query(ge=1, le=MOST_EVENTS)] = MOST_EVENTS,
    cursor: Cursor = None,
) -> Timeline:
    """What happened to the call, one event for every change."""
    after = read_number(cursor) if cursor is not None else 0
    async with snapshot(db) as tx:
        call = await calls_read.call(tx, str(call_id))
        rows = await read.events(tx, call["id"], limit + 1, after)
    page = rows[:limit]
    return Timeline(
        call_id=call["id"],
        events=[event_read(row) for row in page],
        next_cursor=write_cursor(page[-1]["seq"]) if len(rows) > limit else None,
    )
