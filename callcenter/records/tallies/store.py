"""Counting the timeline. Each event is counted once, however many routers count: whoever holds the place's lock reads
on from there, and moves the place in the transaction that adds to the tallies."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from callcenter.platform.plumbing.db import Tx, seconds
from callcenter.records.tallies.model import Tally, TallyPlace
from callcenter.records.timeline.read import HORIZON_SQL, Position

TIMELINE = "timeline"
PROMISES = "promises"
VIOLATIONS = "violations"
PAGE = 1000
BUCKETS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)

_COUNT = sa.text(f"""
WITH page AS MATERIALIZED (
    SELECT * FROM timeline_events
     WHERE (xid, stream_id) > (:xid, :stream_id) AND xid < {HORIZON_SQL}
     ORDER BY xid, stream_id LIMIT :page
), durations (name, labels, seconds) AS (
    SELECT 'answer', ARRAY[]::text[], extract(epoch FROM c.answered_at - c.arrived_at)
      FROM page e JOIN calls c ON c.id = e.call_id WHERE e.type = 'call_answered' AND c.channel = 'sip'
    UNION ALL
    SELECT 'agent_wait', ARRAY[coalesce(c.queue, '')], extract(epoch FROM e.at - c.arrived_at)
      FROM page e JOIN calls c ON c.id = e.call_id
     WHERE e.type = 'offer_accepted' AND e.data ->> 'kind' = 'agent' AND c.channel = 'sip'
       AND NOT EXISTS (SELECT FROM timeline_events b WHERE b.call_id = e.call_id AND b.seq < e.seq
                          AND b.type = 'offer_accepted' AND b.data ->> 'kind' = 'agent')
    UNION ALL
    SELECT 'segment_lag', ARRAY[]::text[], extract(epoch FROM s.stored_at - s.ended_at)
      FROM page e JOIN segments s ON s.id = (e.data ->> 'segment_id')::uuid WHERE e.type = 'segment_stored'
), happened (name, labels, value) AS (
    SELECT 'calls_arrived', ARRAY[c.trunk], 1
      FROM page e JOIN calls c ON c.id = e.call_id WHERE e.type = 'call_arrived' AND c.channel = 'sip'
    UNION ALL
    SELECT 'calls_ended', ARRAY[c.trunk, c.outcome, c.ended_by], 1
      FROM page e JOIN calls c ON c.id = e.call_id WHERE e.type = 'call_ended' AND c.channel = 'sip'
    UNION ALL
    SELECT 'talk_seconds', ARRAY[]::text[], extract(epoch FROM c.ended_at - c.answered_at)
      FROM page e JOIN calls c ON c.id = e.call_id WHERE e.type = 'call_ended' AND c.answered_at IS NOT NULL
       AND c.channel = 'sip'
    UNION ALL
    SELECT 'offers', ARRAY[data ->> 'kind', split_part(type, '_', 2)], 1
      FROM page WHERE type IN ('offer_made', 'offer_accepted', 'offer_refused', 'offer_expired', 'offer_withdrawn')
    UNION ALL
    SELECT 'offers', ARRAY[split_part(type, '_', 1), split_part(type, '_', 2)], 1
      FROM page WHERE type IN ('agent_lost', 'agent_relieved', 'attendant_lost', 'attendant_relieved')
    UNION ALL
    SELECT 'model_troubles', ARRAY[data ->> 'source'], 1 FROM page WHERE type = 'model_trouble'
    UNION ALL
    SELECT name || '_bucket',
           labels || coalesce((SELECT min(b) FROM unnest(:buckets) b WHERE b >= seconds), 'inf')::text, 1 FROM durations
    UNION ALL
    SELECT name || '_sum', labels, greatest(seconds, 0) FROM durations
), added AS (
    INSERT INTO tallies (name, labels, value)
    SELECT name, labels, sum(value) FROM happened GROUP BY name, labels
        ON CONFLICT (name, labels) DO UPDATE SET value = tallies.value + excluded.value
), latest AS (
    INSERT INTO tallies (name, labels, value)
    SELECT 'trunk_last_call', ARRAY[c.trunk], max(extract(epoch FROM c.arrived_at))
      FROM page e JOIN calls c ON c.id = e.call_id WHERE e.type = 'call_arrived' GROUP BY c.trunk
        ON CONFLICT (name, labels) DO UPDATE SET value = greatest(tallies.value, excluded.value)
)
SELECT xid, stream_id, count(*) OVER () AS counted FROM page ORDER BY xid DESC, stream_id DESC LIMIT 1
""").bindparams(sa.bindparam("buckets", type_=ARRAY(sa.Double)))  # noqa: S608 (only our own constant is put in)


async def count_page(tx: Tx, page: int = PAGE) -> int:
    """Count the next events of the timeline; how many, 0 also where another process is counting."""
    place = await tx.row(
        sa.select(TallyPlace.xid, TallyPlace.stream_id)
        .where(TallyPlace.name == TIMELINE)
        .with_for_update(skip_locked=True)
    )
    if place is None:
        return 0
    end = await tx.row(_COUNT, {**place, "page": page, "buckets": list(BUCKETS)})
    if end is None:
        return 0
    moved = {"xid": end["xid"], "stream_id": end["stream_id"], "at": sa.func.clock_timestamp()}
    await tx.execute(sa.update(TallyPlace).where(TallyPlace.name == TIMELINE).values(moved))
    return int(end["counted"])


async def place(tx: Tx) -> Position:
    """Up to where the timeline has been counted."""
    row = await tx.row(sa.select(TallyPlace.xid, TallyPlace.stream_id).where(TallyPlace.name == TIMELINE))
    return Position(**row) if row else Position(0, 0)


async def take_turn(tx: Tx, after_seconds: float) -> bool:
    """Whether this process shall check the promises: the last check began so long ago, and nobody else does."""
    due = (
        sa.select(TallyPlace.name)
        .where(TallyPlace.name == PROMISES, TallyPlace.at <= sa.func.clock_timestamp() - seconds(after_seconds))
        .with_for_update(skip_locked=True)
    )
    if await tx.scalar(due) is None:
        return False
    now = {"at": sa.func.clock_timestamp()}
    await tx.execute(sa.update(TallyPlace).where(TallyPlace.name == PROMISES).values(now))
    return True


async def set_violations(tx: Tx, found: dict[str, int]) -> None:
    """Keep how many violations of each promise the last check found."""
    await tx.execute(sa.delete(Tally).where(Tally.name == VIOLATIONS))
    rows = [{"name": VIOLATIONS, "labels": [promise], "value": count} for promise, count in found.items()]
    await tx.execute(sa.insert(Tally), rows)


async def checked_at(tx: Tx) -> float:
    """When the promises were checked last, in Unix seconds."""
    at = sa.extract("epoch", TallyPlace.at)
    return float(await tx.scalar(sa.select(at).where(TallyPlace.name == PROMISES)) or 0)


async def everything(tx: Tx) -> list[tuple[str, tuple[str, ...], float]]:
    """Each tally: its name, its labels' values, its value."""
    rows = await tx.rows(sa.select(Tally.__table__))
    return [(row["name"], tuple(row["labels"]), row["value"]) for row in rows]
