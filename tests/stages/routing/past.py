"""Calls of the past, written by the thousand."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.ids import new_id
from callcenter.setup.rule_sets.rules import RuleSetBody
from callcenter.stages.routing.facts import Facts
from callcenter.stages.routing.fields import Calendars
from callcenter.stages.routing.kept import keep
from callcenter.stages.routing.needs import needs_of
from callcenter.stages.routing.rules import Compiled

BEGAN = datetime(2026, 10, 1, tzinfo=UTC)
PERIOD = {"from": "2026-10-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"}

_COPY = """COPY calls (id, sip_call_id, room, caller_identity, channel, direction, from_number, to_number, trunk, state,
    lead, queue, rule_set_version, rule, trace, arrived_at, ended_at, outcome, ended_by, routing_facts) FROM STDIN"""


def routed(body: RuleSetBody, facts: Iterable[Facts], calendars: Calendars) -> Iterable[tuple[Any, ...]]:
    """The rows of calls that these rules have routed."""
    rules, needs = Compiled(body), needs_of(body)
    for one in facts:
        decided = rules.destination(one, calendars)
        queue = getattr(decided.action, "queue", None)
        yield (
            one.call_id, one.call_id, one.call_id, "sip", "sip", "inbound", one.from_, one.to, "demo", "ended", "none",
            queue, 1, decided.rule, Jsonb(["a rule matched"]), one.at, one.at + timedelta(seconds=60), "completed",
            "caller", Jsonb(keep(one, needs, decided, one.at)),
        )  # fmt: skip


async def store(database: Database, rows: Iterable[tuple[Any, ...]]) -> None:
    async with database.transaction() as tx:
        connection = (await tx.connection.get_raw_connection()).driver_connection
        assert isinstance(connection, psycopg.AsyncConnection)
        async with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for row in rows:
                await copy.write_row(row)


def callers(count: int, to: str = "+15550100") -> Iterable[Facts]:
    """Callers from all over the month, every fourth of them from abroad."""
    for number in range(count):
        from_ = f"+{1 if number % 4 else 49}{2_000_000_000 + number % 20_000}"
        at = BEGAN + timedelta(seconds=number * 2_500_000 / count)
        tier = {"tier": "gold"} if number % 10 == 0 else {}
        yield Facts(to=to, from_=from_, entered=True, call_id=new_id(), at=at, attributes=tier)
