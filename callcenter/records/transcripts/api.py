"""Transcripts over HTTP."""

from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from callcenter.platform.api.inputs import CallPath, Cursor, read_time_and_id, write_cursor
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.wire.base import Speaker
from callcenter.records.calls import read as calls_read
from callcenter.records.calls.model import CallState
from callcenter.records.transcripts import read
from callcenter.records.transcripts.rules import call_ms
from callcenter.setup.users.rules import Permission
from callcenter.stages.offers import read as offers_read

router = APIRouter(tags=["calls"], dependencies=[Depends(Permit(Permission.READ_CALLS))])

MOST_SEGMENTS = 1000


class Segment(BaseModel):
    """One finished utterance."""

    id: str
    offer_id: str
    leg_id: str
    seq: int = Field(description="Counts from 1 for each offer and leg, without a gap.")
    speaker: Speaker
    text: str
    start_ms: int = Field(description="Milliseconds since the call was answered.")
    end_ms: int = Field(description="Milliseconds since the call was answered.")
    interrupted: bool = Field(description="The text is cut to what was heard.")
    language: str | None
    stored_at: datetime


class Transcript(BaseModel):
    call_id: str
    complete: bool = Field(
        description="The call has ended, every job in it is gone, and what a lost one left has had 5 s to come in. "
        "Words on a machine that is down for longer are still added."
    )
    segments: list[Segment]
    next_cursor: str | None


def segment_read(row: sa.RowMapping, answered_at: datetime | None, arrived_at: datetime) -> Segment:
    return Segment(
        id=row["id"],
        offer_id=row["offer_id"],
        leg_id=row["leg_id"],
        seq=row["seq"],
        speaker=Speaker(row["speaker"]),
        text=row["text"],
        start_ms=call_ms(row["started_at"], answered_at, arrived_at),
        end_ms=call_ms(row["ended_at"], answered_at, arrived_at),
        interrupted=row["interrupted"],
        language=row["language"],
        stored_at=row["stored_at"],
    )


@router.get("/api/calls/{call_id}/transcript", responses={404: {}})
async def get_transcript(
    call_id: CallPath,
    db: TheDatabase,
    limit: Annotated[int, Query(ge=1, le=MOST_SEGMENTS)] = MOST_SEGMENTS,
    cursor: Cursor = None,
) -> Transcript:
    """What was said, in the order in which it was begun."""
    after = read_time_and_id(cursor) if cursor is not None else None
    async with snapshot(db) as tx:
        call = await calls_read.call(tx, str(call_id))
        complete = call["state"] == CallState.ENDED and await offers_read.all_words_in(tx, call["id"])
        rows = await read.segments(tx, call["id"], limit + 1, after)
    page = rows[:limit]
    return Transcript(
        call_id=call["id"],
        complete=complete,
        segments=[segment_read(row, call["answered_at"], call["arrived_at"]) for row in page],
        next_cursor=write_cursor(page[-1]["started_at"], page[-1]["id"]) if len(rows) > limit else None,
    )
