"""All SQL of replays."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.platform.plumbing.ids import new_id
from callcenter.records.calls.model import Call, Channel, Direction
from callcenter.setup.caller_lists.model import CallerListEntry
from callcenter.setup.callers.model import Caller
from callcenter.stages.routing.model import Replay, ReplayedCall

AT_A_TIME = 200  # calls: some milliseconds of work
KEPT_SECONDS = 24 * 3600.0
_ONE_REPLAY = 0x7265706C  # "repl"

_KEPT = sa.cast(Call.routing_facts, sa.Text).label("kept")  # as text, to be read once where it is the same
_COLUMNS = (Call.id, Call.from_number, Call.to_number, Call.queue, Call.arrived_at, _KEPT)


def _routed(from_at: datetime, to_at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Calls that rules have decided on: not those out, nor those that were refused before."""
    return (
        Call.arrived_at >= from_at,
        Call.arrived_at < to_at,
        Call.direction == Direction.INBOUND,
        Call.channel == Channel.SIP,
        sa.func.jsonb_array_length(Call.trace) > 0,
    )


async def only_replay(tx: Tx) -> bool:
    """Whether no other replay runs, and none begins until this transaction ends."""
    return bool(await tx.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_ONE_REPLAY))))


async def more_calls_than(tx: Tx, most: int, from_at: datetime, to_at: datetime) -> bool:
    some = sa.select(Call.id).where(*_routed(from_at, to_at)).limit(most + 1).subquery()
    return bool(await tx.scalar(sa.select(sa.func.count()).select_from(some)) > most)


async def past_calls(tx: Tx, from_at: datetime, to_at: datetime) -> AsyncIterator[Sequence[sa.RowMapping]]:
    """In the order of their arrival, a few at a time, however many there are."""
    query = sa.select(*_COLUMNS).where(*_routed(from_at, to_at)).order_by(Call.arrived_at, Call.id)
    async with tx.connection.stream(query, execution_options={"yield_per": AT_A_TIME}) as result:
        async for rows in result.mappings().partitions():
            yield rows


async def list_entries(tx: Tx, wanted: bool) -> dict[tuple[str, bool], frozenset[str]]:
    """The lists by what they list: digits, and whether they are a whole number. Nothing unless it is wanted."""
    if not wanted:
        return {}
    names = sa.func.array_agg(CallerListEntry.list_name).label("names")
    digits, whole = CallerListEntry.digits, CallerListEntry.whole
    rows = await tx.rows(sa.select(digits, whole, names).group_by(digits, whole))
    return {(row["digits"], row["whole"]): frozenset(row["names"]) for row in rows}


async def attributes(tx: Tx, callers: Collection[str]) -> dict[str, dict[str, str]]:
    """What is kept of those of these callers who are known."""
    query = sa.select(Caller.number, Caller.body["attributes"].label("attributes")).where(Caller.number.in_(callers))
    return {row["number"]: row["attributes"] or {} for row in await tx.rows(query)}


async def begin(tx: Tx, version: int, revision: int, from_at: datetime, to_at: datetime, by: str) -> str:
    """A replay of which nothing is known yet; returns its id."""
    identifier = new_id()
    await tx.execute(
        sa.insert(Replay).values(
            id=identifier, version=version, revision=revision, from_at=from_at, to_at=to_at, summary={}, created_by=by
        )
    )
    return identifier


async def add(tx: Tx, replay_id: str, written: int, calls: Iterable[tuple[str, int, str | None]]) -> None:
    """Append calls (id, change, rule) to the `written` ones that are there. COPY: there may be a hundred thousand."""
    connection = (await tx.connection.get_raw_connection()).driver_connection
    assert isinstance(connection, psycopg.AsyncConnection)
    async with connection.cursor() as cursor:
        statement = "COPY rule_set_replayed_calls (replay_id, number, call_id, change, rule) FROM STDIN"
        async with cursor.copy(statement) as copy:
            for number, call in enumerate(calls, start=written + 1):
                await copy.write_row((replay_id, number, *call))


async def finish(tx: Tx, replay_id: str, summary: Mapping[str, Any]) -> None:
    await tx.execute(sa.update(Replay).where(Replay.id == replay_id).values(summary=dict(summary)))


async def forget_but_latest(tx: Tx, by: str, most: int) -> int:
    """Delete all replays of this person but the latest ones, so many; how many were deleted."""
    latest = sa.select(Replay.id).where(Replay.created_by == by).order_by(Replay.created_at.desc(), Replay.id.desc())
    result = await tx.execute(
        sa.delete(Replay).where(Replay.created_by == by, Replay.id.not_in(latest.limit(most).scalar_subquery()))
    )
    return result.rowcount


async def find(tx: Tx, replay_id: str) -> sa.RowMapping | None:
    return await tx.row(sa.select(Replay.__table__).where(Replay.id == replay_id))


async def replayed_calls(
    tx: Tx, replay_id: str, changes: Collection[int], after: int, limit: int
) -> list[sa.RowMapping]:
    """The calls of these changes behind the `after`th, in the order of their arrival, with their numbers; a call that
    was deleted meanwhile has none."""
    query = (
        sa.select(
            ReplayedCall.number, ReplayedCall.call_id, ReplayedCall.change, ReplayedCall.rule,
            Call.arrived_at, Call.from_number, Call.to_number,
        )
        .outerjoin(Call, Call.id == ReplayedCall.call_id)
        .where(ReplayedCall.replay_id == replay_id, ReplayedCall.change.in_(changes), ReplayedCall.number > after)
        .order_by(ReplayedCall.number)
        .limit(limit)
    )  # fmt: skip
    return await tx.rows(query)


async def forget_old(tx: Tx) -> int:
    """Delete the replays of yesterday; how many."""
    return (await tx.execute(sa.delete(Replay).where(Replay.created_at < from_now(-KEPT_SECONDS)))).rowcount
