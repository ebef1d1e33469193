"""Notes about a call over HTTP: what the agent that listens has noted, and how a supervisor says that it went."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from callcenter.journey import assisted
from callcenter.journey.verb import Journey
from callcenter.platform.api.inputs import CallPath, PlainText
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.plumbing.errors import NotAllowed
from callcenter.platform.plumbing.ids import CallId
from callcenter.records.calls import read as calls
from callcenter.records.notes import store
from callcenter.records.notes.store import Noted
from callcenter.setup.users.rules import Permission, Principal

router = APIRouter(tags=["calls"])

LONGEST_NOTES = 10_000


class NeedsPerson(NotAllowed):
    """Only a person can do this: use a key of theirs, from `callcenter key add --user`."""


class NotesRead(BaseModel):
    """What is noted of a call. The first three are the agent's, while a human leads: the timeline's event `assisted`
    says when they change."""

    call_id: str
    fields: dict[str, str] = Field(description="Of those that the profile names, what the agent has heard.")
    summary: str
    suggestions: list[str] = Field(description="Answers and facts that the agent would offer, the latest last.")
    disposition: str | None
    notes: str
    dispositions: list[str] = Field(description="Those that the call's queue has.")


class WrapUp(BaseModel):
    """How the call went."""

    disposition: Annotated[PlainText, Field(min_length=1, max_length=80)] | None = None
    notes: Annotated[str, Field(max_length=LONGEST_NOTES)] = ""


def _journey(request: Request) -> Journey:
    found = request.app.state.journey
    assert isinstance(found, Journey)
    return found


async def _read(db: TheDatabase, call_id: str, noted: Noted | None = None) -> NotesRead:
    async with snapshot(db) as tx:
        call = await calls.call(tx, call_id)
        noted = noted or await store.of_call(tx, CallId(call_id))
        dispositions = await assisted.dispositions(tx, call["queue"])
    return NotesRead(
        call_id=call_id, fields=dict(noted.fields), summary=noted.summary, suggestions=list(noted.suggestions),
        disposition=noted.disposition, notes=noted.notes, dispositions=list(dispositions),
    )  # fmt: skip


@router.get("/api/calls/{call_id}/notes", dependencies=[Depends(Permit(Permission.READ_CALLS))], responses={404: {}})
async def get_notes(call_id: CallPath, db: TheDatabase) -> NotesRead:
    """What is noted of the call."""
    return await _read(db, str(call_id))


@router.put("/api/calls/{call_id}/notes", responses={404: {}})
async def put_notes(
    call_id: CallPath,
    db: TheDatabase,
    who: Annotated[Principal, Depends(Permit(Permission.SUPERVISE))],
    j: Annotated[Journey, Depends(_journey)],
    body: WrapUp,
) -> NotesRead:
    """Say how the call went, in it or afterwards. Who changed what stays in the timeline."""
    if who.person is None:
        raise NeedsPerson()
    noted = await assisted.wrapped_up(j, CallId(str(call_id)), who.person, body.disposition, body.notes)
    return await _read(db, str(call_id), noted)
