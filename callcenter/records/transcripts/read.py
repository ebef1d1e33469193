"""Reading transcripts."""

from datetime import datetime

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.records.transcripts.model import Segment

Position = tuple[datetime, str]


async def segments(tx: Tx, call_id: str, limit: int, after: Position | None = None) -> list[sa.RowMapping]:
    """In the order in which they were begun; `after` is the last one of the page before."""
    query = (
        sa.select(Segment.__table__)
        .where(Segment.call_id == call_id)
        .order_by(Segment.started_at, Segment.id)
        .limit(limit)
    )
    if after is not None:
        place = sa.tuple_(sa.literal(after[0]), sa.literal(after[1], Segment.id.type))
        query = query.where(sa.tuple_(Segment.started_at, Segment.id) > place)
    return await tx.rows(query)
