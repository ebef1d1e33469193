"""Writing the timeline. The call's row must be locked: that is what keeps `seq` without gaps."""

from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Channel, Tx
from callcenter.records.timeline.model import EventType, TimelineEvent

SYSTEM = "system"
AGENT = "agent"


async def write(
    tx: Tx, call_id: str, event: EventType, summary: str, data: dict[str, Any] | None = None, actor: str = SYSTEM
) -> None:
    """Append one event to the call's timeline; `summary` is a sentence without personal data."""
    tx.news.add(Channel.TIMELINE)
    next_seq = (
        sa.select(sa.func.coalesce(sa.func.max(TimelineEvent.seq), 0) + 1)
        .where(TimelineEvent.call_id == call_id)
        .scalar_subquery()
    )
    await tx.execute(
        sa.insert(TimelineEvent).values(
            call_id=call_id, seq=next_seq, type=event, actor=actor, summary=summary, data=data or {}
        )
    )
