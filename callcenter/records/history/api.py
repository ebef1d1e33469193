"""The history over HTTP: calls found by what was said in them, a caller's earlier calls, and a table to take away."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, Field

from callcenter.platform.api.inputs import CallPath, Cursor, PlainText, read_time_and_id, write_cursor
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.errors import FieldError, Invalid
from callcenter.platform.wire.base import Speaker
from callcenter.records.calls import read as calls_read
from callcenter.records.calls.api import Call, CallList, with_parts
from callcenter.records.calls.model import Outcome
from callcenter.records.calls.read import Position, StateFilter
from callcenter.records.history import read
from callcenter.records.history.rules import Wanted, cell, fragments
from callcenter.records.transcripts.rules import call_ms
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import author
from callcenter.setup.users.rules import Permission, Principal

router = APIRouter(tags=["calls"])

Reader = Depends(Permit(Permission.READ_CALLS))
Exporter = Annotated[Principal, Depends(Permit(Permission.EXPORT_CALLS))]
MOST_CALLS = 100
MOST_EXPORTED = 50_000
EXPORT_PAGE = 500
LONGEST_SECONDS = 7 * 24 * 3600
COLUMNS = (
    *("id", "arrived_at", "answered_at", "ended_at", "seconds", "direction", "channel", "from", "to", "trunk"),
    *("queue", "profile", "rule", "priority", "state", "outcome", "ended_by"),
)


class TooManyCalls(Invalid):
    """More calls than one table takes are found."""

    def __init__(self) -> None:
        narrower = f"a narrower range or filter, that finds at most {MOST_EXPORTED} calls"
        super().__init__(errors=(FieldError("query.arrived_from", f"more than {MOST_EXPORTED} calls", narrower),))


class Piece(BaseModel):
    """A part of a snippet: plain text, never markup."""

    text: str
    hit: bool = Field(description="This is what was looked for.")


class Snippet(BaseModel):
    """Where one utterance has the words that were looked for."""

    segment_id: str
    speaker: Speaker
    start_ms: int = Field(description="Milliseconds since the call was answered.")
    language: str | None
    pieces: list[Piece]


class FoundCall(BaseModel):
    call: Call
    hits: int = Field(description="How many of its utterances have the words that were looked for.")
    snippets: list[Snippet] = Field(description="The first of them.")


class History(BaseModel):
    items: list[FoundCall]
    next_cursor: str | None


def wanted(
    q: Annotated[
        PlainText | None,
        Query(
            min_length=1, max_length=200,
            description='Words of one utterance, in any form; `"a phrase"`, `or` and `-without` as in a search engine.',
        ),
    ] = None,
    number: Annotated[
        str | None,
        Query(pattern=r"^\+?[0-9]{1,20}$", description="The beginning of the caller's or the called number."),
    ] = None,
    queue: Annotated[list[PlainText], Query(max_length=50)] = [],  # noqa: B006 (FastAPI copies it)
    outcome: Annotated[list[Outcome], Query(max_length=10)] = [],  # noqa: B006
    state: Annotated[list[StateFilter], Query(max_length=8)] = [],  # noqa: B006
    arrived_from: Annotated[AwareDatetime | None, Query(description="The first instant of the range.")] = None,
    arrived_until: Annotated[AwareDatetime | None, Query(description="The first instant after the range.")] = None,
    min_seconds: Annotated[int | None, Query(ge=0, le=LONGEST_SECONDS)] = None,
    max_seconds: Annotated[int | None, Query(ge=0, le=LONGEST_SECONDS)] = None,
) -> Wanted:  # fmt: skip
    """What of the history is asked for. Raises NotARange."""
    return Wanted(
        (q or "").strip() or None, number, queue, outcome, state, arrived_from, arrived_until, min_seconds, max_seconds
    )


TheWanted = Annotated[Wanted, Depends(wanted)]


def _snippet(row: sa.RowMapping, call: Call) -> Snippet:
    return Snippet(
        segment_id=row["id"], speaker=row["speaker"], language=row["language"],
        start_ms=call_ms(row["started_at"], call.answered_at, call.arrived_at),
        pieces=[Piece(text=piece.text, hit=piece.hit) for piece in fragments(row["headline"])],
    )  # fmt: skip


def _found(call: Call, hits: read.Snippets | None) -> FoundCall:
    rows = hits.rows if hits else []
    return FoundCall(call=call, hits=hits.count if hits else 0, snippets=[_snippet(row, call) for row in rows])


@router.get("/api/history", dependencies=[Reader])
async def search_history(
    db: TheDatabase,
    wanted: TheWanted,
    limit: Annotated[int, Query(ge=1, le=MOST_CALLS)] = 25,
    cursor: Cursor = None,
) -> History:
    """Calls that meet every filter, latest arrival first, with the places where what was looked for was said."""
    after = read_time_and_id(cursor) if cursor is not None else None
    async with snapshot(db) as tx:
        rows = await read.calls(tx, wanted, limit + 1, after)
        calls = await with_parts(tx, rows[:limit])
        hits = await read.snippets(tx, wanted, [call.id for call in calls])
    more = write_cursor(calls[-1].arrived_at, calls[-1].id) if len(rows) > limit else None
    return History(items=[_found(call, hits.get(call.id)) for call in calls], next_cursor=more)


@router.get("/api/calls/{call_id}/earlier", dependencies=[Reader], responses={404: {}})
async def list_earlier_calls(
    call_id: CallPath,
    db: TheDatabase,
    limit: Annotated[int, Query(ge=1, le=MOST_CALLS)] = 10,
    cursor: Cursor = None,
) -> CallList:
    """Calls with the same person's number before this one, latest first."""
    after = read_time_and_id(cursor) if cursor is not None else None
    async with snapshot(db) as tx:
        call = await calls_read.call(tx, str(call_id))
        rows = await read.earlier(tx, call, limit + 1, after)
        items = await with_parts(tx, rows[:limit])
    more = write_cursor(items[-1].arrived_at, items[-1].id) if len(rows) > limit else None
    return CallList(items=items, next_cursor=more)


