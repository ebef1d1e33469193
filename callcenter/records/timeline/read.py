"""Reading the timeline: of one call by number, and of all calls in commit order.

A transaction takes its `stream_id` at the insert but is seen only after its commit, so a reader that remembers the
highest `stream_id` would lose what an earlier, slower transaction adds. The stream is therefore ordered by
(`xid`, `stream_id`) and read only up to the oldest transaction still running: below it nothing can be added any more.
Any long writing transaction on the same Postgres server holds the stream back until it ends, but loses nothing.
"""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.records.timeline.model import EventType, TimelineEvent

_LAST_STREAM_ID = 2**63 - 1
_GENERATION = "coalesce((SELECT number::bigint << 40 FROM stream_generation), 0)"
HORIZON_SQL = f"({_GENERATION} + pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
_HORIZON = sa.literal_column(HORIZON_SQL, sa.BigInteger)
_NEXT_XID = sa.literal_column(f"({_GENERATION} + pg_snapshot_xmax(pg_current_snapshot())::text::bigint)", sa.BigInteger)
_FIRST_XID = sa.literal_column(_GENERATION, sa.BigInteger)


class Position(NamedTuple):
    """A place in the stream; events are read after it."""

    xid: int
    stream_id: int

    def __str__(self) -> str:
        return f"{self.xid}-{self.stream_id}"


START = Position(0, 0)


def position_of(row: sa.RowMapping) -> Position:
    return Position(row["xid"], row["stream_id"])


async def events(tx: Tx, call_id: str, limit: int, after_seq: int = 0) -> list[sa.RowMapping]:
    """One call's events by `seq`."""
    query = (
        sa.select(TimelineEvent.__table__)
        .where(TimelineEvent.call_id == call_id, TimelineEvent.seq > after_seq)
        .order_by(TimelineEvent.seq)
        .limit(limit)
    )
    return await tx.rows(query)


async def stream(
    tx: Tx, after: Position, limit: int, until: Position | None = None, call_id: str | None = None
) -> list[sa.RowMapping]:
    """Events of all calls (or one) after a position, at most up to `until`, in commit order."""
    place = sa.tuple_(TimelineEvent.xid, TimelineEvent.stream_id)
    query = (
        sa.select(TimelineEvent.__table__)
        .where(place > sa.tuple_(*after), TimelineEvent.xid < _HORIZON)
        .order_by(TimelineEvent.xid, TimelineEvent.stream_id)
        .limit(limit)
    )
    if until is not None:
        query = query.where(place <= sa.tuple_(*until))
    if call_id is not None:
        query = query.where(TimelineEvent.call_id == call_id)
    return await tx.rows(query)


async def stream_end(tx: Tx) -> Position:
    """The position after which everything is yet to come: nothing can be added before it any more."""
    return Position(await tx.scalar(sa.select(_HORIZON)) - 1, _LAST_STREAM_ID)


async def is_foreign(tx: Tx, position: Position) -> bool:
    """Whether this cluster has not made it: the reader comes from before a restore, and may have seen what was lost."""
    place = sa.literal(position.xid, sa.BigInteger)
    return bool(await tx.scalar(sa.select(sa.or_(place < _FIRST_XID, place >= _NEXT_XID))))


async def waiting_since(tx: Tx, after: Position) -> float:
    """Seconds for which the next event after this position has been waiting to be read; 0 when there is none."""
    age = sa.extract("epoch", sa.func.clock_timestamp() - TimelineEvent.at)
    place = sa.tuple_(TimelineEvent.xid, TimelineEvent.stream_id)
    query = (
        sa.select(age).where(place > sa.tuple_(*after)).order_by(TimelineEvent.xid, TimelineEvent.stream_id).limit(1)
    )
    return float(await tx.scalar(query) or 0)


async def position_of_stream_id(tx: Tx, stream_id: int) -> Position:
    """The place of the event with this `stream_id`, or of the one numbered before it."""
    query = (
        sa.select(TimelineEvent.xid, TimelineEvent.stream_id)
        .where(TimelineEvent.stream_id <= stream_id)
        .order_by(TimelineEvent.stream_id.desc())
        .limit(1)
    )
    row = await tx.row(query)
    return position_of(row) if row else START


async def texts(tx: Tx, call_id: str, event: EventType, last: int) -> list[str]:
    """The `text` of the call's last events of this kind, oldest first."""
    rows = await tx.rows(
        sa.select(TimelineEvent.data["text"].astext.label("text"))
        .where(TimelineEvent.call_id == call_id, TimelineEvent.type == event)
        .order_by(TimelineEvent.seq.desc())
        .limit(last)
    )
    return [row["text"] for row in reversed(rows)]


async def leads(tx: Tx, call_id: str) -> list[tuple[datetime, str]]:
    """Each change of the lead of a call: when, and who has led since."""
    lead = TimelineEvent.data["lead"].astext
    query = sa.select(TimelineEvent.at, lead.label("lead")).where(
        TimelineEvent.call_id == call_id, TimelineEvent.type == EventType.LEAD_CHANGED, lead.is_not(None)
    )
    return [(row["at"], row["lead"]) for row in await tx.rows(query.order_by(TimelineEvent.seq))]
