"""Supervisors' consoles: how their people stand, and two WebSockets. One is open as long as the console is, so that a
closed tab is noticed; the other for as long as it is in a call, and beats every second (design.md, decision 5)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect
from fastapi.requests import HTTPConnection
from pydantic import BaseModel, Field

from callcenter.platform.api.editions import Expects
from callcenter.platform.api.inputs import PlainText
from callcenter.platform.api.security import COOKIE, Permit, TheDatabase
from callcenter.platform.api.streams import Streams, TooManyStreams
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.editions import Expected, edition_of
from callcenter.platform.plumbing.errors import NotFound
from callcenter.platform.plumbing.ids import CallId, is_id
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import author
from callcenter.setup.people import store as people
from callcenter.setup.users import flow
from callcenter.setup.users.rules import KEY_PREFIX, Permission, Principal, token_hash
from callcenter.stages.escalation import presences, supervisions
from callcenter.stages.escalation.api import person_of
from callcenter.stages.escalation.model import Status
from callcenter.stages.escalation.rules import status

router = APIRouter(tags=["presence"])

POLICY_VIOLATION = 1008  # RFC 6455, section 7.4.1
TRY_AGAIN_LATER = 1013
OUT_OF_CALL = 4404
REACHABLE_SECONDS = 8.0  # a console that says nothing for so long is closed, or its machine sleeps
SILENT_SECONDS = 6.0
ASK_SECONDS = 2.0
Supervising = Annotated[Principal, Depends(Permit(Permission.SUPERVISE))]


class Presence(BaseModel):
    """How you stand. `busy` while you are in a call, `wrap_up` after one that you led, `offline` while no console of
    yours is open."""

    status: Status
    chosen: Status
    skills: list[str]
    wrap_until: datetime | None
    idle_since: datetime | None


class ChoosePresence(BaseModel):
    status: Literal[Status.AVAILABLE, Status.BUSY, Status.AWAY]
    for_seconds: float = Field(
        REACHABLE_SECONDS, ge=1, le=43_200, description="So long it holds without an open console."
    )


async def _presence(db: Database, user_id: str) -> Presence:
    async with db.transaction() as tx:
        found, now = await presences.standing(tx, user_id), await tx.now()
    if found is None:
        return Presence(
            status=Status.OFFLINE, chosen=Status.AVAILABLE, skills=[], wrap_until=None, idle_since=None
        )  # fmt: skip
    standing, row = found
    return Presence(
        status=status(standing, now), chosen=standing.chosen, skills=row["skills"], wrap_until=row["wrap_until"],
        idle_since=row["idle_since"],
    )  # fmt: skip


@router.get("/api/presence")
async def get_presence(db: TheDatabase, who: Supervising) -> Presence:
    """How you stand."""
    return await _presence(db, person_of(who).id)


@router.put("/api/presence")
async def put_presence(db: TheDatabase, who: Supervising, body: ChoosePresence) -> Presence:
    """Say how you stand. It also ends the time after a call."""
    async with db.transaction() as tx:
        await presences.choose(tx, person_of(who).id, body.status, body.for_seconds)
    return await _presence(db, person_of(who).id)


class SupervisorRead(BaseModel):
    """Somebody who may supervise, and how they stand."""

    id: str
    email: str
    name: str
    status: Status
    skills: list[str]
    skills_etag: str = Field(description="Send it as If-Match to change the skills that you have read.")


class SupervisorList(BaseModel):
    items: list[SupervisorRead]
    next_cursor: None = None


class Skills(BaseModel):
    skills: list[Annotated[PlainText, Field(min_length=1, max_length=80)]] = Field(max_length=50)


@router.get("/api/supervisors", dependencies=[Depends(Permit(Permission.SUPERVISE))])
async def list_supervisors(db: TheDatabase) -> SupervisorList:
    """Everybody who may supervise, by name: who can be asked now, and for what."""
    async with db.transaction() as tx:
        found, now = await presences.supervisors(tx), await tx.now()
    return SupervisorList(
        items=[
            SupervisorRead(
                id=row["id"], email=row["email"], name=row["name"], skills=row["skills"] or [],
                skills_etag=f'"{_edition(row["skills"] or [])}"',
                status=status(standing, now) if standing else Status.OFFLINE,
            )
            for row, standing in found
        ]
    )  # fmt: skip


@router.put("/api/users/{user_id}/skills", status_code=204, responses={404: {}, 412: {}})
async def put_skills(
    user_id: UUID, db: TheDatabase, who: Annotated[Principal, Depends(Permit(Permission.MANAGE_USERS))], body: Skills,
    expected: Expects,
) -> None:  # fmt: skip
    """What this supervisor may be asked for; queues, and who asks for a human, name skills. With If-Match (their
    `skills_etag`) only while they are as they were read."""
    async with db.transaction() as tx:
        await people.find(tx, str(user_id), lock=True)
        mine = [row for row, _ in await presences.supervisors(tx) if row["id"] == str(user_id)]
        if not mine:
            raise NotFound("There is no supervisor with this id.")
        before, after = mine[0]["skills"] or [], sorted(set(body.skills))
        if expected != Expected():
            expected.check(_edition(before))
        if after == before:
            return
        await presences.set_skills(tx, str(user_id), after)
        await audit.record(
            tx, author(who), Change.CHANGED, Thing.USER, mine[0]["email"], before={"skills": before},
            after={"skills": after},
        )  # fmt: skip


def _edition(skills: list[str]) -> str:
    return edition_of({"skills": skills})


# --- lines -----------------------------------------------------------------------------------------------------------


class PermitLine(Permit):
    """As Permit, for a WebSocket: a browser sends its cookie with one from any page, so only this site's may."""

    async def __call__(self, connection: HTTPConnection) -> Principal | None:  # type: ignore[override]
        """None when they may not: a WebSocket is refused by its route."""
        scheme, _, key = connection.headers.get("authorization", "").partition(" ")
        cookie, origin = connection.cookies.get(COOKIE), connection.headers.get("origin")
        here = origin is not None and origin.split("://")[-1].lower() == connection.headers.get("host", "").lower()
        db: Database = connection.app.state.database
        principal = None
        if scheme.lower() == "bearer" and key.startswith(KEY_PREFIX):
            async with db.transaction() as tx:
                principal = await flow.by_key(tx, token_hash(key))
        elif cookie and here:
            async with db.transaction() as tx:
                principal = await flow.by_session(tx, token_hash(cookie))
        if principal is None or principal.person is None or not principal.may(self.permission):
            return None
        return principal


