"""Writing the timeline. The call's row must be locked: that is what keeps `seq` without gaps."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Channel, Tx
from callcenter.platform.plumbing.sets import given
from callcenter.records.timeline.model import EventType, TimelineEvent

SYSTEM = "system"
AGENT = "agent"


async def write_each(tx: Tx, event: EventType, entries: Sequence[tuple[str, str, dict[str, Any]]]) -> None:
    """Append one event of this kind to each of several calls: (call id, summary, data)."""
    tx.news.add(Channel.TIMELINE)
    columns = {"call_id": TimelineEvent.call_id.type, "summary": sa.Text(), "data": sa.Text()}
    rows = given(columns, [(call_id, summary, json.dumps(data)) for call_id, summary, data in entries])
    # The transaction's number is the same for all; the column's default would ask for it row by row.
    xid = sa.select(sa.func.stream_xid()).scalar_subquery()
    await tx.execute(
        sa.insert(TimelineEvent).from_select(
            ["call_id", "seq", "xid", "type", "actor", "summary", "data"],
            sa.select(
                rows.c.call_id, _next_seq(rows.c.call_id), xid, sa.literal(event.value), sa.literal(SYSTEM),
                rows.c.summary, sa.cast(rows.c.data, TimelineEvent.data.type),
            ).order_by(rows.c.place),
        )
    )  # fmt: skip


async def write(
    tx: Tx, call_id: str, event: EventType, summary: str, data: dict[str, Any] | None = None, actor: str = SYSTEM
) -> None:
    """Append one event to the call's timeline; `summary` is a sentence without personal data."""
    tx.news.add(Channel.TIMELINE)
    await tx.execute(
        sa.insert(TimelineEvent).values(
            call_id=call_id, seq=_next_seq(call_id), type=event, actor=actor, summary=summary, data=data or {}
        )
    )


def _next_seq(call_id: Any) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.coalesce(sa.func.max(TimelineEvent.seq), 0) + 1)
        .where(TimelineEvent.call_id == call_id)
        .scalar_subquery()
    )
