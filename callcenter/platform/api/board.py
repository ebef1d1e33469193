"""The live board over HTTP: how queues, calls and workers stand at this instant, and what is wrong."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from callcenter.platform.api import board_reads, board_rules
from callcenter.platform.api.board_latest import KEPT_SECONDS, Latest
from callcenter.platform.api.board_reads import Day
from callcenter.platform.api.board_rules import AlertKind, Severity
from callcenter.platform.api.inputs import PlainText
from callcenter.platform.api.journeys import TheJourney
from callcenter.platform.api.security import Permit, snapshot
from callcenter.platform.desk import workers
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.errors import FieldError, Invalid
from callcenter.platform.wire.base import SeatKind, Speaker
from callcenter.records.calls.model import CallState, Direction, Lead
from callcenter.setup.audit.rules import author
from callcenter.setup.calendars.hours import zone as zone_of
from callcenter.setup.users.rules import Permission, Principal
from callcenter.stages.offers.model import WorkerState

router = APIRouter(tags=["board"])

Reader = Annotated[Principal, Depends(Permit(Permission.READ_CALLS))]
Drainer = Annotated[Principal, Depends(Permit(Permission.DRAIN_WORKERS))]


class BoardQueue(BaseModel):
    """How a queue stands. "Today" begins at midnight in the zone that was asked for."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    waiting: int = Field(description="Calls that no agent has claimed yet.")
    waiting_since: datetime | None = Field(description="Of who has waited longest; null when nobody waits.")
    expected_wait_seconds: float | None = Field(description="Of one more call; null where nothing measured tells.")
    target_seconds: float
    target_percent: float
    level: float | None = Field(
        description="Service level, percent: of the inbound calls that were answered by an agent or abandoned within "
        "the last half hour, those for which that happened within `target_seconds` of their arrival; null when there "
        "were none. (answered in time + abandoned in time) / (answered + abandoned)."
    )
    level_calls: int = Field(description="So many calls the service level is of.")
    answered: int = Field(description="Today, by an agent.")
    abandoned: int = Field(description="Today: ended without an agent, a message, or a call-back.")
    average_answer_seconds: float | None = Field(description="ASA, today: from arrival to the first agent.")


class LastWords(BaseModel):
    speaker: Speaker
    text: str = Field(description=f"At most {board_reads.LONGEST_WORDS} characters.")
    said_at: datetime


class BoardCall(BaseModel):
    """A live call."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    state: CallState
    lead: Lead
    direction: Direction
    from_: str = Field(alias="from")
    to: str
    queue: str | None
    profile: str | None
    worker: str | None = Field(description="Whose agent has the call.")
    arrived_at: datetime
    answered_at: datetime | None
    last_words: LastWords | None


class BoardWorker(BaseModel):
    """A worker with its seats: up, draining, or lost within the last five minutes."""

    name: str
    kind: SeatKind
    state: WorkerState
    version: str
    deployment: str
    skills: list[str]
    seats: int
    busy: int
    registered_at: datetime
    last_beat_at: datetime
    drain_until: datetime | None = Field(description="Then the calls it still has are handed over.")


class BoardAlert(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    kind: AlertKind
    severity: Severity
    about: str | None = Field(description="The queue, worker, trunk, model or kind of seat.")
    count: float | None = Field(description="How many; for queue_below_target percent.")
    since: datetime | None


class BoardPromises(BaseModel):
    """The promises I1 to I6 as the routers looked for them last: every minute, in the calls of three hours."""

    violations: int
    checked_at: datetime | None


class Board(BaseModel):
    at: datetime = Field(description="The database's clock when this was read: ages are counted from here.")
    queues: list[BoardQueue]
    calls: list[BoardCall] = Field(description="Who waits first, then who talks, the longest there first.")
    calls_total: int = Field(description=f"Live calls; `calls` has {board_reads.MOST_CALLS} of them at most.")
    workers: list[BoardWorker]
    alerts: list[BoardAlert] = Field(description="The worst first.")
    promises: BoardPromises


def board_of(found: board_reads.Found, silent_seconds: float) -> Board:
    """The board of what was read; a worker without a beat for so many seconds takes no calls."""
    queues = board_rules.queues_now(found, silent_seconds)
    house = found.house
    return Board(
        at=found.now,
        queues=[BoardQueue.model_validate(queue) for queue in queues],
        calls=[_call(row) for row in found.calls],
        calls_total=found.calls[0]["total"] if found.calls else 0,
        workers=[BoardWorker.model_validate(dict(row)) for row in found.workers],
        alerts=[BoardAlert.model_validate(each) for each in board_rules.alerts(found, queues, silent_seconds)],
        promises=BoardPromises(violations=house["violations"], checked_at=house["promises_checked_at"]),
    )


def _call(row: Any) -> BoardCall:
    words = LastWords(**{key: row[key] for key in ("speaker", "text", "said_at")}) if row["speaker"] else None
    same = {key: row[key] for key in BoardCall.model_fields if key in row}
    own = {"id": row["call_id"], "from": row["from_number"], "to": row["to_number"], "last_words": words}
    return BoardCall(**{**same, **own})


MOST_DAYS = 50  # there are fewer hours in which a day begins somewhere
Boards = Latest[datetime, Board]


def boards(
    db: Database, silent_seconds: float, news: Callable[[], object], kept: float = KEPT_SECONDS
) -> Boards:  # fmt: skip
    """Readings of this process by the beginning of the reader's day; `news` changes with every event it has heard."""

    days: dict[datetime, Day] = {}

    async def read(began: datetime) -> Board:
        while len(days) >= MOST_DAYS and began not in days:
            del days[next(iter(days))]
        async with snapshot(db) as tx:
            return board_of(await board_reads.everything(tx, days.setdefault(began, Day(began))), silent_seconds)

    return Latest(read, news, kept)


def the_boards(request: Request) -> Boards:
    return cast(Boards, request.app.state.boards)


def today_in(name: str, now: datetime) -> datetime:
    """When the day began in this zone. Raises Invalid."""
    zone = zone_of(name)
    if zone is None:
        raise Invalid(errors=(FieldError("query.zone", name, "a time zone such as Europe/Berlin or UTC"),))
    return datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)


@router.get("/api/board", response_model=Board)
async def get_board(
    reader: Reader,
    made: Annotated[Boards, Depends(the_boards)],
    zone: Annotated[PlainText, Query(max_length=80, description="Where midnight is: a time zone's name.")] = "UTC",
) -> Response:
    """Queues, live calls with their last words, workers, and what is wrong. Read at most five times a second by each
    process, however many boards are open; never older than half a second or than the last event."""
    board = await made.get(today_in(zone, datetime.now(UTC)))
    return Response(board.model_dump_json(by_alias=True), media_type="application/json")


@router.post("/api/workers/{name}/drain", status_code=204, responses={404: {}})
async def drain_worker(
    name: Annotated[PlainText, Path(max_length=200, description="The worker's name.")],
    drainer: Drainer,
    journey: TheJourney,
) -> None:
    """No new calls for this worker; it stops when those it has are done. It cannot be taken back: a new worker has to
    be started. The audit says who did it."""
    await workers.drain(journey, name, author=author(drainer))
