"""The live stream of the timeline: one poller per process, fanned out to every listening client.

A NOTIFY on the channel `timeline` wakes it early; polling every 500 ms is the guarantee.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from callcenter.platform.api.streams import Streams
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.loops import forever, listen, uncut
from callcenter.records.timeline import read
from callcenter.records.timeline.read import Position

CHANNEL = "timeline"
POLL_SECONDS = 0.5
PAGE = 500
CLIENT_BACKLOG = 1000  # events one slow client may leave lying before it is sent back to reading from the database


@dataclass(eq=False)
class Subscription:
    """What one client has not read yet of what came after `since`."""

    since: Position
    events: asyncio.Queue[sa.RowMapping]
    overflowed: bool = False

    def offer(self, event: sa.RowMapping) -> None:
        if self.events.full():
            self.overflowed = True
        if not self.overflowed:
            self.events.put_nowait(event)


class Feed:
    """Follows the timeline of all calls for this process. `run` is its life; `close` ends every client's stream."""

    def __init__(self, database: Database, poll_seconds: float = POLL_SECONDS, backlog: int = CLIENT_BACKLOG) -> None:
        self.database, self.poll_seconds, self.backlog = database, poll_seconds, backlog
        self.position: Position | None = None
        self.ready = asyncio.Event()
        self.streams = Streams()
        self.subscriptions: set[Subscription] = set()

    async def run(self) -> None:
        """Until cancelled: read what is new on every wake-up and every 500 ms; survive outages of the database."""
        wake = asyncio.Event()
        address = self.database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(listen(address, CHANNEL, wake))
            tasks.create_task(forever("timeline", lambda: uncut(self.run_once()), self.poll_seconds, wake))

    async def run_once(self) -> int:
        """Hand out all that has been committed since the last time; how many events that was."""
        count = 0
        while True:
            async with self.database.asking() as tx:
                if self.position is None:
                    self.position = await read.stream_end(tx)
                    self.ready.set()
                    return 0
                page = await read.stream(tx, self.position, PAGE)
            for row in page:
                self.position = read.position_of(row)
                for subscription in self.subscriptions:
                    subscription.offer(row)
            count += len(page)
            if len(page) < PAGE:
                return count

    def close(self) -> None:
        """End every stream: called when the process stops, because a server waits for its open connections."""
        self.streams.close()

    @contextlib.contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """What comes from now on. The feed must be `ready`."""
        assert self.position is not None
        subscription = Subscription(self.position, asyncio.Queue(self.backlog))
        self.subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self.subscriptions.discard(subscription)

    async def follow(self, after: Position | None, call_id: str | None = None) -> AsyncGenerator[sa.RowMapping, None]:
        """Every event after a position (None: from now on), each once, in commit order, without end.

        First what the database has up to where this process stands, then live; a client that falls too far behind is
        sent back to the database from where it is.
        """
        await self.ready.wait()
        place = after
        while True:
            with self.subscribe() as subscription:
                place = subscription.since if place is None else place
                async for row in self._stored(place, subscription.since, call_id):
                    place = read.position_of(row)
                    yield row
                place = max(place, subscription.since)
                while not (subscription.overflowed and subscription.events.empty()):
                    row = await subscription.events.get()
                    if read.position_of(row) <= place:
                        continue
                    place = read.position_of(row)
                    if call_id is None or row["call_id"] == call_id:
                        yield row

    async def _stored(self, after: Position, until: Position, call_id: str | None) -> AsyncIterator[sa.RowMapping]:
        while after < until:
            async with self.database.transaction() as tx:
                page = await read.stream(tx, after, PAGE, until, call_id)
            for row in page:
                yield row
            if len(page) < PAGE:
                return
            after = read.position_of(page[-1])
