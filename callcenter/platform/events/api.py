"""`GET /api/events`: the timeline as server-sent events, resumable by `Last-Event-ID`.

FastAPI's own server-sent events (fastapi.sse) carry the wire format; no further library is needed.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, format_sse_event
from sqlalchemy.exc import SQLAlchemyError

from callcenter.platform.api.security import Permit, TheDatabase
from callcenter.platform.events.feed import Feed
from callcenter.platform.events.interim import InterimWords, Listener, LiveWords
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.errors import FieldError, Invalid, ProductError
from callcenter.records.timeline import read
from callcenter.records.timeline.api import TimelineEvent, event_read
from callcenter.records.timeline.read import Position
from callcenter.setup.users import flow
from callcenter.setup.users.rules import Permission, Principal

router = APIRouter(tags=["events"])

READY_SECONDS = 5.0
_EVENT_ID = re.compile(r"(?:(?P<xid>\d{1,19})-)?(?P<stream_id>\d{1,19})", re.ASCII)

Reader = Annotated[Principal, Depends(Permit(Permission.READ_EVENTS))]


@dataclass(frozen=True)
class StreamTiming:
    """How often a silent stream says that it is there, and how often its credential is looked at again. Seconds."""

    heartbeat: float = 10.0
    recheck: float = 5.0


class StreamEvent(TimelineEvent):
    """The data of one `timeline` event."""

    call_id: str


class BadEventId(Invalid):
    """The event id is not one of ours."""


class WordsOfNoCall(Invalid):
    """Interim words are of one call."""


class NotReady(ProductError):
    """The event stream is not ready yet. Try again in a moment."""

    status = 503
    retry_after_seconds = 1


def parse_event_id(text: str) -> Position | int:
    """`<xid>-<stream_id>` as the stream sends it, or a plain `stream_id` as in the timeline. Raises BadEventId."""
    match = _EVENT_ID.fullmatch(text.strip())
    numbers = [int(n) for n in match.groups() if n is not None] if match else []
    if not numbers or max(numbers) >= 2**63:
        wanted = "the id of an event of this stream, or a stream_id"
        raise BadEventId(errors=(FieldError("header.Last-Event-ID", text, wanted),))
    return Position(*numbers) if len(numbers) == 2 else numbers[0]


async def place_of(db: Database, event_id: str | None) -> tuple[Position | None, bool]:
    """Where to resume, and whether the client has to read everything anew because its place is not known here."""
    if not event_id:
        return None, False
    parsed = parse_event_id(event_id)
    async with db.transaction() as tx:
        if isinstance(parsed, int):
            return await read.position_of_stream_id(tx, parsed), False
        if await read.is_foreign(tx, parsed):
            return None, True
    return parsed, False


def encode(row: sa.RowMapping | InterimWords | None) -> bytes:
    """One event as sent; None is a comment. Interim words have no id: a stream is resumed as if they had not been."""
    if row is None:
        return format_sse_event(comment="still here")
    if isinstance(row, InterimWords):
        return format_sse_event(data_str=row.model_dump_json(), event="interim")
    event = StreamEvent(call_id=row["call_id"], **event_read(row).model_dump())
    return format_sse_event(data_str=event.model_dump_json(), event="timeline", id=str(read.position_of(row)))


class Stream:
    """One client's connection: events as they come, a comment after 10 s of silence, and the end when its credential
    ends or `ended` is set."""

    def __init__(
        self, feed: Feed, db: Database, principal: Principal, timing: StreamTiming, ended: asyncio.Event,
        words: LiveWords | None = None,
    ) -> None:  # fmt: skip
        self.feed, self.db, self.principal, self.timing, self.ended = feed, db, principal, timing, ended
        self.words = words

    async def body(self, after: Position | None, reset: bool, call_id: str | None) -> AsyncGenerator[bytes, None]:
        yield format_sse_event(comment="connected")
        if reset:
            yield format_sse_event(event="reset", data_str="{}")
        watching = asyncio.create_task(self._end_with_credential())
        ended = asyncio.create_task(self.ended.wait())
        follow, heartbeat = self.feed.follow(after, call_id), self.timing.heartbeat
        try:
            with self._interim_words(call_id) as words:
                async with aclosing(_pulled(follow, ended, heartbeat, words)) as events:
                    async for event in events:
                        yield encode(event)
        finally:
            watching.cancel()
            ended.cancel()
            await asyncio.gather(watching, ended, return_exceptions=True)

    def _interim_words(self, call_id: str | None) -> AbstractContextManager[Listener]:
        """Those of the call, if they are asked for; otherwise none ever come."""
        return self.words.subscribe(call_id) if self.words and call_id else nullcontext(Listener())

    async def _end_with_credential(self) -> None:
        """Looks at once, too: the session may have ended while the stream was being opened."""
        try:
            while True:
                if not await self._still_valid():
                    return
                await asyncio.sleep(self.timing.recheck)
        finally:
            self.ended.set()

    async def _still_valid(self) -> bool:
        try:
            async with self.db.transaction() as tx:
                return await flow.still_valid(tx, self.principal)
        except SQLAlchemyError:
            return False


async def _next(events: AsyncGenerator[sa.RowMapping, None]) -> sa.RowMapping:
    return await anext(events)


async def _pulled(
    events: AsyncGenerator[sa.RowMapping, None], ended: asyncio.Task[Literal[True]], heartbeat: float, words: Listener
) -> AsyncGenerator[sa.RowMapping | InterimWords | None, None]:
    """Each event and all interim words, and None whenever none came for `heartbeat` seconds, until `ended` is done or
    reading fails."""
    event: asyncio.Task[sa.RowMapping] | None = None
    word: asyncio.Task[InterimWords] | None = None
    try:
        while not ended.done():
            event = event or asyncio.create_task(_next(events))
            word = word or asyncio.create_task(words.get())
            await asyncio.wait([event, word, ended], timeout=heartbeat, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                return
            if not event.done() and not word.done():
                yield None
            if word.done():
                said, word = word.result(), None
                yield said
            if event.done():
                try:
                    row, event = event.result(), None
                except SQLAlchemyError:
                    return
                yield row
    finally:
        left = [task for task in (event, word) if task is not None]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await events.aclose()


def the_feed(request: Request) -> Feed:
    found = request.app.state.feed
    assert isinstance(found, Feed)
    return found


async def place_in(principal: Reader, feed: Annotated[Feed, Depends(the_feed)]) -> AsyncIterator[asyncio.Event]:
    """Held until the stream has ended. Raises TooManyStreams."""
    with feed.streams.place(principal.token_hash) as ended:
        yield ended


@router.get(
    "/api/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Events named `timeline`; their data is a StreamEvent.",
            "content": {"text/event-stream": {"schema": {"$ref": "#/components/schemas/StreamEvent"}}},
        },
        429: {},
        503: {},
    },
)
async def stream_events(
    request: Request,
    db: TheDatabase,
    principal: Reader,
    feed: Annotated[Feed, Depends(the_feed)],
    ended: Annotated[asyncio.Event, Depends(place_in)],
    call_id: Annotated[UUID | None, Query(description="Only this call's events.")] = None,
    interim: Annotated[
        bool, Query(description="Also this call's words that are not final yet; needs `call_id`.")
    ] = False,
    last_event_id: Annotated[str | None, Header(description="Resume after this event.")] = None,
) -> EventSourceResponse:
    """The timeline of all calls as it happens, in commit order (server-sent events).

    Each event is named `timeline`, its id resumes the stream after it (`Last-Event-ID`; a plain `stream_id` is taken
    too), its data is a StreamEvent. With `interim`, events named `interim` come between them, whose data is
    InterimWords; they have no id and are never repeated.
    An event named `reset` says that the place to resume is not known here: read anew.
    """
    if interim and call_id is None:
        raise WordsOfNoCall(errors=(FieldError("query.interim", "true", "false, or a call_id beside it"),))
    after, reset = await place_of(db, last_event_id)
    try:
        async with asyncio.timeout(READY_SECONDS):
            await feed.ready.wait()
    except TimeoutError as error:
        raise NotReady() from error
    words = request.app.state.words if interim else None
    stream = Stream(feed, db, principal, request.app.state.stream_timing, ended, words)
    body = stream.body(after, reset, str(call_id) if call_id else None)
    return EventSourceResponse(body, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
