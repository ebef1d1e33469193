"""Voicemail over HTTP: the boxes' messages, their sound, who has heard them."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Header, Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from callcenter.platform.api.inputs import Cursor, PlainText, read_time_and_id, write_cursor
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.errors import FieldError, ProductError
from callcenter.platform.wire.telephone import RATE, from_ulaw
from callcenter.records.voicemails import read, store
from callcenter.records.voicemails.model import VoicemailState
from callcenter.records.voicemails.rules import HEADER_BYTES, SAMPLE_BYTES, Span, span_of, wav_header
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import author
from callcenter.setup.users.rules import Permission, Principal

router = APIRouter(tags=["voicemail"])

MOST_VOICEMAILS = 200
CHUNK_SAMPLES = 60 * RATE
WAV = "audio/wav"

VoicemailPath = Annotated[UUID, Path(alias="voicemail_id", description="The message's id.")]
Reader = Depends(Permit(Permission.READ_CALLS))
Listener = Annotated[Principal, Depends(Permit(Permission.HEAR_VOICEMAILS))]
Editor = Annotated[Principal, Depends(Permit(Permission.EDIT_VOICEMAILS))]
ShownState = Literal["recording", "stored", "transcribed", "failed"]


class NothingInRange(ProductError):
    """Nothing of the file is in the range that was asked for."""

    status = 416

    def __init__(self, asked: str | None, size: int) -> None:
        super().__init__(errors=(FieldError("header.range", asked, f"bytes from 0 to {size - 1}"),))


class VoicemailRead(BaseModel):
    """One message that a caller left."""

    id: str
    call_id: str
    box: str
    from_number: str = Field(alias="from", description="The caller's number; empty for none.")
    state: ShownState = Field(
        description="`recording` while the caller speaks, `stored` when it is to be transcribed, then `transcribed`; "
        "`failed` when no model wrote it down: it can be heard all the same."
    )
    language: str | None
    started_at: datetime
    seconds: float
    transcript: str | None = Field(description="What was said; empty where the model understood nothing.")
    heard: bool
    heard_at: datetime | None
    heard_by: str | None = Field(description="`user:…`, or `system` for a key that belongs to nobody.")

    model_config = ConfigDict(populate_by_name=True)


class VoicemailList(BaseModel):
    items: list[VoicemailRead]
    next_cursor: str | None


class VoicemailChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    heard: bool = Field(description="Whether somebody has heard it; false makes it new again.")


def _read(row: sa.RowMapping) -> VoicemailRead:
    own = ("id", "call_id", "box", "state", "language", "started_at", "transcript", "heard_at", "heard_by")
    return VoicemailRead(
        from_number=row["caller"], seconds=round(row["samples"] / RATE, 3), heard=row["heard_at"] is not None,
        **{name: row[name] for name in own},
    )  # fmt: skip


@router.get("/api/voicemails", dependencies=[Reader])
async def list_voicemails(
    db: TheDatabase,
    box: Annotated[PlainText | None, Query(max_length=200, description="Messages in this box only.")] = None,
    state: Annotated[ShownState | None, Query(description="Messages in this state only.")] = None,
    call_id: Annotated[UUID | None, Query(description="Messages left in this call only.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_VOICEMAILS)] = 50,
    cursor: Cursor = None,
) -> VoicemailList:
    """Messages, latest first."""
    before = read_time_and_id(cursor) if cursor is not None else None
    wanted = VoicemailState(state) if state else None
    async with snapshot(db) as tx:
        rows = await read.voicemails(tx, limit + 1, before, box, wanted, str(call_id) if call_id else None)
    page = rows[:limit]
    more = write_cursor(page[-1]["started_at"], page[-1]["id"]) if len(rows) > limit else None
    return VoicemailList(items=[_read(row) for row in page], next_cursor=more)


@router.get("/api/voicemails/{voicemail_id}", dependencies=[Reader], responses={404: {}})
async def get_voicemail(voicemail_id: VoicemailPath, db: TheDatabase) -> VoicemailRead:
    """One message."""
    async with snapshot(db) as tx:
        return _read(await read.voicemail(tx, str(voicemail_id)))


@router.get(
    "/api/voicemails/{voicemail_id}/audio",
    response_class=Response,
    responses={
        200: {"content": {WAV: {}}, "description": "A WAV file: 16-bit, mono, 8 kHz."},
        206: {"content": {WAV: {}}, "description": "The bytes that the header Range asks for."},
        404: {},
        416: {},
    },
)
async def get_voicemail_audio(
    voicemail_id: VoicemailPath,
    db: TheDatabase,
    listener: Listener,
    range_: Annotated[
        PlainText | None, Header(alias="Range", max_length=100, description="One range of bytes.")
    ] = None,
) -> Response:
    """The sound of a message, as far as it has come in. The audit says who has listened."""
    async with db.transaction() as tx:
        row = await read.voicemail(tx, str(voicemail_id))
        about = {"call_id": row["call_id"], "box": row["box"]}
        await audit.heard(tx, author(listener), Thing.VOICEMAIL, str(voicemail_id), **about)
    size = HEADER_BYTES + SAMPLE_BYTES * row["samples"]
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "private, no-store"}
    span = span_of(range_, size)
    if span is None:
        raise NothingInRange(range_, size)
    headers["Content-Length"] = str(span.end - span.first)
    if not span.whole:
        headers["Content-Range"] = f"bytes {span.first}-{span.end - 1}/{size}"
    body = _file(db, row["id"], row["samples"], span)
    return StreamingResponse(body, 200 if span.whole else 206, headers=headers, media_type=WAV)


async def _file(db: Database, voicemail_id: str, samples: int, span: Span) -> AsyncIterator[bytes]:
    """The file's bytes in this span, a minute of sound at a time: an hour must not lie in memory."""
    yield wav_header(samples)[span.first : span.end]
    first = max(0, span.first - HEADER_BYTES)
    end = max(0, span.end - HEADER_BYTES)
    while first < end:
        sample = first // SAMPLE_BYTES
        async with db.transaction() as tx:
            sound = await read.sound(tx, voicemail_id, sample, min(CHUNK_SAMPLES, samples - sample))
        piece = from_ulaw(sound).tobytes()[first - sample * SAMPLE_BYTES :][: end - first]
        if not piece:
            return
        yield piece
        first += len(piece)


