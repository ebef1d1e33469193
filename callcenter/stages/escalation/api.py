"""Escalations over HTTP: the inbox of supervisors, and what they do in calls."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field

from callcenter.journey import escalated, sought, switched, took_part, whispered
from callcenter.journey.escalated import Ask
from callcenter.journey.took_part import Seat
from callcenter.platform.api.inputs import CallPath, Cursor, PlainText, read_time_and_id, write_cursor
from callcenter.platform.api.journeys import TheJourney
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import NotAllowed
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.plumbing.livekit_rooms import LiveKitRooms
from callcenter.platform.wire.supervision import LONGEST_WHISPER
from callcenter.setup.audit.rules import author
from callcenter.setup.users.rules import Permission, Person, Principal
from callcenter.stages.escalation import store
from callcenter.stages.escalation.model import AskingRule, EscalationState, Failure, Mode, Trigger
from callcenter.stages.escalation.rules import rights

router = APIRouter(tags=["escalations"])

MOST = 200
Reader = Depends(Permit(Permission.READ_CALLS))
Supervising = Annotated[Principal, Depends(Permit(Permission.SUPERVISE))]
EscalationPath = Annotated[UUID, Path(alias="escalation_id", description="The escalation's id.")]


class NeedsPerson(NotAllowed):
    """Only a person can do this: use a key of theirs, from `callcenter key add --user`."""


def the_rooms(request: Request) -> LiveKitRooms:
    found = request.app.state.rooms
    assert isinstance(found, LiveKitRooms)
    return found


TheRooms = Annotated[LiveKitRooms, Depends(the_rooms)]


def person_of(principal: Principal) -> Person:
    """Whoever speaks to callers is a person. Raises NeedsPerson."""
    if principal.person is None:
        raise NeedsPerson()
    return principal.person


class OfferRead(BaseModel):
    """It rings at this supervisor's."""

    supervisor: str
    expires_at: datetime


class EscalationRead(BaseModel):
    """A human was asked for."""

    id: str
    call_id: str
    state: EscalationState
    failure: Failure | None
    trigger: Trigger
    rule: AskingRule | None = Field(None, description="With trigger `rule`: which one of the profile.")
    reason: str
    summary: str
    skill: str | None
    supervisor: str | None = Field(description="Who took it: their e-mail address.")
    supervisor_name: str | None
    from_: str = Field(alias="from", description="The caller's number.")
    queue: str | None
    requested_at: datetime
    deadline_at: datetime | None
    accepted_at: datetime | None
    joined_at: datetime | None
    ended_at: datetime | None
    waited_ms: int = Field(description="From the request until somebody took it, it failed, or now.")
    offered_to: list[OfferRead] = Field(description="At whose it rings now.")
    offered_to_me: bool


class EscalationList(BaseModel):
    items: list[EscalationRead]
    next_cursor: str | None


class Connection(BaseModel):
    """How to go into the room. The token is good for a minute and for this room alone."""

    url: str
    token: str
    supervision_id: str
    call_id: str
    identity: str
    mode: Mode
    caller_identity: str
    agent_identity: str | None
    lead_epoch: int = Field(description="Of the lead once you are in the room: name it in commands.")


class Accept(BaseModel):
    mode: Mode = Mode.TAKE_OVER


class Join(BaseModel):
    mode: Mode | None = Field(None, description="Empty: as in this call the last time, or `monitor`.")
    lead_epoch: int | None = Field(None, description="As last seen: who takes over gets 409 when it has changed since.")


class SwitchMode(BaseModel):
    mode: Mode
    lead_epoch: int | None = Field(None, description="As last seen: 409 when the lead has changed since.")


class HandBack(BaseModel):
    lead_epoch: int | None = Field(None, description="As last seen: 409 when the lead has changed since.")


class Hold(BaseModel):
    on: bool
    lead_epoch: int | None = Field(None, description="As last seen: 409 when the lead has changed since.")


class Whispering(BaseModel):
    text: Annotated[PlainText, Field(min_length=1, max_length=LONGEST_WHISPER)]


class Whispered(BaseModel):
    whisper_id: str = Field(description="The timeline's `whisper_heard` names it, with what the agent will change.")


class Wanted(BaseModel):
    """Why a human is wanted."""

    reason: Annotated[PlainText, Field(min_length=1, max_length=escalated.LONGEST_REASON)]
    summary: Annotated[PlainText, Field(max_length=escalated.LONGEST_SUMMARY)] = ""
    skill: Annotated[PlainText, Field(min_length=1, max_length=80)] | None = None


class Requested(BaseModel):
    id: str


class InCall(BaseModel):
    supervision_id: str
    mode: Mode
    lead_epoch: int = Field(description="As it is now.")


# --- the inbox -------------------------------------------------------------------------------------------------------


async def _read(tx: Tx, rows: list[Any], me: str | None) -> list[EscalationRead]:
    rings = await store.live_offers(tx, [row["id"] for row in rows])
    now = await tx.now()
    items = []
    for row in rows:
        mine = rings.get(row["id"], [])
        waited = (row["accepted_at"] or row["ended_at"] or now) - row["requested_at"]
        items.append(
            EscalationRead.model_validate({
                **row, "from": row["from_number"], "waited_ms": int(waited.total_seconds() * 1000),
                "offered_to": [{"supervisor": o["email"], "expires_at": o["expires_at"]} for o in mine],
                "offered_to_me": any(o["user_id"] == me for o in mine),
            })
        )  # fmt: skip
    return items


