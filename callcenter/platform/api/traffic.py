"""What trunks and numbers were used for, and what was refused: the SQL behind `trunks.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.records.calls.model import Call, Direction, Outcome
from callcenter.stages.outbound.model import CallOut, CallOutState

SECONDS = 30 * 86_400.0  # bounds what is read: an index leads to the latest calls


@dataclass(frozen=True)
class Traffic:
    """Calls of the last 30 days."""

    calls: int
    refused: int
    last_id: str
    last_at: datetime


def _counted(refused: sa.ColumnElement[bool], at: Any, id: Any) -> list[sa.Label[Any]]:
    latest: sa.ColumnElement[Any] = sa.func.array_agg(aggregate_order_by(id, at.desc()))[1]
    return [
        sa.func.count().label("calls"),
        sa.func.count().filter(refused).label("refused"),
        sa.func.max(at).label("last_at"),
        latest.label("last_id"),
    ]


def _traffic(row: sa.RowMapping) -> Traffic:
    return Traffic(row["calls"], row["refused"], str(row["last_id"]), row["last_at"])


async def by_number(tx: Tx) -> dict[str, Traffic]:
    """By the number that was called, of calls that came in."""
    columns = _counted(Call.outcome == Outcome.REFUSED, Call.arrived_at, Call.id)
    rows = await tx.rows(
        sa.select(Call.to_number, *columns)
        .where(Call.arrived_at > from_now(-SECONDS), Call.direction == Direction.INBOUND, Call.to_number != "")
        .group_by(Call.to_number)
    )
    return {row["to_number"]: _traffic(row) for row in rows}


async def by_trunk(tx: Tx) -> dict[tuple[str, str], Traffic]:
    """By direction and name of the trunk."""
    inbound = await tx.rows(
        sa.select(Call.trunk, *_counted(Call.outcome == Outcome.REFUSED, Call.arrived_at, Call.id))
        .where(Call.arrived_at > from_now(-SECONDS), Call.direction == Direction.INBOUND)
        .group_by(Call.trunk)
    )
    outbound = await tx.rows(
        sa.select(CallOut.trunk, *_counted(CallOut.state == CallOutState.REFUSED, CallOut.requested_at, CallOut.id))
        .where(CallOut.requested_at > from_now(-SECONDS))
        .group_by(CallOut.trunk)
    )
    found = {("inbound", row["trunk"]): _traffic(row) for row in inbound}
    return found | {("outbound", row["trunk"]): _traffic(row) for row in outbound}


async def refused(tx: Tx, limit: int, before: tuple[datetime, str] | None) -> Sequence[sa.RowMapping]:
    """Latest first; `before` is the last one of the page before."""
    last_step = sa.func.coalesce(Call.trace[-1].astext, "")
    calls = sa.select(
        Call.id, sa.literal("inbound").label("direction"), Call.arrived_at.label("at"), Call.trunk,
        Call.from_number.label("from"), Call.to_number.label("to"), last_step.label("because"),
        Call.id.label("call_id"),
    ).where(Call.outcome == Outcome.REFUSED, Call.direction == Direction.INBOUND)  # fmt: skip
    out = sa.select(
        CallOut.id, sa.literal("outbound"), CallOut.requested_at, CallOut.trunk, sa.literal(""), CallOut.number,
        sa.func.coalesce(CallOut.because, ""), sa.null().cast(Call.id.type),
    ).where(CallOut.state == CallOutState.REFUSED)  # fmt: skip
    both = sa.union_all(calls, out).subquery()
    query = sa.select(both).order_by(both.c.at.desc(), both.c.id.desc()).limit(limit)
    if before is not None:
        place = sa.tuple_(sa.literal(before[0]), sa.literal(before[1], Call.id.type))
        query = query.where(sa.tuple_(both.c.at, both.c.id) < place)
    return await tx.rows(query)
