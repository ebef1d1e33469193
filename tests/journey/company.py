"""A company with its demo data in a database of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from callcenter.journey import effects
from callcenter.journey.answered import claimed
from callcenter.journey.arrived import arrived
from callcenter.journey.effects import Performer
from callcenter.journey.offered import offer_agents_once, offer_attendants_once
from callcenter.journey.verb import Journey, Timing
from callcenter.platform.entrypoints.seed import seed
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.ids import CallId, OfferId, new_id
from callcenter.platform.plumbing.model import ProcessKind
from callcenter.platform.plumbing.processes import beat
from callcenter.platform.wire.base import SeatKind, Speaker
from callcenter.platform.wire.brief import AttendantPlan
from callcenter.platform.wire.messages import Claimed, Denied, Register, Segment
from callcenter.records.calls.model import Call
from callcenter.records.calls.store import Arrival
from callcenter.records.timeline.model import TimelineEvent
from callcenter.stages.offers import workers
from callcenter.stages.offers.model import Offer, Seat
from tests.journey.rooms import NotedRooms

DESK = "api-test"
PASSWORDS = {name: "correct horse battery" for name in ("admin@demo.test", "sam@demo.test", "kim@demo.test")}
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FRIDAY = date(2026, 11, 20)
TIMING = Timing(answer_after=2, offer_lease=5, worker_silent=4, attendant_silent=4, desk_silent=10, max_call=3600)


@dataclass
class Company:
    """Short ways to say what happens to a call in a test."""

    j: Journey
    rooms: NotedRooms

    async def worker(
        self, kind: SeatKind = SeatKind.AGENT, seats: int = 1, skills: tuple[str, ...] = (), deployment: str = ""
    ) -> str:
        name = f"{kind}-{new_id()[-8:]}"
        async with self.j.db.transaction() as tx:
            register = Register(worker=name, kind=kind, seats=seats, skills=skills, deployment=deployment, pid=1)
            await workers.register(tx, register)
        return name

    async def call(self, to: str = "+15550100", from_: str = "+15551230001") -> CallId:
        name = f"call-{new_id()}"
        call_id = await arrived(self.j, Arrival(name, f"sip_{from_}", name, from_, to, "demo"))
        assert call_id is not None
        return call_id

    async def move(self) -> int:
        """What the router does, once what was recorded before has been done outside."""
        await self.j.performer.settle()
        return await offer_agents_once(self.j) + await offer_attendants_once(self.j)

    async def offer(self, call_id: CallId, kind: SeatKind = SeatKind.AGENT) -> OfferId:
        """The call's newest offer of this kind."""
        async with self.j.db.transaction() as tx:
            found = await tx.scalar(
                sa.select(Offer.id)
                .where(Offer.call_id == call_id, Offer.kind == kind)
                .order_by(Offer.offered_at.desc())
                .limit(1)
            )
        assert found is not None
        return OfferId(found)

    async def claim(self, call_id: CallId, kind: SeatKind = SeatKind.AGENT) -> tuple[OfferId, Claimed | Denied]:
        offer_id = await self.offer(call_id, kind)
        return offer_id, await claimed(self.j, offer_id, 1, DESK)

    async def talking(self, to: str = "+15550100") -> tuple[CallId, OfferId]:
        """A call that an agent has claimed."""
        call_id = await self.call(to)
        await self.move()
        offer_id, answer = await self.claim(call_id)
        assert isinstance(answer, Claimed)
        return call_id, offer_id

    async def row(self, call_id: CallId) -> sa.RowMapping:
        async with self.j.db.transaction() as tx:
            row = await tx.row(sa.select(Call.__table__).where(Call.id == call_id))
        assert row is not None
        return row

    async def offer_row(self, offer_id: OfferId) -> sa.RowMapping:
        async with self.j.db.transaction() as tx:
            row = await tx.row(sa.select(Offer.__table__).where(Offer.id == offer_id))
        assert row is not None
        return row

    async def busy_seats(self) -> int:
        async with self.j.db.transaction() as tx:
            return int(await tx.scalar(sa.select(sa.func.count()).where(Seat.offer_id.is_not(None))))

    async def events(self, call_id: CallId) -> list[str]:
        async with self.j.db.transaction() as tx:
            rows = await tx.rows(
                sa.select(TimelineEvent.type).where(TimelineEvent.call_id == call_id).order_by(TimelineEvent.seq)
            )
        return [row["type"] for row in rows]

    async def ids(self, statement: str) -> list[str]:
        """The first column of this query as text."""
        async with self.j.db.transaction() as tx:
            return [str(row[0]) for row in await tx.execute(sa.text(statement))]

    async def sql(self, statement: str, **values: Any) -> None:
        async with self.j.db.transaction() as tx:
            await tx.execute(sa.text(statement), values)


async def enter_company(database_url: str) -> None:
    """Write the demo company into a migrated database."""
    db = Database(database_url, pool_size=1)
    async with db.transaction() as tx:
        await seed(tx, PASSWORDS, FRIDAY)
    await db.close()


@asynccontextmanager
async def open_company(database_url: str, timing: Timing = TIMING) -> AsyncIterator[Company]:
    """The journey on a database that has the demo company."""
    db = Database(database_url)
    rooms = NotedRooms()
    performer = Performer(db, rooms)
    await beat(db, DESK, ProcessKind.API)
    try:
        yield Company(Journey(db, performer, timing), rooms)
    finally:
        await performer.settle()
        await db.close()


def segment(offer_id: str, seq: int, text: str = "hello", speaker: Speaker = Speaker.CALLER) -> Segment:
    at = NOW + timedelta(seconds=seq)
    return Segment(offer_id=offer_id, speaker=speaker, seq=seq, text=text, started_at=at, ended_at=at)


async def commands(company: Company, address: str) -> list[tuple[str, str]]:
    """What this address was told: (message type, offer id)."""
    async with company.j.db.transaction() as tx:
        rows = await effects.commands_for(tx, [address])
    return [
        ("take", row["payload"]["take"]["offer_id"])
        if "take" in row["payload"]
        else (row["payload"]["message"]["type"], row["payload"]["message"].get("offer_id", ""))
        for row in rows
    ]


async def new_plan(company: Company, offer_id: OfferId) -> AttendantPlan:
    """What an attendant was told last to play from now on, by a command that waits for it however often its desk
    fails."""
    (plan,) = await company.ids(
        "SELECT CAST(payload #> '{message,plan}' AS text) FROM effects WHERE kind = 'command' AND done_at IS NULL"
        f" AND payload #>> '{{message,type}}' = 'new_plan' AND payload #>> '{{message,offer_id}}' = '{offer_id}'"
        " ORDER BY id DESC LIMIT 1"
    )
    return AttendantPlan.model_validate_json(plan)
