"""A long line and many workers, written straight into the tables: entering them one by one would take minutes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from tests.journey.company import Company

CROWD = """
INSERT INTO calls
  (id, sip_call_id, room, caller_identity, channel, direction, from_number, to_number, trunk, state, lead, arrived_at)
SELECT gen_random_uuid(), :name || n, :name || n, 'sip_' || n, 'sip', 'inbound', '+15551230001', '+15550100', 'demo',
       'ringing', 'none', clock_timestamp()
FROM generate_series(1, :count) AS n
"""
LINE = """
INSERT INTO waiting_entries (call_id, state, queue, profile, priority, required_skills, entered_at)
SELECT id, 'waiting', CASE WHEN n % 3 = 0 THEN 'sales' ELSE 'support' END, 'shop',
       CASE WHEN :nobody THEN 9 ELSE n % 3 END,
       CASE WHEN :nobody THEN ARRAY['nobody-' || n % 5] WHEN n % 4 = 0 THEN '{}' ELSE ARRAY['skill-' || n % 20] END,
       now() - make_interval(secs => 1000000 - n)
FROM (SELECT id, row_number() OVER (ORDER BY room) AS n FROM calls WHERE room LIKE :name || '%') AS numbered
"""
PAST = [
    """INSERT INTO waiting_entries (call_id, state, queue, entered_at)
       SELECT id, 'left', 'support', now() FROM calls WHERE room LIKE :name || '%'""",
    """INSERT INTO offers (id, call_id, kind, worker, seat_id, state, lease_until, released_at)
       SELECT gen_random_uuid(), id, 'agent', 'agent-gone', 0, 'ended', now(), now()
       FROM calls WHERE room LIKE :name || '%'""",
    """INSERT INTO effects (call_id, kind, address, due_at, give_up_at, done_at)
       SELECT id, 'grant', 'agent-gone', now(), now(), now() FROM calls WHERE room LIKE :name || '%'""",
    """INSERT INTO timeline_events (call_id, seq, type, actor, summary)
       SELECT id, n, 'offer_made', 'system', 'Offered to an agent'
       FROM calls, generate_series(1, 3) AS n WHERE room LIKE :name || '%'""",
]
WORKERS = """
INSERT INTO workers (name, kind, state, skills, pid, last_beat_at)
SELECT 'agent-' || n, 'agent', 'up', ARRAY['skill-' || n % 20, 'skill-' || (n + 7) % 20, 'skill-' || (n + 13) % 20], 1,
       clock_timestamp() + interval '1 hour'
FROM generate_series(1, :workers) AS n
"""
SEATS = """
INSERT INTO seats (worker, number) SELECT name, n FROM workers, generate_series(1, :seats) AS n
"""


async def crowd(company: Company, name: str, calls: int, *, nobody: bool = False) -> None:
    """So many calls in line, of three priorities and 16 wishes; with `nobody`, before all others and served by none."""
    await company.sql(CROWD, name=name, count=calls)
    await company.sql(LINE, name=name, nobody=nobody)


async def past(company: Company, name: str, calls: int) -> None:
    """So many calls that have left the line, with what their agents left in the tables."""
    await company.sql(CROWD, name=name, count=calls)
    for statement in PAST:
        await company.sql(statement, name=name)


async def workforce(company: Company, workers: int = 100, seats: int = 10) -> None:
    """Workers of 20 different skill sets, and statistics as autovacuum makes them."""
    await company.sql(WORKERS, workers=workers)
    await company.sql(SEATS, seats=seats)
    await vacuum(company)


async def vacuum(company: Company) -> None:
    async with company.j.db.engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(sa.text("VACUUM ANALYZE"))


@contextmanager
def statements(company: Company) -> Iterator[list[tuple[str, Any]]]:
    """What is executed meanwhile, with its values."""
    seen: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        seen.append((statement, values))

    engine = company.j.db.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
