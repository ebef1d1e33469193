"""Calls over HTTP."""

from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from callcenter.journey.hung_up import hung_up
from callcenter.platform.api.inputs import CallPath, Cursor, PlainText, read_time_and_id, write_cursor
from callcenter.platform.api.journeys import TheJourney
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.wire.base import SeatKind
from callcenter.records.calls import read
from callcenter.records.calls.model import CallState, Channel, Direction, EndedBy, Lead, LegKind, Outcome
from callcenter.records.calls.read import StateFilter
from callcenter.setup.audit.rules import author
from callcenter.setup.users.rules import Permission, Principal
from callcenter.stages.escalation import store as escalations_read
from callcenter.stages.offers import read as offers_read
from callcenter.stages.offers.model import OfferState

router = APIRouter(tags=["calls"], dependencies=[Depends(Permit(Permission.READ_CALLS))])

Ender = Annotated[Principal, Depends(Permit(Permission.END_CALLS))]
MOST_CALLS = 200


class Routing(BaseModel):
    rule_set_version: int | None
    rule: str | None = Field(description="Name of the rule that matched; null when none did.")
    trace: list[str]


class Leg(BaseModel):
    id: str
    kind: LegKind
    identity: str
    joined_at: datetime
    left_at: datetime | None


class Offer(BaseModel):
    id: str
    kind: SeatKind
    worker: str
    state: OfferState
    offered_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None


class Escalation(BaseModel):
    id: str
    state: str
    failure: str | None
    supervisor: str | None
    requested_at: datetime


class Call(BaseModel):
    """One caller's contact, from INVITE to after-call."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    sip_call_id: str
    channel: Channel
    direction: Direction
    from_: str = Field(alias="from")
    to: str
    trunk: str
    room: str
    state: CallState
    lead: Lead
    lead_epoch: int = Field(description="Counts the changes of the lead; commands that name an older one are late.")
    queue: str | None
    profile: str | None
    profile_version: int | None = Field(description="The version by which the last agent that took the call talks.")
    priority: int
    routing: Routing
    arrived_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | None
    ended_by: EndedBy | None
    legs: list[Leg]
    offers: list[Offer]
    escalations: list[Escalation]


class EndOfCall(BaseModel):
    lead_epoch: int | None = Field(None, description="As last seen: 409 when the lead has changed since.")


class CallList(BaseModel):
    items: list[Call]
    next_cursor: str | None


_SAME = (
    *(
        "id",
        "sip_call_id",
        "channel",
        "direction",
        "trunk",
        "room",
        "state",
        "lead",
        "lead_epoch",
        "queue",
        "profile",
        "profile_version",
        "priority",
    ),
    *("arrived_at", "answered_at", "ended_at", "outcome", "ended_by"),
)


def call_read(
    row: sa.RowMapping, legs: list[sa.RowMapping], offers: list[sa.RowMapping], escalations: list[sa.RowMapping]
) -> Call:
    return Call.model_validate(
        {name: row[name] for name in _SAME}
        | {
            "from": row["from_number"],
            "to": row["to_number"],
            "routing": {
                "rule_set_version": row["rule_set_version"],
                "rule": row["rule"],
                "trace": [str(step) for step in row["trace"]],
            },
            "legs": [dict(leg) for leg in legs],
            "offers": [dict(offer) for offer in offers],
            "escalations": [dict(escalation) for escalation in escalations],
        }
    )


async def with_parts(tx: Tx, rows: list[sa.RowMapping]) -> list[Call]:
    ids = [row["id"] for row in rows]
    legs, offers = await read.legs(tx, ids), await offers_read.offers(tx, ids)
    asked = await escalations_read.of_calls(tx, ids)
    return [
        call_read(row, legs.get(row["id"], []), offers.get(row["id"], []), asked.get(row["id"], [])) for row in rows
    ]


@router.get("/api/calls")
async def list_calls(
    db: TheDatabase,
    sip_call_id: Annotated[
        PlainText | None,
        Query(
            max_length=1024,
            description="The caller's SIP Call-ID (LiveKit's `sip.callIDFull`). It may match several calls.",
        ),
    ] = None,
    state: Annotated[
        list[StateFilter], Query(max_length=8, description="Any of these; `live` is every state but `ended`.")
    ] = [],  # noqa: B006 (FastAPI copies it)
    limit: Annotated[int, Query(ge=1, le=MOST_CALLS)] = 50,
    cursor: Cursor = None,
) -> CallList:
    """Calls, latest arrival first."""
    after = read_time_and_id(cursor) if cursor is not None else None
    async with snapshot(db) as tx:
        rows = await read.calls(tx, limit + 1, after, sip_call_id, state)
        items = await with_parts(tx, rows[:limit])
    more = write_cursor(items[-1].arrived_at, items[-1].id) if len(rows) > limit else None
    return CallList(items=items, next_cursor=more)


@router.post("/api/calls/{call_id}/end", responses={404: {}, 409: {}})
async def end_call(
    call_id: CallPath, db: TheDatabase, ender: Ender, journey: TheJourney, body: EndOfCall | None = None
) -> Call:
    """End a live call for everybody in it, at once; 409 when it has ended already. The audit says who did it."""
    await hung_up(journey, CallId(str(call_id)), author(ender), ender.actor, (body or EndOfCall()).lead_epoch)
    return await get_call(call_id, db)


@router.get("/api/calls/{call_id}", responses={404: {}})
async def get_call(call_id: CallPath, db: TheDatabase) -> Call:
    """One call with its legs and offers."""
    async with snapshot(db) as tx:
        return (await with_parts(tx, [await read.call(tx, str(call_id))]))[0]
