"""Our matcher: calls in line meet seats by the product's own verbs, each committed."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from pydantic import SecretStr

from callcenter.journey import offered
from callcenter.journey.arrived import arrived
from callcenter.journey.effects import Performer
from callcenter.journey.verb import Journey, Timing
from callcenter.platform.desk.connections import Connections
from callcenter.platform.desk.delivery import deliver_once
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.ids import new_id
from callcenter.platform.plumbing.keyring import Keyring
from callcenter.platform.plumbing.livekit_rooms import LiveKitRooms, Presence, Rights
from callcenter.platform.plumbing.model import ProcessKind
from callcenter.platform.plumbing.processes import beat
from callcenter.platform.plumbing.tokens import JobTokens
from callcenter.platform.wire.base import Message, SeatKind
from callcenter.platform.wire.messages import Register
from callcenter.platform.wire.settings import Settings
from callcenter.records.calls.store import Arrival
from callcenter.stages.offers import workers

DESK = "api-bench"
NUMBER = "+15550100"
HOUR = 3600.0
TIMING = Timing(
    answer_after=HOUR, offer_lease=HOUR, worker_silent=HOUR, attendant_silent=HOUR, desk_silent=HOUR, max_call=HOUR
)

_CALLS = """
INSERT INTO calls
  (id, sip_call_id, room, caller_identity, channel, direction, from_number, to_number, trunk, state, lead, arrived_at)
SELECT gen_random_uuid(), 'behind-' || n, 'behind-' || n, 'sip_' || n, 'sip', 'inbound', '+15551230001', '+15550100',
       'demo', 'ringing', 'none', clock_timestamp()
FROM generate_series(1, :count) AS n
"""
_BEHIND = """
INSERT INTO waiting_entries (call_id, state, queue, profile, priority, entered_at)
SELECT id, 'waiting', 'support', 'shop', -1 - abs(hashtext(room)) % 3, clock_timestamp()
FROM calls WHERE room LIKE 'behind-%'
"""


class NoRooms:
    """A media server that agrees to everything at once: what is measured is our side."""

    async def presence(self, room: str, identity: str) -> Presence:
        return Presence.HERE

    async def grant(self, room: str, identity: str) -> None:
        return None

    async def remove(self, room: str, identity: str) -> None:
        return None

    async def supervise(self, room: str, identity: str, caller_identity: str, rights: Rights) -> None:
        return None

    async def delete(self, room: str) -> None:
        return None


@asynccontextmanager
async def open_journey(url: str) -> AsyncIterator[Journey]:
    """The journey on a database that has the demo company."""
    db = Database(url)
    performer = Performer(db, NoRooms())
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


async def stand_behind(j: Journey, calls: int) -> None:
    """So many more calls in line, behind all others: of three queues' worth of priorities, and written straight into
    the tables."""
    async with j.db.transaction() as tx:
        for statement in (_CALLS, _BEHIND):
            await tx.execute(sa.text(statement), {"count": calls})
    async with j.db.engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(sa.text("VACUUM ANALYZE"))


class Heard(Connections):
    """The line of the one worker, which hears everything at once."""

    def __init__(self, worker: str) -> None:
        super().__init__(Keyring.of(Settings()))
        self._worker = worker

    def addresses(self) -> list[str]:
        return [self._worker]

    def is_quiet(self, address: str) -> bool:
        return False

    async def send(self, address: str, message: Message) -> bool:
        return bool(message.model_dump_json())


async def offer_all(j: Journey, calls: int, at_most: int = offered.TOGETHER) -> float:
    """Seconds until every call in line is offered to a seat and the worker has been told and that is noted, `at_most`
    calls in one transaction. Raises RuntimeError when one was not."""
    async with j.db.transaction() as tx:
        line = Heard(str(await tx.scalar(sa.text("SELECT name FROM workers"))))
    rooms = LiveKitRooms(
        Settings(livekit_url="ws://livekit", livekit_api_key="k", livekit_api_secret=SecretStr("s" * 32))
    )
    tokens = JobTokens("s" * 32, 60)
    started = time.perf_counter()
    made = await offered.offer_agents_once(j, at_most)
    told = await deliver_once(j, line, rooms, tokens, "ws://livekit")
    seconds = time.perf_counter() - started
    await rooms.close()
    if (made, told) != (calls, calls):
        raise RuntimeError(f"{made} offers were made and {told} told, expected {calls}")
    return seconds
