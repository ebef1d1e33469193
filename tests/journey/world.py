"""What the any-order machine acts on: one event loop, one database, and a quick way to look at it from outside."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any, TypeVar

import psycopg
import uvloop
from psycopg.rows import dict_row

from callcenter.platform.api.invariants import INVARIANTS, STUCK_SECONDS
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.plumbing.model import ProcessKind
from callcenter.platform.plumbing.processes import beat
from callcenter.stages.offers import store as offers
from tests.journey.company import TIMING, Company, open_company
from tests.journey.rooms import NotedRooms

T = TypeVar("T")

DESKS = ("api-test", "api-other")
# Longer than any run, so that nothing runs out but what a rule lets run out: a slow machine changes nothing.
PATIENT = replace(
    TIMING, answer_after=3600, offer_lease=3600, worker_silent=3600, attendant_silent=3600, desk_silent=3600,
    max_call=7200,
)  # fmt: skip
VIOLATIONS = " UNION ALL ".join(
    f"SELECT '{promise.name}' AS name, call_id::text, detail FROM ({promise.sql}) AS found_{promise.name}"
    for promise in INVARIANTS
).replace(":stuck", str(STUCK_SECONDS))
LEFT_BEHIND = "calls, workers, webhook_events, effects, control_processes"


class World:
    """One event loop and one database for all runs of the machine."""

    def __init__(self, database_url: str) -> None:
        self._loop = uvloop.new_event_loop()
        self._opened = open_company(database_url, PATIENT)
        self.company: Company = self._loop.run_until_complete(self._opened.__aenter__())
        self._outside = psycopg.connect(database_url, autocommit=True, row_factory=dict_row)

    @property
    def rooms(self) -> NotedRooms:
        return self.company.rooms

    def begin(self) -> None:
        """Nobody calls and nobody works; both desk replicas and the media server are up."""
        for table in LEFT_BEHIND.split(", "):
            self.sql(f"DELETE FROM {table}")
        self.company.rooms.__init__()  # type: ignore[misc]
        for desk in DESKS:
            self.desk_beats(desk)

    def run(self, work: Awaitable[T]) -> T:
        """Do this, and what it records to be done outside."""

        async def within() -> T:
            async with asyncio.timeout(20):
                result = await work
                await self.company.j.performer.settle()
                return result

        return self._loop.run_until_complete(within())

    def sweep(self) -> None:
        """The time of every effect that is not done has come."""
        self.sql("UPDATE effects SET due_at = clock_timestamp() WHERE done_at IS NULL")
        while self.run(self.company.j.performer.sweep_once()):
            pass

    def desk_beats(self, desk: str) -> None:
        self.run(beat(self.company.j.db, desk, ProcessKind.API))

    def reconnect(self, offer_id: OfferId, desk: str) -> None:
        """The job of this offer talks to that desk replica from now on."""

        async def reconnected() -> None:
            async with self.company.j.db.transaction() as tx:
                await offers.reconnected(tx, offer_id, desk)

        self.desk_beats(desk)
        self.run(reconnected())

    def sql(self, statement: str, *values: Any) -> None:
        self._outside.execute(statement.encode(), values)

    def rows(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        return self._outside.execute(statement.encode(), values).fetchall()

    def ids(self, statement: str, *values: Any) -> list[str]:
        """The first column as text."""
        return [str(next(iter(row.values()))) for row in self.rows(statement, *values)]

    def violations(self) -> list[dict[str, Any]]:
        """What the invariants' queries find."""
        return self.rows(VIOLATIONS.replace("%", "%%"))

    def close(self) -> None:
        self._outside.close()
        self.run(self._opened.__aexit__(None, None, None))
        self._loop.close()
