"""Reading calls and their legs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import NotFound
from callcenter.records.calls.model import Call, CallState, Channel, Direction, Leg, LegKind

LAST_CALLS = 50  # how far back a caller's last queue and profile are looked for, while the phone rings

Position = tuple[datetime, str]


class NoSuchCall(NotFound):
    """There is no call with this id."""


@dataclass(frozen=True)
class LastContact:
    """The queue a caller was last in, and the profile of the agent they spoke with last."""

    queue: str | None = None
    profile: str | None = None


class StateFilter(StrEnum):
    LIVE = "live"  # every state but ended
    RINGING = "ringing"
    WAITING = "waiting"
    TALKING = "talking"
    ENDED = "ended"


def in_states(states: Sequence[StateFilter]) -> sa.ColumnElement[bool]:
    """Calls in any of these states."""
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
        query = query.where(in_states(states))
    return await tx.rows(query)


async def legs(tx: Tx, call_ids: Sequence[str]) -> dict[str, list[sa.RowMapping]]:
    """Each call's legs in the order of joining."""
    query = sa.select(Leg.__table__).where(Leg.call_id.in_(call_ids)).order_by(Leg.joined_at, Leg.id)
    found: dict[str, list[sa.RowMapping]] = defaultdict(list)
    for row in await tx.rows(query):
        found[row["call_id"]].append(row)
    return found


async def last_contact(tx: Tx, number: str) -> LastContact:
    """Of the caller with this number, from their latest calls; nothing of one who withholds it."""
    if not number:
        return LastContact()
    agents = sa.exists().where(Leg.call_id == Call.id, Leg.kind == LegKind.AGENT)
    query = (
        sa.select(Call.queue, Call.profile, agents.label("spoken"))
        .where(Call.from_number == number, Call.direction == Direction.INBOUND, Call.channel == Channel.SIP)
        .order_by(Call.arrived_at.desc(), Call.id.desc())
        .limit(LAST_CALLS)
    )
    rows = await tx.rows(query)
    return LastContact(
        next((row["queue"] for row in rows if row["queue"] is not None), None),
        next((row["profile"] for row in rows if row["spoken"] and row["profile"] is not None), None),
    )


@dataclass(frozen=True)
class Routing:
    """What a call was routed by: the version of the rules, the plain facts kept then, and what the call itself has."""

    version: int | None
    facts: Mapping[str, Any]
    to: str
    from_: str
    arrived_at: datetime


async def routing(tx: Tx, call_id: str) -> Routing | None:
    """None when there is no such call."""
    query = sa.select(Call.rule_set_version, Call.routing_facts, Call.to_number, Call.from_number, Call.arrived_at)
    row = await tx.row(query.where(Call.id == call_id))
    if row is None:
        return None
    facts = (row["routing_facts"] or {}).get("facts", {})
    return Routing(row["rule_set_version"], facts, row["to_number"], row["from_number"], row["arrived_at"])


async def live_inbound(
    tx: Tx, besides: str, at_most: int, *, trunk: str | None = None, caller: str | None = None
) -> int:  # fmt: skip
    """How many other live inbound calls there are of this trunk or this caller, counted up to `at_most`."""
    where = [Call.state != sa.literal_column(f"'{CallState.ENDED}'"), Call.direction == Direction.INBOUND]
    where.append(Call.channel == Channel.SIP)
    where += [Call.trunk == trunk] if trunk is not None else [Call.from_number == caller]
    some = sa.select(Call.id).where(*where, Call.id != besides).limit(at_most).subquery()
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(some)))
