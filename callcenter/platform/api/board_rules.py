"""What the live board warns of, and how its queues stand: pure, on what was read. The conditions are those of
deploy/monitoring/alerts.yml, but at once instead of after a while: who looks at a board sees for how long they last."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from callcenter.platform.api.board_reads import Found, QueueDay
from callcenter.platform.wire.base import SeatKind, TroubleSource
from callcenter.setup.queues.rules import QueueBody
from callcenter.stages.offers.model import WorkerState
from callcenter.stages.waiting.rules import expected_wait

QUIET_TRUNK = timedelta(hours=24)
FEWEST_LEVEL_CALLS = 5  # a service level of fewer calls says nothing
UNCHECKED = timedelta(minutes=10)


class Severity(StrEnum):
    CRITICAL = "critical"  # callers suffer
    WARNING = "warning"
    NOTICE = "notice"  # nothing is known to be wrong


class AlertKind(StrEnum):
    NO_AGENTS = "no_agents"  # no worker of agents
    NO_FREE_SEATS = "no_free_seats"
    NO_ATTENDANTS = "no_attendants"  # no free seat of attendants, or no attendant
    WORKER_LOST = "worker_lost"
    WORKER_SILENT = "worker_silent"
    QUEUE_WAITS = "queue_waits"  # somebody waits for longer than the queue's target
    QUEUE_BELOW_TARGET = "queue_below_target"
    LEASES_EXPIRE = "leases_expire"
    AGENTS_DIE = "agents_die"
    MODEL_FAILS = "model_fails"
    MODEL_SLOW = "model_slow"
    TRUNK_SILENT = "trunk_silent"
    TRUNK_FAILS = "trunk_fails"
    TRUNK_UNKNOWN = "trunk_unknown"  # no call for a day: nobody knows whether it works
    NO_ROUTER = "no_router"
    EFFECTS_OVERDUE = "effects_overdue"  # LiveKit or a desk is not reached
    PROMISE_BROKEN = "promise_broken"
    NOT_COUNTED = "not_counted"


SEVERITIES: Mapping[AlertKind, Severity] = {
    **dict.fromkeys(AlertKind, Severity.CRITICAL),
    **dict.fromkeys(
        (
            AlertKind.NO_FREE_SEATS, AlertKind.WORKER_LOST, AlertKind.WORKER_SILENT, AlertKind.QUEUE_WAITS,
            AlertKind.QUEUE_BELOW_TARGET, AlertKind.LEASES_EXPIRE, AlertKind.MODEL_SLOW, AlertKind.NOT_COUNTED,
        ),
        Severity.WARNING,
    ),
    AlertKind.TRUNK_UNKNOWN: Severity.NOTICE,
}  # fmt: skip


@dataclass(frozen=True)
class Alert:
    """`about` names the queue, worker, trunk, model or kind of seat; `count` says how many, or percent."""

    kind: AlertKind
    about: str | None = None
    count: float | None = None
    since: datetime | None = None

    @property
    def severity(self) -> Severity:
        return SEVERITIES[self.kind]


@dataclass(frozen=True)
class QueueNow:
    """How a queue stands. `level` is its service level in percent, of the calls that were answered or abandoned within
    the last half hour; None where there were none."""

    name: str
    waiting: int
    waiting_since: datetime | None
    expected_wait_seconds: float | None
    target_seconds: float
    target_percent: float
    level: float | None
    level_calls: int
    answered: int
    abandoned: int
    average_answer_seconds: float | None


def takes_calls(worker: sa.RowMapping, kind: SeatKind, now: datetime, silent_seconds: float) -> bool:
    """As stages/offers/seats.py says it in SQL."""
    fresh = worker["last_beat_at"] > now - timedelta(seconds=silent_seconds)
    return bool(worker["kind"] == kind and worker["state"] == WorkerState.UP and fresh)


def queues_now(found: Found, silent_seconds: float) -> list[QueueNow]:
    """Every queue that is set up, in the order of their names."""
    workers = [each for each in found.workers if takes_calls(each, SeatKind.AGENT, found.now, silent_seconds)]
    return [_queue_now(found, name, body, workers) for name, body in sorted(found.queues.items())]


def _queue_now(found: Found, name: str, body: QueueBody, workers: list[Any]) -> QueueNow:
    able = [each for each in workers if set(each["skills"]).issuperset(body.required_skills)]
    seats, busy = sum(each["seats"] for each in able), sum(each["busy"] for each in able)
    line, day = found.lines.get(name), found.days.get(name, QueueDay())
    waiting = line["waiting"] if line else 0
    at_once = seats > busy and not waiting
    wait = 0.0 if at_once else expected_wait(waiting + 1, found.answers.get(name, []), seats, found.now)
    return QueueNow(
        name=name, waiting=waiting, waiting_since=line["waiting_since"] if line else None, expected_wait_seconds=wait,
        target_seconds=body.service_level.target_seconds, target_percent=body.service_level.target_percent,
        level=100 * day.in_time / day.level_calls if day.level_calls else None, level_calls=day.level_calls,
        answered=day.answered, abandoned=day.abandoned,
        average_answer_seconds=day.answer_seconds / day.answered if day.answered else None,
    )  # fmt: skip


def alerts(found: Found, queues: list[QueueNow], silent_seconds: float) -> list[Alert]:
    """What is wrong at this instant, the worst first."""
    all_found = [
        *_of_seats(found, silent_seconds), *_of_queues(queues, found.now), *_of_troubles(found), *_of_trunks(found),
        *_of_the_house(found),
    ]  # fmt: skip
    return sorted(all_found, key=lambda alert: list(Severity).index(alert.severity))


def _of_seats(found: Found, silent_seconds: float) -> Iterator[Alert]:
    for worker in found.workers:
        if worker["state"] == WorkerState.LOST:
            yield Alert(AlertKind.WORKER_LOST, worker["name"], since=worker["last_beat_at"])
        elif worker["last_beat_at"] <= found.now - timedelta(seconds=silent_seconds):
            yield Alert(AlertKind.WORKER_SILENT, worker["name"], since=worker["last_beat_at"])
    free = {kind: 0 for kind in SeatKind}
    there = {kind: 0 for kind in SeatKind}
    for worker in found.workers:
        for kind in SeatKind:
            if takes_calls(worker, kind, found.now, silent_seconds):
                there[kind] += 1
                free[kind] += worker["seats"] - worker["busy"]
    if not there[SeatKind.AGENT]:
        yield Alert(AlertKind.NO_AGENTS)
    elif not free[SeatKind.AGENT]:
        yield Alert(AlertKind.NO_FREE_SEATS)
    if not free[SeatKind.ATTENDANT]:
        yield Alert(AlertKind.NO_ATTENDANTS)


def _of_queues(queues: list[QueueNow], now: datetime) -> Iterator[Alert]:
    for queue in queues:
        late = timedelta(seconds=queue.target_seconds)
        if queue.waiting_since is not None and queue.waiting_since < now - late:
            yield Alert(AlertKind.QUEUE_WAITS, queue.name, queue.waiting, queue.waiting_since)
        enough = queue.level_calls >= FEWEST_LEVEL_CALLS
        if enough and queue.level is not None and queue.level < queue.target_percent:
            yield Alert(AlertKind.QUEUE_BELOW_TARGET, queue.name, round(queue.level, 1))


def _of_troubles(found: Found) -> Iterator[Alert]:
    arrived = sum(trunk["in_fifteen"] for trunk in found.trunks)
    for row in found.troubles:
        match row["type"]:
            case "offer_expired" if row["in_five"] > 2:
                yield Alert(AlertKind.LEASES_EXPIRE, row["of"], row["in_five"])
            case "agent_lost" | "attendant_lost" if row["in_ten"] > 2:
                yield Alert(AlertKind.AGENTS_DIE, row["of"], row["in_ten"])
            case "model_trouble" if row["of"] == TroubleSource.SLOW:
                if row["in_fifteen"] > 3 + 0.5 * arrived:
                    yield Alert(AlertKind.MODEL_SLOW, None, row["in_fifteen"])
            case "model_trouble" if row["in_five"] > 2:
                yield Alert(AlertKind.MODEL_FAILS, row["of"], row["in_five"])


def _of_trunks(found: Found) -> Iterator[Alert]:
    silent = set()
    for row in found.trunks:
        if row["in_hour"] == 0 and row["in_hour_a_week_ago"] > 10:
            silent.add(row["trunk"])
            yield Alert(AlertKind.TRUNK_SILENT, row["trunk"])
        if row["failed"] > 3 + 0.2 * row["ended"]:
            yield Alert(AlertKind.TRUNK_FAILS, row["trunk"], row["failed"])
    for trunk, at in sorted((found.house["trunk_last_calls"] or {}).items()):
        last = datetime.fromtimestamp(at, found.now.tzinfo)
        if trunk not in silent and last < found.now - QUIET_TRUNK:
            yield Alert(AlertKind.TRUNK_UNKNOWN, trunk, since=last)


def _of_the_house(found: Found) -> Iterator[Alert]:
    house = found.house
    if not house["routers"]:
        yield Alert(AlertKind.NO_ROUTER)
    if house["overdue"]:
        yield Alert(AlertKind.EFFECTS_OVERDUE, None, house["overdue"])
    if house["violations"]:
        yield Alert(AlertKind.PROMISE_BROKEN, None, house["violations"])
    checked = house["promises_checked_at"]
    if house["routers"] and checked is not None and checked < found.now - UNCHECKED:
        yield Alert(AlertKind.NOT_COUNTED, None, since=checked)
