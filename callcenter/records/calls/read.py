"""Reading calls and their legs."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import NotFound
from callcenter.records.calls.model import Call, CallState, Leg

Position = tuple[datetime, str]


class NoSuchCall(NotFound):
    """There is no call with this id."""


class StateFilter(StrEnum):
    LIVE = "live"  # every state but ended
    RINGING = "ringing"
    WAITING = "waiting"
    TALKING = "talking"
    ENDED = "ended"


def _in_states(states: Sequence[StateFilter]) -> sa.ColumnElement[bool]:
    exact = Call.state.in_([state.value for state in states])
    return sa.or_(Call.state != CallState.ENDED, exact) if StateFilter.LIVE in states else exact


async def call(tx: Tx, call_id: str) -> sa.RowMapping:
    """Raises NoSuchCall."""
    row = await tx.row(sa.select(Call.__table__).where(Call.id == call_id))
    if row is None:
        raise NoSuchCall()
    return row


async def calls(
    tx: Tx,
    limit: int,
    after: Position | None = None,
    sip_call_id: str | None = None,
    states: Sequence[StateFilter] = (),
) -> list[sa.RowMapping]:
    """Latest arrival first; `after` is the last call of the page before, so new calls shift nothing."""
    query = sa.select(Call.__table__).order_by(Call.arrived_at.desc(), Call.id.desc()).limit(limit)
    if after is not None:
        place = sa.tuple_(sa.literal(after[0]), sa.literal(after[1], Call.id.type))
        query = query.where(sa.tuple_(Call.arrived_at, Call.id) < place)
    if sip_call_id is not None:
        query = query.where(Call.sip_call_id == sip_call_id)
    if states:
        query = query.where(_in_states(states))
    return await tx.rows(query)


async def legs(tx: Tx, call_ids: Sequence[str]) -> dict[str, list[sa.RowMapping]]:
    """Each call's legs in the order of joining."""
    query = sa.select(Leg.__table__).where(Leg.call_id.in_(call_ids)).order_by(Leg.joined_at, Leg.id)
    found: dict[str, list[sa.RowMapping]] = defaultdict(list)
    for row in await tx.rows(query):
        found[row["call_id"]].append(row)
    return found
