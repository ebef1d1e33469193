"""Writing the timeline. The call's row must be locked: that is what keeps `seq` without gaps."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Channel, Tx
from callcenter.records.timeline.model import EventType, TimelineEvent

SYSTEM = "system"
AGENT = "agent"


async def write_each(tx: Tx, event: EventType, entries: Sequence[tuple[str, str, dict[str, Any]]]) -> None:
    """Append one event of this kind to each of several calls: (call id, summary, data)."""
    tx.news.add(Channel.TIMELINE)
    of_call = sa.bindparam("of_call", type_=TimelineEvent.call_id.type)
    statement = sa.insert(TimelineEvent).values(
        call_id=of_call, seq=_next_seq(of_call), type=event, actor=SYSTEM,
        summary=sa.bindparam("says"), data=sa.bindparam("with_data", type_=TimelineEvent.data.type),
    )  # fmt: skip
    await tx.execute(
        statement, [{"of_call": call_id, "says": summary, "with_data": data} for call_id, summary, data in entries]
    )


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
