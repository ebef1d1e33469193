"""Our matcher: calls in line meet seats by the product's own verbs, each committed."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa

from callcenter.journey import offered
from callcenter.journey.arrived import arrived
from callcenter.journey.effects import Performer
from callcenter.journey.verb import Journey, Timing
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.ids import new_id
from callcenter.platform.plumbing.livekit_rooms import Presence
from callcenter.platform.plumbing.model import ProcessKind
from callcenter.platform.plumbing.processes import beat
from callcenter.platform.plumbing.tokens import JobTokens
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.dispatch import DispatchMetadata
from callcenter.platform.wire.messages import Register
from callcenter.records.calls.store import Arrival
from callcenter.stages.offers import workers

DESK = "api-bench"
NUMBER = "+15550100"
HOUR = 3600.0
TIMING = Timing(
    answer_after=HOUR, offer_lease=HOUR, worker_silent=HOUR, attendant_silent=HOUR, desk_silent=HOUR, max_call=HOUR
)


class NoRooms:
    """A media server that agrees to everything at once: what is measured is our side."""

    async def presence(self, room: str, identity: str) -> Presence:
        return Presence.HERE

    async def dispatch(self, room: str, worker: str, metadata: DispatchMetadata) -> None:
        return None

    async def grant(self, room: str, identity: str) -> None:
        return None

    async def remove(self, room: str, identity: str) -> None:
        return None

    async def delete(self, room: str) -> None:
        return None


@asynccontextmanager
async def open_journey(url: str) -> AsyncIterator[Journey]:
    """The journey on a database that has the demo company."""
    db = Database(url)
    performer = Performer(db, NoRooms(), JobTokens("s" * 32, 60), "ws://desk")
    await beat(db, DESK, ProcessKind.API)
    try:
        yield Journey(db, performer, TIMING)
    finally:
        await performer.settle()
        await db.close()


async def queue_up(j: Journey, calls: int) -> None:
    """One worker with a seat for each of so many calls, and the calls in line. What was there before goes."""
    async with j.db.transaction() as tx:
        for table in ("calls", "workers", "effects"):
            await tx.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608 (names from above)
        register = Register(worker=f"agent-{new_id()[-8:]}", kind=SeatKind.AGENT, seats=calls, skills=(), pid=1)
        await workers.register(tx, register)
    for _ in range(calls):
        name = f"call-{new_id()}"
        await arrived(j, Arrival(name, f"sip_{name}", name, "+15551230001", NUMBER, "demo"))
    await j.performer.settle()
    async with j.db.engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(sa.text("VACUUM ANALYZE"))


async def offer_all(j: Journey, calls: int, at_most: int = offered.TOGETHER) -> float:
    """Seconds until every call in line is offered to a seat and its dispatch is done and noted, `at_most` calls in one
    transaction. Raises RuntimeError when one was not."""
    started = time.perf_counter()
    made = await offered.offer_agents_once(j, at_most)
    await j.performer.settle()
    seconds = time.perf_counter() - started
    if made != calls:
        raise RuntimeError(f"{made} offers were made, expected {calls}")
    return seconds