@router.patch("/api/voicemails/{voicemail_id}", responses={404: {}})
async def change_voicemail(
    voicemail_id: VoicemailPath, change: VoicemailChange, db: TheDatabase, principal: Editor
) -> VoicemailRead:
    """Mark a message as heard, or as new."""
    async with db.transaction() as tx:
        before = _read(await read.voicemail(tx, str(voicemail_id))).heard
        await store.set_heard(tx, str(voicemail_id), principal.actor if change.heard else None)
        if before != change.heard:
            was, now = {"heard": before}, {"heard": change.heard}
            about = author(principal)
            await audit.record(tx, about, Change.CHANGED, Thing.VOICEMAIL, str(voicemail_id), before=was, after=now)
        return _read(await read.voicemail(tx, str(voicemail_id)))


@router.delete("/api/voicemails/{voicemail_id}", status_code=204, responses={404: {}})
async def delete_voicemail(voicemail_id: VoicemailPath, db: TheDatabase, principal: Editor) -> None:
    """Delete a message with its sound and its text. The call's transcript keeps the caller's words."""
    async with db.transaction() as tx:
        gone = _read(await read.voicemail(tx, str(voicemail_id)))
        await store.delete(tx, gone.id)
        about = gone.model_dump(mode="json", include={"call_id", "box", "started_at", "seconds", "heard_by"})
        await audit.record(tx, author(principal), Change.DELETED, Thing.VOICEMAIL, gone.id, before=about)
