"""Short ways to say what happens to call-backs in a test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from callcenter.journey.answered import claimed
from callcenter.journey.called_back import ROOM_PREFIX
from callcenter.journey.chose import WHILE_WAITING
from callcenter.journey.ended import end
from callcenter.journey.verb import Journey
from callcenter.platform.api.invariants import INVARIANTS, check
from callcenter.platform.desk.calls import handle
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.asking import Chose, NewPlan
from callcenter.platform.wire.base import SeatKind
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import EndedBy, Outcome
from callcenter.setup.audit.rules import command
from callcenter.setup.entries import flow as entries
from callcenter.setup.queues import store as queues
from callcenter.stages.callbacks import store as call_backs
from callcenter.stages.callbacks.model import CallBack
from callcenter.stages.outbound.loop import Ringer, Transfers
from tests.journey.company import DESK, Company, new_plan
from tests.stages.outbound.lines import NotedLines

FILM = "+4930231250"  # for films only: Bundesnetzagentur


def number(which: int) -> str:
    return f"{FILM}{which:02d}"


@dataclass
class Phones:
    """A company that can call out, into a network that only takes notes."""

    company: Company
    lines: NotedLines
    j: Journey = field(init=False)
    ringer: Ringer = field(init=False)
    transfers: Transfers = field(init=False)

    def __post_init__(self) -> None:
        self.j = replace(self.company.j, lines=self.lines)
        self.ringer, self.transfers = Ringer(self.j, self.lines), Transfers(self.j, self.lines)

    async def queue(self, **changes: Any) -> None:
        """Change the support queue."""
        async with self.j.db.transaction() as tx:
            body = (await queues.get(tx, "support")).model_copy(update=changes)
            await entries.put(tx, queues.QUEUES, command("test"), "support", body, expected=None)

    async def promise(self, which: int, minutes_ago: float, priority: int = 0, skills: tuple[str, ...] = ()) -> str:
        """A call-back that was promised to a caller who came so long ago."""
        origin = await self.company.call(from_=number(which))
        async with self.j.verb() as tx:
            call = await calls.lock(tx, origin)
            assert call is not None
            await end(tx, call, Outcome.CALL_BACK, EndedBy.SYSTEM, "the message was said")
        async with self.j.db.transaction() as tx:
            entered = await tx.scalar(sa.select(sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, minutes_ago)))
            return await call_backs.plan(
                tx, number=number(which), queue="support", profile="shop", priority=priority, required_skills=skills,
                entered_at=entered, origin_call_id=origin,
            )  # fmt: skip

    async def waiting_since(self, which: int, minutes_ago: float) -> CallId:
        """A caller who has been waiting for so long."""
        call_id = await self.company.call(from_=number(which))
        await self.company.sql(
            "UPDATE waiting_entries SET entered_at = clock_timestamp() - make_interval(mins => :minutes)"
            " WHERE call_id = :id",
            id=call_id, minutes=int(minutes_ago),
        )  # fmt: skip
        return call_id

    async def back(self, call_back_id: str) -> sa.RowMapping:
        async with self.j.db.transaction() as tx:
            row = await tx.row(sa.select(CallBack.__table__).where(CallBack.id == call_back_id))
        assert row is not None
        return row

    async def at_once(self, call_back_id: str) -> None:
        """The pause before the next attempt is over."""
        await self.company.sql(
            "UPDATE call_backs SET next_attempt_at = clock_timestamp() WHERE id = :id AND state = 'planned'",
            id=call_back_id,
        )

    async def move(self) -> int:
        """What a router does in one round."""
        return await self.company.move() + await self.ringer.ring_once()

    async def attended(self, call_id: CallId) -> OfferId:
        """An attendant has come to this call."""
        await self.company.move()
        offer_id = await self.company.offer(call_id, SeatKind.ATTENDANT)
        await claimed(self.j, offer_id, 1, DESK)
        return offer_id

    async def press(self, offer_id: OfferId, question: int, key: str | None, digits: str | None = None) -> Any:
        told = await handle(self.j, DESK, Chose(offer_id=offer_id, number=question, key=key, digits=digits))
        if question == WHILE_WAITING:
            return await new_plan(self.company, offer_id)
        return told.plan if isinstance(told, NewPlan) else told

    def rung(self) -> list[str]:
        """The calls that were placed for call-backs."""
        return [room.removeprefix(ROOM_PREFIX) for room in self.lines.dialled]


@asynccontextmanager
async def phones(company: Company) -> AsyncIterator[Phones]:
    """Call out from this company; what rings at the end is given up."""
    world = Phones(company, NotedLines())
    try:
        yield world
    finally:
        await world.ringer.close()
        await world.transfers.close()


async def promises_hold(world: Phones) -> None:
    async with world.j.db.transaction() as tx:
        found = [await check(tx, invariant) for invariant in INVARIANTS]
    assert [(each.invariant.name, each.examples) for each in found if each.violations] == []
