"""Transcripts over HTTP."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from callcenter.platform.api.inputs import CallPath, Cursor, read_time_and_id, write_cursor
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.plumbing.db import Database
from callcenter.platform.wire.base import Speaker
from callcenter.records.calls import read as calls_read
from callcenter.records.calls.model import CallState
from callcenter.records.transcripts import read
from callcenter.records.transcripts.rules import call_ms, line_of
from callcenter.records.voicemails import read as voicemails_read
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
        description="The call has ended, every job in it is gone, and what a lost one left has had 5 s to come in, and "
        "the caller's messages are written down. "
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
        complete = (
            call["state"] == CallState.ENDED
            and await offers_read.all_words_in(tx, call["id"])
            and not await voicemails_read.to_be_transcribed(tx, call["id"])
        )
        rows = await read.segments(tx, call["id"], limit + 1, after)
    page = rows[:limit]
    return Transcript(
        call_id=call["id"],
        complete=complete,
        segments=[segment_read(row, call["answered_at"], call["arrived_at"]) for row in page],
        next_cursor=write_cursor(page[-1]["started_at"], page[-1]["id"]) if len(rows) > limit else None,
    )


@router.get(
    "/api/calls/{call_id}/transcript/text",
    response_class=StreamingResponse,
    responses={
        200: {"description": "A line for each utterance.", "content": {"text/plain": {}}}, 404: {},
    },
)  # fmt: skip
async def download_transcript(call_id: CallPath, db: TheDatabase) -> StreamingResponse:
    """What was said as a text file to keep: time since the answer, speaker, words. No telephone number is in it."""
    async with snapshot(db) as tx:
        call = await calls_read.call(tx, str(call_id))
    name = f"transcript-{call['arrived_at']:%Y-%m-%d}-{call['id']}.txt"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return StreamingResponse(_text(db, call), headers=headers, media_type="text/plain; charset=utf-8")


async def _text(db: Database, call: sa.RowMapping) -> AsyncIterator[str]:
    """The file, a page of segments at a time."""
    yield f"Call {call['id']}, {call['arrived_at']:%Y-%m-%d %H:%M:%S} UTC\n\n"
    after: read.Position | None = None
    while True:
        async with snapshot(db) as tx:
            rows = await read.segments(tx, call["id"], MOST_SEGMENTS, after)
        if not rows:
            return
        said = (segment_read(row, call["answered_at"], call["arrived_at"]) for row in rows)
        yield "".join(line_of(one.start_ms, one.speaker, one.text, one.interrupted) for one in said)
        after = (rows[-1]["started_at"], rows[-1]["id"])
