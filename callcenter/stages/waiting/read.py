"""Reading the line for people: who waits, in which place, since when, what for."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.records.calls.model import Call, Leg, LegKind
from callcenter.setup.queues.model import Queue
from callcenter.stages.waiting.line import aged, order
from callcenter.stages.waiting.model import WaitingEntry
from callcenter.stages.waiting.rules import PERIOD_SECONDS, Answer
from callcenter.stages.waiting.store import MOST_ANSWERS, UNSERVED


@dataclass(frozen=True)
class Waiting:
    """A call in line. `aged_priority` is what decides its place now; `asked`: a seat is just asked for it."""

    call_id: str
    from_number: str
    asked: bool
    priority: int
    aged_priority: int
    entered_at: datetime
    waited_seconds: float
    profile: str
    required_skills: list[str]
    preferred_skills: list[str]
    prefer_until: datetime | None
    next_fallback_at: datetime | None
    next_fallback: str | None


_IN_LINE = sa.and_(UNSERVED, WaitingEntry.treatment.is_(None))
_WAITED = sa.extract("epoch", sa.func.statement_timestamp() - WaitingEntry.entered_at).cast(sa.Float)


async def line(tx: Tx, queue: str, limit: int, after: int) -> list[Waiting]:
    """Those who wait in this queue, in the order in which they are served, without the first `after`."""
    entry = WaitingEntry
    columns: list[Any] = [
        entry.call_id, Call.from_number, (entry.state == "offered").label("asked"), entry.priority,
        aged().label("aged_priority"), entry.entered_at, _WAITED.label("waited_seconds"), entry.profile,
        entry.required_skills, entry.preferred_skills, entry.prefer_until, entry.next_fallback_at,
        entry.fallbacks[0]["then"]["action"].astext.label("next_fallback"),
    ]  # fmt: skip
    rows = await tx.rows(
        sa.select(*columns)
        .join(Call, Call.id == entry.call_id)
        .outerjoin(Queue, Queue.name == entry.queue)
        .where(_IN_LINE, entry.queue == queue)
        .order_by(*order())
        .offset(after)
        .limit(limit)
    )
    return [Waiting(**row) for row in rows]


async def longest_waits(tx: Tx, queues: Collection[str]) -> dict[str, float]:
    """Of each of these queues that somebody waits in, for how many seconds the first to come has waited."""
    rows = await tx.rows(
        sa.select(WaitingEntry.queue, sa.func.max(_WAITED).label("longest"))
        .where(_IN_LINE, WaitingEntry.queue.in_(queues))
        .group_by(WaitingEntry.queue)
    )
    return {row["queue"]: row["longest"] for row in rows}


async def answers(tx: Tx) -> dict[str, list[Answer]]:
    """`store.answers` of every queue at once."""
    turn = sa.func.row_number().over(partition_by=WaitingEntry.queue, order_by=Leg.joined_at.desc()).label("turn")
    latest = (
        sa.select(WaitingEntry.queue, WaitingEntry.entered_at, Leg.joined_at, turn)
        .join(WaitingEntry, WaitingEntry.call_id == Leg.call_id)
        .where(
            Leg.kind == sa.literal_column(f"'{LegKind.AGENT}'"), Leg.joined_at > from_now(-PERIOD_SECONDS),
            WaitingEntry.queue.is_not(None),
        )
        .subquery("latest")
    )  # fmt: skip
    found: dict[str, list[Answer]] = defaultdict(list)
    for row in await tx.rows(sa.select(latest).where(latest.c.turn <= MOST_ANSWERS)):
        found[row["queue"]].append(Answer(row["entered_at"], row["joined_at"]))
    return dict(found)
