"""A contact center that a test plays by hand: the real API, Postgres and verbs of the journey, without an engine.

The browser's side of a test asks for what shall happen at POST /played/…, and is told the instant of its commit.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import uvicorn
from fastapi import APIRouter

from callcenter.journey.answered import answered
from callcenter.journey.arrived import caller_left
from callcenter.journey.said import said
from callcenter.platform.api.app import create_app
from callcenter.platform.api.console import DIST
from callcenter.platform.api.recent_invariants import check_once
from callcenter.platform.entrypoints.api import server_config
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.plumbing.livekit_rooms import LiveKitRooms
from callcenter.platform.plumbing.model import ProcessKind
from callcenter.platform.plumbing.processes import beat
from callcenter.platform.wire.base import SeatKind, Speaker
from callcenter.platform.wire.messages import Claimed, Segment
from callcenter.platform.wire.settings import Settings
from callcenter.stages.escalation.loop import seek_once
from callcenter.stages.offers import workers
from tests.journey.company import Company

BEAT_SECONDS = 1.0
SEEK_SECONDS = 0.1
AWAY_SECONDS = 9.0  # long enough for a board to say that its figures are old
PAST = """
INSERT INTO calls (id, sip_call_id, room, caller_identity, channel, direction, from_number, to_number, trunk, state,
                   lead, queue, arrived_at, answered_at, ended_at, outcome, ended_by)
SELECT gen_random_uuid(), 'past-' || n, 'past-' || n, 'sip_' || n, 'sip', 'inbound', '+15550177', '+15550100', 'demo',
       'ended', 'none', 'support', now() - make_interval(mins => n), now() - make_interval(mins => n),
       now() - make_interval(mins => n) + interval '30 s',
       CASE WHEN n % 9 = 0 THEN 'abandoned' ELSE 'completed' END, 'caller'
  FROM generate_series(1, 25) n
"""
ANSWERS = """
INSERT INTO offers (id, call_id, kind, worker, seat_id, state, offered_at, lease_until, accepted_at, ended_at,
                    released_at)
SELECT gen_random_uuid(), id, 'agent', 'agent-gone', 0, 'ended', arrived_at, arrived_at,
       arrived_at + interval '3 s', ended_at, ended_at
  FROM calls WHERE room LIKE 'past-%' AND outcome = 'completed'
"""


@dataclass
class Floor:
    """Everything under way, by the name the test gives a call."""

    company: Company
    settings: Settings
    staff: list[str] = field(default_factory=list)
    calls: dict[str, CallId] = field(default_factory=dict)
    offers: dict[str, OfferId] = field(default_factory=dict)
    said: dict[tuple[str, str], int] = field(default_factory=dict)
    _tasks: list[asyncio.Task[Any]] = field(default_factory=list)
    _stop: Callable[[], Awaitable[None]] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.http_port}"

    async def open(self) -> None:
        self.staff.append(await self.company.worker(seats=6))
        self.staff.append(await self.company.worker(SeatKind.ATTENDANT, seats=10))
        await self.company.sql("UPDATE workers SET version = '1.4.0'")
        await self._beat_once()
        self._tasks += [
            asyncio.create_task(self._beat()),
            asyncio.create_task(self.company.j.performer.wake_forever()),
            asyncio.create_task(self._seek()),
        ]
        await self._serve()

    async def close(self) -> None:
        if self._stop is not None:
            await self._stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self) -> None:
        app = create_app(
            self.company.j.db, self.settings, [self._played()], console=DIST, journey=self.company.j
        )  # fmt: skip
        # Who accepts is given a token; there is no room behind it.
        rooms = app.state.rooms = LiveKitRooms(self.settings) if self.settings.livekit_api_key else None
        server = uvicorn.Server(server_config(app, self.settings))
        serving = asyncio.create_task(server.serve())
        while not server.started:
            assert not serving.done(), "the API did not start"
            await asyncio.sleep(0.02)

        async def stop() -> None:
            app.state.feed.close()
            server.should_exit = True
            with suppress(asyncio.CancelledError):
                await serving
            if rooms is not None:
                await rooms.close()

        self._stop = stop

    async def _beat(self) -> None:
        while True:
            await self._beat_once()
            await asyncio.sleep(BEAT_SECONDS)

    async def _seek(self) -> None:
        while True:
            await seek_once(self.company.j)
            await asyncio.sleep(SEEK_SECONDS)

    async def _beat_once(self) -> None:
        """What a router and the workers do all the time."""
        await beat(self.company.j.db, "router-test", ProcessKind.ROUTER)
        await check_once(self.company.j.db)
        await self.company.sql("UPDATE effects SET done_at = now() WHERE done_at IS NULL AND kind = 'command'")
        async with self.company.j.db.transaction() as tx:
            for name in self.staff:
                await workers.beat(tx, name)

    def _played(self) -> APIRouter:
        routes = APIRouter(prefix="/played")

        @routes.post("/{what}", include_in_schema=False)
        async def play(what: str, name: str = "", text: str = "", to: str = "+15550100") -> dict[str, float | str]:
            verbs: dict[str, Callable[[], Awaitable[None]]] = {
                "rings": lambda: self._rings(name, to, text), "talks": lambda: self._talks(name),
                "says": lambda: self._says(name, text), "waits": lambda: self._has_waited(name),
                "ends": lambda: self._ends(name), "past": self._past, "goes": self._goes,
            }  # fmt: skip
            await verbs[what]()
            return {"committed_at": time.time() * 1000, "id": self.calls.get(name, "")}

        return routes

    async def _rings(self, name: str, to: str, from_: str) -> None:
        self.calls[name] = await self.company.call(to, from_ or "+15550121")

    async def _talks(self, name: str) -> None:
        await self.company.move()
        offer_id, claim = await self.company.claim(self.calls[name])
        assert isinstance(claim, Claimed)
        await answered(self.company.j, offer_id, datetime.now(UTC))
        self.offers[name] = offer_id

    async def _says(self, name: str, text: str) -> None:
        speaker, _, words = text.partition(": ")
        at = datetime.now(UTC)
        self.said[name, speaker] = self.said.get((name, speaker), 0) + 1
        segment = Segment(
            offer_id=self.offers[name], speaker=Speaker(speaker), text=words, started_at=at, ended_at=at,
            seq=self.said[name, speaker],
        )  # fmt: skip
        assert await said(self.company.j, segment) is not None

    async def _has_waited(self, name: str) -> None:
        early = "UPDATE waiting_entries SET entered_at = entered_at - interval '43 s' WHERE call_id = :id"
        await self.company.sql(early, id=self.calls[name])

    async def _ends(self, name: str) -> None:
        row = await self.company.row(self.calls[name])
        await caller_left(self.company.j, row["room"], f"left-{name}", row["caller_identity"], datetime.now(UTC))

    async def _past(self) -> None:
        await self.company.sql(PAST)
        await self.company.sql(ANSWERS)

    async def _goes(self) -> None:
        """The API goes away as soon as this is answered, and comes back."""

        async def away() -> None:
            assert self._stop is not None
            await self._stop()
            await asyncio.sleep(AWAY_SECONDS)
            await self._serve()

        self._tasks.append(asyncio.create_task(away()))
