"""Skills over HTTP: who has them, what asks for them."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, cast

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field

from callcenter.platform.api.inputs import PlainText
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.plumbing.db import Tx
from callcenter.setup.audit.rules import author
from callcenter.setup.skills import flow, store
from callcenter.setup.users.rules import Permission, Principal

router = APIRouter(prefix="/api/skills", tags=["setup"])
Reader = Depends(Permit(Permission.READ_SETUP))
Editor = Annotated[Principal, Depends(Permit(Permission.EDIT_SETUP))]
Named = Annotated[PlainText, Path(alias="name", max_length=200, description="The skill, as agents bring it.")]

Seats = Callable[[Tx], Awaitable[Mapping[frozenset[str], int]]]
"""Seats of agents that take calls, by the skills of their workers."""


class SkillRead(BaseModel):
    """What an agent may be good at. Rules and queues may ask for those that are known."""

    name: str
    first_seen_at: datetime = Field(description="When an agent first brought it, or somebody announced it.")
    seats: int = Field(description="Seats of agents who have it and take calls now.")
    queues: list[str] = Field(description="Queues that require it.")
    rules: list[str] = Field(description="Places in the published rules and the draft that name it.")


class SkillList(BaseModel):
    """Every skill; there are few."""

    items: list[SkillRead]
    next_cursor: str | None = None


def the_seats(request: Request) -> Seats:
    return cast(Seats, request.app.state.skilled)


SkilledSeats = Annotated[Seats, Depends(the_seats)]


async def _read(tx: Tx, rows: list[sa.RowMapping], seats: Seats) -> list[SkillRead]:
    there, places = await seats(tx), await flow.places(tx)
    return [
        SkillRead(
            name=row["name"], first_seen_at=row["first_seen_at"], seats=_with(there, row["name"]),
            queues=places[row["name"]][0], rules=places[row["name"]][1],
        )
        for row in rows
    ]  # fmt: skip


def _with(there: Mapping[frozenset[str], int], skill: str) -> int:
    return sum(count for skills, count in there.items() if skill in skills)


@router.get("", dependencies=[Reader])
async def list_skills(db: TheDatabase, seats: SkilledSeats) -> SkillList:
    """Every skill that is known, in the order of their names."""
    async with snapshot(db) as tx:
        return SkillList(items=await _read(tx, await store.every(tx), seats))


@router.put("/{name}", responses={201: {"model": SkillRead, "description": "It is new."}})
async def announce_skill(
    name: Named, editor: Editor, db: TheDatabase, seats: SkilledSeats, response: Response
) -> SkillRead:
    """Make a skill known before an agent brings it, so that queues and rules may ask for it."""
    async with db.transaction() as tx:
        row, new = await flow.announce(tx, author(editor), name)
        (read,) = await _read(tx, [row], seats)
    response.status_code = 201 if new else 200
    return read


@router.delete("/{name}", status_code=204, responses={404: {}, 409: {}})
async def delete_skill(name: Named, editor: Editor, db: TheDatabase, seats: SkilledSeats) -> None:
    """Forget a skill; refused while agents, queues or rules have it."""
    async with db.transaction() as tx:
        await flow.remove(tx, author(editor), name, _with(await seats(tx), name))
