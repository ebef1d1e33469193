"""What the live board reads: one statement for each of its parts, however many calls, queues and workers there are.

Live rows are found by their indexes; of past calls only those of the day are read, of past events only the troubles of
the last quarter of an hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.records.tallies.store import PROMISES, VIOLATIONS
from callcenter.records.timeline.model import TROUBLES_SQL
from callcenter.setup.queues import store as queues
from callcenter.setup.queues.rules import QueueBody, ServiceLevel
from callcenter.stages.waiting import read as waiting
from callcenter.stages.waiting.rules import Answer

MOST_CALLS = 200
LONGEST_WORDS = 300  # characters of the last words
LEVEL_SECONDS = 1800.0  # the service level "now" is of so long
SLACK = timedelta(hours=1)  # who came before and was answered within
SETTLED = timedelta(minutes=1)  # whatever happened before is committed
RECOUNT = timedelta(minutes=6)
JUST_LOST_SECONDS = 300.0  # for so long a lost worker is shown
OVERDUE_SECONDS = 10.0

_LINES = sa.text("""
SELECT w.queue, count(*) AS waiting, min(greatest(w.entered_at, lost.at)) AS waiting_since
  FROM waiting_entries w
  JOIN calls c ON c.id = w.call_id AND c.state <> 'ended'
  LEFT JOIN LATERAL (
       SELECT max(ended_at) AS at FROM offers
        WHERE call_id = w.call_id AND kind = 'agent' AND accepted_at IS NOT NULL) lost ON true
 WHERE w.state IN ('waiting', 'offered') AND w.treatment IS NULL
 GROUP BY w.queue
""")

# Abandoned is who ended without an agent and did not choose something else (a message, a call-back): by hanging up, or
# because nobody came. The service level is (answered + abandoned within the target) / (answered + abandoned).
_DAYS = sa.text("""
WITH first AS (
    SELECT call_id, min(accepted_at) AS at FROM offers
     WHERE kind = 'agent' AND accepted_at >= :since GROUP BY call_id
), settled AS (
    SELECT c.queue, first.at IS NOT NULL AS answered, coalesce(first.at, c.ended_at) AS at, c.arrived_at,
           coalesce((q.body -> 'service_level' ->> 'target_seconds')::float, :target_seconds) AS target
      FROM calls c
      JOIN queues q ON q.name = c.queue
      LEFT JOIN first ON first.call_id = c.id
     WHERE c.arrived_at >= :since AND c.direction = 'inbound'
       AND (first.at IS NOT NULL OR c.outcome IN ('abandoned', 'failed'))
), waits AS (
    SELECT *, extract(epoch FROM at - arrived_at) AS waited, at >= :begin AND at < :until AS counts,
           at >= :lately AS late
      FROM settled
)
SELECT queue,
       count(*) FILTER (WHERE counts AND answered) AS answered,
       count(*) FILTER (WHERE counts AND NOT answered) AS abandoned,
       (coalesce(sum(waited) FILTER (WHERE counts AND answered), 0))::float AS answer_seconds,
       count(*) FILTER (WHERE late) AS level_calls,
       count(*) FILTER (WHERE late AND waited <= target) AS in_time
  FROM waits GROUP BY queue
""")

_CALLS = sa.text("""
SELECT c.*, o.worker, s.speaker, s.text, s.said_at
  FROM (SELECT id, id::text AS call_id, state, lead, direction, from_number, to_number, queue, profile, arrived_at,
               answered_at, lead IN ('agent', 'supervisor') AS led, count(*) OVER () AS total
          FROM calls WHERE state <> 'ended'
         ORDER BY led, arrived_at, id LIMIT :most) c
  LEFT JOIN offers o ON o.call_id = c.id AND o.kind = 'agent' AND o.state = 'accepted'
  LEFT JOIN LATERAL (
       SELECT speaker, left(text, :longest) AS text, ended_at AS said_at FROM segments
        WHERE call_id = c.id ORDER BY started_at DESC, id DESC LIMIT 1) s ON true
 ORDER BY c.led, c.arrived_at, c.id
""")

_WORKERS = sa.text("""
SELECT w.name, w.kind, w.state, w.version, w.deployment, w.skills, w.registered_at, w.last_beat_at, w.drain_until,
       count(s.id) AS seats, count(s.offer_id) AS busy
  FROM workers w LEFT JOIN seats s ON s.worker = w.name
 WHERE w.state IN ('up', 'draining') OR (w.state = 'lost' AND w.last_beat_at > :lost_since)
 GROUP BY w.name ORDER BY w.kind, w.registered_at, w.name
""")

_TROUBLES = sa.text(f"""
SELECT type, coalesce(data ->> 'source', data ->> 'kind', split_part(type, '_', 1)) AS of,
       count(*) FILTER (WHERE at > :now - interval '5 minutes') AS in_five,
       count(*) FILTER (WHERE at > :now - interval '10 minutes') AS in_ten, count(*) AS in_fifteen
  FROM timeline_events
 WHERE {TROUBLES_SQL} AND at > :now - interval '15 minutes'
 GROUP BY 1, 2