@router.get("/api/escalations")
async def list_escalations(
    db: TheDatabase,
    reader: Annotated[Principal, Depends(Permit(Permission.READ_CALLS))],
    state: Annotated[list[EscalationState], Query(max_length=8, description="Any of these.")] = [],  # noqa: B006
    call_id: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    cursor: Cursor = None,
) -> EscalationList:
    """Escalations, latest request first."""
    after = read_time_and_id(cursor) if cursor is not None else None
    async with snapshot(db) as tx:
        rows = await store.page(tx, limit + 1, after, state, str(call_id) if call_id else None)
        items = await _read(tx, rows[:limit], reader.person.id if reader.person else None)
    more = write_cursor(items[-1].requested_at, items[-1].id) if len(rows) > limit else None
    return EscalationList(items=items, next_cursor=more)


@router.post("/api/escalations/{escalation_id}/accept", responses={404: {}, 409: {}})
async def accept_escalation(
    escalation_id: EscalationPath, who: Supervising, j: TheJourney, rooms: TheRooms, request: Request,
    body: Accept | None = None,
) -> Connection:  # fmt: skip
    """Take it; 409 when a colleague was faster, or nobody is asked any more. In mode `take_over` the agent falls silent
    when you are in the room."""
    mode = (body or Accept()).mode
    seat = await took_part.accepted(j, str(escalation_id), person_of(who), author(who), mode)
    return _connection(request, rooms, seat, person_of(who))


@router.post("/api/escalations/{escalation_id}/decline", status_code=204, responses={404: {}, 409: {}})
async def decline_escalation(escalation_id: EscalationPath, who: Supervising, j: TheJourney) -> None:
    """Say no: it rings at the next one's. 409 when it does not ring at yours."""
    await sought.declined(j, str(escalation_id), person_of(who).id)


# --- in a call -------------------------------------------------------------------------------------------------------


@router.post("/api/calls/{call_id}/escalate", status_code=201, responses={404: {}, 409: {}})
async def escalate_call(call_id: CallPath, who: Supervising, j: TheJourney, body: Wanted) -> Requested:
    """Ask for a human in this call; 409 when one is asked already."""
    ask = Ask(Trigger.API, body.reason, body.summary, body.skill, actor=who.actor)
    return Requested(id=await escalated.escalated(j, CallId(str(call_id)), ask, author(who)))


@router.post("/api/calls/{call_id}/join", responses={404: {}, 409: {}})
async def join_call(
    call_id: CallPath, who: Supervising, j: TheJourney, rooms: TheRooms, request: Request, body: Join | None = None
) -> Connection:
    """Step into a call. Everybody who listens in is in the audit."""
    person = person_of(who)
    wanted = body or Join()
    seat = await took_part.steps_in(j, CallId(str(call_id)), person, author(who), wanted.mode, wanted.lead_epoch)
    return _connection(request, rooms, seat, person)


@router.post("/api/calls/{call_id}/mode", responses={404: {}, 409: {}})
async def switch_mode(call_id: CallPath, who: Supervising, j: TheJourney, body: SwitchMode) -> InCall:
    """Another mode, in the room that you are in."""
    call = CallId(str(call_id))
    changed, epoch = await switched.switched(j, call, person_of(who), author(who), body.mode, body.lead_epoch)
    return InCall(supervision_id=changed.id, mode=changed.mode, lead_epoch=epoch)


@router.post("/api/calls/{call_id}/hand-back", status_code=204, responses={404: {}, 409: {}})
async def hand_back(call_id: CallPath, who: Supervising, j: TheJourney, body: HandBack | None = None) -> None:
    """Let the agent go on: it says in one sentence what was agreed. You stay as a listener."""
    epoch = (body or HandBack()).lead_epoch
    await switched.handed_back(j, CallId(str(call_id)), person_of(who), author(who), epoch)


@router.post("/api/calls/{call_id}/hold", status_code=204, responses={404: {}, 409: {}})
async def hold(call_id: CallPath, who: Supervising, j: TheJourney, body: Hold) -> None:
    """Let the caller hear music instead of you, while you lead; or go on."""
    await switched.held(j, CallId(str(call_id)), person_of(who), body.on, body.lead_epoch)


@router.post("/api/calls/{call_id}/whisper", status_code=202, responses={404: {}, 409: {}})
async def whisper(call_id: CallPath, who: Supervising, j: TheJourney, body: Whispering) -> Whispered:
    """Tell the agent something; the caller does not hear of it."""
    told = await whispered.whispered(j, CallId(str(call_id)), person_of(who), author(who), body.text)
    return Whispered(whisper_id=told)


@router.post("/api/calls/{call_id}/leave", status_code=204, responses={404: {}, 409: {}})
async def leave_call(call_id: CallPath, who: Supervising, j: TheJourney) -> None:
    """Go out of the call; when you lead it, the agent goes on."""
    await took_part.leaves(j, CallId(str(call_id)), person_of(who))


def _connection(request: Request, rooms: LiveKitRooms, seat: Seat, person: Person) -> Connection:
    token = rooms.supervisor_token(seat.room, seat.identity, person.name, rights(seat.mode))
    return Connection(
        url=request.app.state.settings.livekit_browser_url, token=token, supervision_id=seat.supervision_id,
        call_id=seat.call_id, identity=seat.identity, mode=seat.mode, caller_identity=seat.caller_identity,
        agent_identity=seat.agent_identity, lead_epoch=seat.lead_epoch,
    )  # fmt: skip