@router.get(
    "/api/history/export",
    response_class=StreamingResponse,
    responses={200: {"description": "A table, one call a row (RFC 4180).", "content": {"text/csv": {}}}},
)
async def export_history(db: TheDatabase, wanted: TheWanted, principal: Exporter) -> StreamingResponse:
    """The calls of `GET /api/history` as a CSV file of at most 50,000; the audit says who took it. What a spreadsheet
    would run as a formula is made plain text."""
    async with db.transaction() as tx:
        rows = await read.count(tx, wanted, MOST_EXPORTED + 1)
        if rows > MOST_EXPORTED:
            raise TooManyCalls()
        about = {"calls": rows, **_plain(wanted)}
        await audit.record(tx, author(principal), Change.EXPORTED, Thing.HISTORY, "calls", after=about)
    name = f"calls-{datetime.now(UTC):%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return StreamingResponse(_table(db, wanted), headers=headers, media_type="text/csv; charset=utf-8")


def _plain(wanted: Wanted) -> dict[str, Any]:
    """The filters for the audit: only those that were given."""
    given = {name: value for name, value in vars(wanted).items() if value not in (None, [], ())}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in given.items()}


async def _table(db: Database, wanted: Wanted) -> AsyncIterator[str]:
    """The file, a page of calls at a time; each page is read in a transaction of its own."""
    yield _lines([COLUMNS])
    after: Position | None = None
    left = MOST_EXPORTED
    while left > 0:
        async with snapshot(db) as tx:
            rows = await read.calls(tx, wanted, min(EXPORT_PAGE, left), after)
            calls = await with_parts(tx, rows)
        if not calls:
            return
        yield _lines([_row(call) for call in calls])
        after, left = (calls[-1].arrived_at, calls[-1].id), left - len(calls)


def _row(call: Call) -> list[object]:
    """Of the answer's own model: what a role may not see of a call it does not get here either."""
    shown = call.model_dump(mode="json", by_alias=True)
    seconds = int((call.ended_at - call.arrived_at).total_seconds()) if call.ended_at else None
    return [{**shown, "rule": shown["routing"]["rule"], "seconds": seconds}[column] for column in COLUMNS]


def _lines(rows: list[Any]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([[cell(value) for value in row] for row in rows])
    return text.getvalue()