Line = Annotated[Principal | None, Depends(PermitLine(Permission.SUPERVISE))]


@router.websocket("/api/presence/line")
async def presence_line(socket: WebSocket, who: Line) -> None:
    """Open while the console is. It is sent `{"ask":true}` every two seconds and answers each with anything: what
    comes from here wakes a page in the background, whose own clock the browser holds back."""
    if who is None or who.person is None:
        await socket.close(POLICY_VIOLATION)
        return
    with suppress(TooManyStreams), _place(socket, who):
        await _while_open(socket, who, who.person.id)
        return
    await socket.close(TRY_AGAIN_LATER)


async def _while_open(socket: WebSocket, who: Principal, user_id: str) -> None:
    db: Database = socket.app.state.database

    async def reachable() -> bool:
        async with db.transaction() as tx:
            await presences.reachable(tx, user_id, REACHABLE_SECONDS)
            return await flow.still_valid(tx, who)

    await reachable()  # before the console knows the line to be open, and asks how its user stands
    await socket.accept()
    asking = asyncio.create_task(_ask(socket))
    try:
        if not await _each_beat(socket, reachable, SILENT_SECONDS) and not await _may_come_back(db, who):
            await socket.close(POLICY_VIOLATION)
    finally:
        asking.cancel()
        async with db.transaction() as tx:
            await presences.unreachable(tx, user_id)


@router.websocket("/api/calls/{call_id}/line")
async def call_line(socket: WebSocket, call_id: str, who: Line) -> None:
    """Open while the console is in this call; it says anything every second. Closed for 2 s, or silent for 4 s, and the
    supervisor is out of the call. Closed from here with 4404 when they are not in it."""
    if who is None or who.person is None or not is_id(call_id):
        await socket.close(POLICY_VIOLATION)
        return
    with suppress(TooManyStreams), _place(socket, who):
        await _while_in_call(socket, who, CallId(call_id), who.person.id)
        return
    await socket.close(TRY_AGAIN_LATER)


async def _while_in_call(socket: WebSocket, who: Principal, call_id: CallId, user_id: str) -> None:
    db: Database = socket.app.state.database
    await socket.accept()
    async with db.transaction() as tx:
        mine = await supervisions.there(tx, call_id, user_id)
    if mine is None:
        await socket.close(OUT_OF_CALL)
        return

    async def beats() -> bool:
        async with db.transaction() as tx:
            return await flow.still_valid(tx, who) and await supervisions.beat(tx, mine.id)

    try:
        if await beats() and not await _each_beat(socket, beats):
            await socket.close(OUT_OF_CALL)
    finally:
        async with db.transaction() as tx:
            await supervisions.line_closed(tx, mine.id)


def _place(socket: WebSocket, who: Principal) -> AbstractContextManager[object]:
    """One more line of this credential: as many as it may have streams, counted apart from them, for each tab has one
    of both. A line asks after its credential with every beat, so that nobody has to end it. Raises TooManyStreams."""
    streams: Streams = socket.app.state.streams
    return streams.place(f"{who.token_hash} lines")


async def _may_come_back(db: Database, who: Principal) -> bool:
    """Whether a line that is no longer as it was opened may be opened anew: the role may be another that supervises."""
    async with db.asking() as tx:
        found = await flow.still_known(tx, who)
    return found is not None and found.may(Permission.SUPERVISE)


async def _ask(socket: WebSocket) -> None:
    while True:
        await socket.send_text(json.dumps({"ask": True}))
        await asyncio.sleep(ASK_SECONDS)


async def _each_beat(
    socket: WebSocket, note: Callable[[], Awaitable[bool]], silent_seconds: float | None = None
) -> bool:
    """Note every message until the connection closes or falls silent (True), or there is nothing to note (False)."""
    while await note():
        try:
            async with asyncio.timeout(silent_seconds):
                await socket.receive_text()
        except (WebSocketDisconnect, TimeoutError, KeyError, RuntimeError):
            return True
    return False