""")  # noqa: S608 (only our own constant is put in)

_TRUNKS = sa.text("""
SELECT trunk, count(*) FILTER (WHERE arrived_at > :now - interval '1 hour') AS in_hour,
       count(*) FILTER (WHERE arrived_at < :now - interval '1 week') AS in_hour_a_week_ago,
       count(*) FILTER (WHERE arrived_at > :now - interval '15 minutes') AS in_fifteen,
       count(*) FILTER (WHERE ended_at > :now - interval '15 minutes') AS ended,
       count(*) FILTER (WHERE ended_at > :now - interval '15 minutes' AND outcome = 'failed') AS failed
  FROM calls
 WHERE direction = 'inbound'
   AND (arrived_at > :now - interval '1 hour'
        OR arrived_at BETWEEN :now - interval '1 week 1 hour' AND :now - interval '1 week')
 GROUP BY trunk
""")

_HOUSE = sa.text(f"""
SELECT (SELECT count(*) FROM control_processes WHERE kind = 'router' AND last_beat_at > :now - interval '5 seconds')
           AS routers,
       (SELECT count(*) FROM effects WHERE done_at IS NULL AND due_at < :now - make_interval(secs => :overdue))
           AS overdue,
       (SELECT at FROM tally_places WHERE name = '{PROMISES}') AS promises_checked_at,
       (SELECT coalesce(sum(value), 0)::int FROM tallies WHERE name = '{VIOLATIONS}') AS violations,
       (SELECT jsonb_object_agg(labels[1], value) FROM tallies WHERE name = 'trunk_last_call') AS trunk_last_calls
""")  # noqa: S608 (only our own constants are put in)


@dataclass(frozen=True)
class QueueDay:
    """A queue's calls of a day, and of the last half hour those that its service level is of."""

    answered: int = 0
    abandoned: int = 0
    answer_seconds: float = 0.0
    level_calls: int = 0
    in_time: int = 0


@dataclass
class Day:
    """A day's calls, counted anew every five minutes and in between only from there on: a reading must not take longer
    towards the evening. What is written into the past (the end of a call that was noticed late) is seen with that."""

    began: datetime
    counted_until: datetime | None = None
    totals: dict[str, QueueDay] = field(default_factory=dict)

    async def read(self, tx: Tx, now: datetime) -> dict[str, QueueDay]:
        """Each queue's figures, for queues that had calls."""
        if self.counted_until is None or now - self.counted_until > RECOUNT:
            until = max(self.began, now - SETTLED)
            self.totals = await _count(tx, self.began, until, now)
            self.counted_until = until
        latest = await _count(tx, self.counted_until, now + SETTLED, now - timedelta(seconds=LEVEL_SECONDS))
        return {name: _with(self.totals.get(name), latest.get(name)) for name in {*self.totals, *latest}}


async def _count(tx: Tx, begin: datetime, until: datetime, lately: datetime) -> dict[str, QueueDay]:
    rows = await tx.rows(
        _DAYS,
        {
            "since": min(begin, lately) - SLACK, "begin": begin, "until": until, "lately": lately,
            "target_seconds": ServiceLevel().target_seconds,
        },
    )  # fmt: skip
    return {row["queue"]: QueueDay(**{key: row[key] for key in row if key != "queue"}) for row in rows}


def _with(past: QueueDay | None, latest: QueueDay | None) -> QueueDay:
    past, latest = past or QueueDay(), latest or QueueDay()
    return QueueDay(
        past.answered + latest.answered, past.abandoned + latest.abandoned,
        past.answer_seconds + latest.answer_seconds, latest.level_calls, latest.in_time,
    )  # fmt: skip


@dataclass(frozen=True)
class Found:
    """Everything at one instant, as the database tells it. `now` is the database's clock."""

    now: datetime
    queues: dict[str, QueueBody]
    lines: dict[str, sa.RowMapping]
    days: dict[str, QueueDay]
    answers: dict[str, list[Answer]]
    calls: Sequence[sa.RowMapping]
    workers: Sequence[sa.RowMapping]
    troubles: Sequence[sa.RowMapping]
    trunks: Sequence[sa.RowMapping]
    house: sa.RowMapping


async def everything(tx: Tx, today: Day) -> Found:
    """All parts; `today` is the reader's day."""
    now = await tx.now()
    house = await tx.row(_HOUSE, {"now": now, "overdue": OVERDUE_SECONDS})
    assert house is not None
    return Found(
        now=now,
        queues=await queues.bodies(tx),
        lines={row["queue"]: row for row in await tx.rows(_LINES)},
        days=await today.read(tx, now),
        answers=await waiting.answers(tx),
        calls=await tx.rows(_CALLS, {"most": MOST_CALLS, "longest": LONGEST_WORDS}),
        workers=await tx.rows(_WORKERS, {"lost_since": now - timedelta(seconds=JUST_LOST_SECONDS)}),
        troubles=await tx.rows(_TROUBLES, {"now": now}),
        trunks=await tx.rows(_TRUNKS, {"now": now}),
        house=house,
    )
