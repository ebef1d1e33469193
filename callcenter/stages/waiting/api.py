"""The lines over HTTP, for those who watch over them."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Protocol, cast

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from callcenter.platform.api.inputs import Cursor, read_number, write_cursor
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import NotFound
from callcenter.setup.entries.api import key_path
from callcenter.setup.queues import store as queues
from callcenter.setup.queues.store import QUEUES
from callcenter.setup.users.rules import Permission
from callcenter.stages.waiting import read

router = APIRouter(tags=["lines"], dependencies=[Depends(Permit(Permission.READ_LINES))])

MOST_CALLS = 200


class Figures(Protocol):
    """What is measured of a queue."""

    @property
    def waiting(self) -> int: ...
    @property
    def free_seats(self) -> int: ...
    @property
    def expected_wait_seconds(self) -> float | None: ...


Measure = Callable[[Tx, frozenset[str]], Awaitable[Mapping[str, Figures]]]
"""How these queues stand now; a queue that there is not is left out."""


class LineFigures(BaseModel):
    """How a queue stands at this instant."""

    queue: str
    waiting: int
    free_seats: int = Field(description="Of agents who have the skills that all calls of this queue require.")
    expected_wait_seconds: float | None = Field(description="Of one more call; null where nothing measured tells.")
    longest_wait_seconds: float | None = Field(description="Of the call that came first; null when nobody waits.")


class CallInLine(BaseModel):
    """A call that waits for an agent, and what it asks of one."""

    position: int = Field(description="1 is served next, if an agent has the skills.")
    call_id: str
    from_: str = Field(alias="from")
    asked: bool = Field(description="An agent is just asked for it.")
    priority: int
    aged_priority: int = Field(description="With what it has gained by waiting: decides the position.")
    since: datetime = Field(description="The original arrival, whatever queues it has been in.")
    waited_seconds: float
    profile: str
    required_skills: list[str] = Field(description="What an agent must have now.")
    preferred_skills: list[str]
    prefer_until: datetime | None = Field(description="Until then preferred skills are required as well.")
    next_fallback: str | None = Field(description="The action that comes next if it goes on waiting.")
    next_fallback_at: datetime | None


class Line(BaseModel):
    figures: LineFigures
    items: list[CallInLine]
    next_cursor: str | None


class Lines(BaseModel):
    items: list[LineFigures]
    next_cursor: str | None


async def _figures(tx: Tx, measure: Measure, names: frozenset[str]) -> list[LineFigures]:
    measured = await measure(tx, names)
    longest = await read.longest_waits(tx, names)
    return [
        LineFigures(
            queue=name, waiting=found.waiting, free_seats=found.free_seats,
            expected_wait_seconds=found.expected_wait_seconds, longest_wait_seconds=longest.get(name),
        )
        for name, found in sorted(measured.items())
    ]  # fmt: skip


def the_measure(request: Request) -> Measure:
    return cast(Measure, request.app.state.measure)


TheMeasure = Annotated[Measure, Depends(the_measure)]


@router.get("/api/lines")
async def list_lines(db: TheDatabase, measure: TheMeasure) -> Lines:
    """Every queue: who waits in it, and what for."""
    async with snapshot(db) as tx:
        found = await _figures(tx, measure, frozenset(await queues.bodies(tx)))
    return Lines(items=found, next_cursor=None)


@router.get("/api/queues/{name}/line", responses={404: {}})
async def get_line(
    name: Annotated[str, key_path(QUEUES)],
    db: TheDatabase,
    measure: TheMeasure,
    limit: Annotated[int, Query(ge=1, le=MOST_CALLS)] = 50,
    cursor: Cursor = None,
) -> Line:
    """Who waits in a queue for an agent, in the order in which they are served. Later pages are of the line as it
    stands then: who has moved up meanwhile may be missing on the next page."""
    after = read_number(cursor) if cursor is not None else 0
    async with snapshot(db) as tx:
        figures = await _figures(tx, measure, frozenset({name}))
        if not figures:
            raise NotFound(f"There is no queue '{name}'.")
        found = await read.line(tx, name, limit + 1, after)
    items = [_in_line(after + place, each) for place, each in enumerate(found[:limit], start=1)]
    return Line(
        figures=figures[0], items=items, next_cursor=write_cursor(after + limit) if len(found) > limit else None
    )


def _in_line(position: int, found: read.Waiting) -> CallInLine:
    same: dict[str, Any] = {name: value for name, value in vars(found).items() if name in CallInLine.model_fields}
    return CallInLine(position=position, since=found.entered_at, **{"from": found.from_number}, **same)
