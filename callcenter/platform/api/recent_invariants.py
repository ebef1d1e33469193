"""The promises checked once a minute for the calls of the last hours, so that a broken one raises an alert.

The page GET /api/health/invariants checks all that is stored; that grows with the company and is for a person to ask.
"""

import sqlalchemy as sa

from callcenter.platform.api.invariants import INVARIANTS, STUCK_SECONDS, Invariant
from callcenter.platform.plumbing.db import Database
from callcenter.records.tallies import store

CHECK_SECONDS = 60.0
RECENT_HOURS = 3

# The invariants' own queries, on tables that hold only what is recent: a name in WITH stands before the table's.
_RECENT = f"""
WITH calls AS MATERIALIZED (
    SELECT * FROM calls
     WHERE state <> 'ended' OR arrived_at > clock_timestamp() - interval '{RECENT_HOURS} hours'
        OR id IN (SELECT call_id FROM offers WHERE released_at IS NULL)
), offers AS MATERIALIZED (SELECT * FROM offers WHERE call_id IN (SELECT id FROM calls)),
legs AS (SELECT * FROM legs WHERE call_id IN (SELECT id FROM calls)),
segments AS (SELECT * FROM segments WHERE call_id IN (SELECT id FROM calls)),
timeline_events AS (SELECT * FROM timeline_events WHERE call_id IN (SELECT id FROM calls)),
escalations AS (SELECT * FROM escalations WHERE call_id IN (SELECT id FROM calls)),
supervisions AS (SELECT * FROM supervisions WHERE call_id IN (SELECT id FROM calls))
"""  # noqa: S608


def recent(invariant: Invariant) -> sa.TextClause:
    """How many violations of this promise are in recent calls."""
    query = sa.text(f"{_RECENT} SELECT count(*) FROM ({invariant.sql}) AS found")  # noqa: S608
    return query.bindparams(stuck=STUCK_SECONDS) if ":stuck" in invariant.sql else query


async def check_once(db: Database, after_seconds: float = CHECK_SECONDS) -> int:
    """Check, if nobody has within `after_seconds`, and keep the result for all replicas; how many violations."""
    async with db.transaction() as tx:
        if not await store.take_turn(tx, after_seconds):
            return 0
        found = {invariant.name: int(await tx.scalar(recent(invariant))) for invariant in INVARIANTS}
        await store.set_violations(tx, found)
    return sum(found.values())
