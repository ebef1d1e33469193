"""All SQL of workers and their seats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Channel, Tx, from_now, seconds
from callcenter.platform.plumbing.model import ControlProcess, ProcessKind
from callcenter.platform.plumbing.states import move
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.messages import Register
from callcenter.setup.skills import store as skills
from callcenter.stages.offers.model import ABSENT, LIVE, WORKER_TRANSITIONS, Offer, Seat, Worker, WorkerState

DESK_BEAT_SECONDS = 1.0  # as entrypoints/api.py beats


async def register(tx: Tx, worker: Register) -> None:
    """Enter the worker and its seats; registering again after a lost connection keeps seats and offers."""
    tx.news.add(Channel.LINE)
    values = {
        "kind": worker.kind, "skills": list(worker.skills), "deployment": worker.deployment,
        "version": worker.version, "pid": worker.pid, "last_beat_at": sa.func.clock_timestamp(),
    }  # fmt: skip
    await tx.execute(
        insert(Worker)
        .values(name=worker.worker, state=WorkerState.UP, **values)
        .on_conflict_do_update(index_elements=[Worker.name], set_=values)
    )
    await skills.seen(tx, worker.skills)
    await tx.execute(move(Worker, WORKER_TRANSITIONS, WorkerState.UP).where(Worker.name == worker.worker))
    await tx.execute(
        insert(Seat)
        .values([{"worker": worker.worker, "number": n} for n in range(1, worker.seats + 1)])
        .on_conflict_do_nothing(index_elements=[Seat.worker, Seat.number])
    )


@dataclass(frozen=True)
class Heard:
    """What a beat finds. `known`: the worker is registered and was not given up. `settled`: every offer whose seat it
    still occupies is one that it says it runs, so that there is no job to look for that is gone."""

    known: bool
    settled: bool


async def beat(tx: Tx, worker: str, running: Sequence[str] = ()) -> Heard:
    """Still here, and running these offers."""
    other = sa.exists().where(Offer.worker == worker, Offer.released_at.is_(None), Offer.id.not_in(running))
    row = await tx.row(
        sa.update(Worker)
        .where(Worker.name == worker, Worker.state.not_in(ABSENT))
        .values(last_beat_at=sa.func.clock_timestamp())
        .returning(other.label("other"))
    )
    return Heard(known=row is not None, settled=row is not None and not row["other"])


async def mark_lost(tx: Tx, silent_seconds: Mapping[SeatKind, float], worker: str | None = None) -> list[str]:
    """Give up workers (or only this one) that have not beaten for so long. Their seats are asked for nothing more. No
    silence counts after the last desk died: nobody was there to hear."""
    rows = await tx.rows(
        move(Worker, WORKER_TRANSITIONS, WorkerState.LOST)
        .where(_silent(silent_seconds), *([] if worker is None else [Worker.name == worker]))
        .returning(Worker.name)
    )
    if rows:
        tx.news.add(Channel.LINE)
    return [row["name"] for row in rows]


def silent(silent_seconds: Mapping[SeatKind, float]) -> sa.Select[str]:
    """The workers that `mark_lost` gives up."""
    return sa.select(Worker.name).where(Worker.state.not_in(ABSENT), _silent(silent_seconds))


def _silent(silent_seconds: Mapping[SeatKind, float]) -> sa.ColumnElement[bool]:
    desk = sa.select(sa.func.max(ControlProcess.last_beat_at)).where(ControlProcess.kind == ProcessKind.API)
    heard_until = sa.func.least(sa.func.clock_timestamp(), desk.scalar_subquery() + seconds(DESK_BEAT_SECONDS))
    silence = heard_until - Worker.last_beat_at
    return sa.or_(*(sa.and_(Worker.kind == kind, silence > seconds(limit)) for kind, limit in silent_seconds.items()))


def all_silent(silent_seconds: float) -> sa.Select[bool]:
    """Whether there are several workers and none has beaten for so long: one row. One alone may well be dead."""
    several = sa.func.count() > 1
    latest = sa.func.max(Worker.last_beat_at)
    return sa.select(sa.and_(several, latest < from_now(-silent_seconds))).where(Worker.state.not_in(ABSENT))


async def goes_last(tx: Tx, worker: str) -> None:
    """It has just failed a call: for a minute, others are asked before it."""
    await tx.execute(sa.update(Worker).where(Worker.name == worker).values(last_failed_at=sa.func.clock_timestamp()))


async def release_lost(tx: Tx) -> int:
    """Free the seats of lost and gone workers whose offers have ended: with the process went its jobs."""
    lost = sa.select(Worker.name).where(Worker.state.in_(ABSENT))
    result = await tx.execute(
        sa.update(Offer)
        .where(Offer.released_at.is_(None), Offer.state.not_in(LIVE), Offer.worker.in_(lost))
        .values(released_at=sa.func.clock_timestamp())
    )
    await tx.execute(
        sa.update(Seat)
        .where(
            Seat.worker.in_(lost), sa.exists().where(Offer.id == Seat.offer_id, Offer.released_at.is_not(None))
        )
        .values(offer_id=None)
    )  # fmt: skip
    return result.rowcount


async def forget(tx: Tx, older_than_hours: int = 24) -> int:
    """Remove workers that left long ago; their offers keep the name."""
    result = await tx.execute(
        sa.delete(Worker).where(
            Worker.state.in_(ABSENT),
            Worker.last_beat_at < sa.func.clock_timestamp() - sa.func.make_interval(0, 0, 0, 0, older_than_hours),
            ~sa.exists().where(Offer.worker == Worker.name, Offer.released_at.is_(None)),
        )
    )
    return result.rowcount


async def overview(tx: Tx) -> list[dict[str, Any]]:
    """Live workers with the jobs that occupy their seats."""
    rows = await tx.rows(
        sa.select(
            Worker.name.label("worker"), Worker.kind, Worker.pid, sa.func.count(Seat.id).label("seats"),
            sa.true().label("healthy"),
            (Worker.state == WorkerState.DRAINING).label("draining"),
        )
        .join(Seat, Seat.worker == Worker.name)
        .where(Worker.state.not_in(ABSENT))
        .group_by(Worker.name)
        .order_by(Worker.registered_at)
    )  # fmt: skip
    jobs = await tx.rows(
        sa.select(Offer.worker, Offer.pid, Offer.call_id).where(Offer.released_at.is_(None), Offer.state.in_(LIVE))
    )
    return [
        dict(row) | {"jobs": [{"pid": j["pid"], "call_id": j["call_id"]} for j in jobs if j["worker"] == row["worker"]]}
        for row in rows
    ]


async def by_deployment(tx: Tx) -> dict[str, dict[str, int]]:
    """Of every deployment that has live workers: how many, how many of them drain, their seats, and busy ones."""
    rows = await tx.rows(
        sa.select(
            Worker.deployment,
            sa.func.count(sa.distinct(Worker.name)).label("workers"),
            sa.func.count(sa.distinct(Worker.name)).filter(Worker.state == WorkerState.DRAINING).label("draining"),
            sa.func.count(Seat.id).label("seats"),
            sa.func.count(Seat.offer_id).label("busy"),
        )
        .join(Seat, Seat.worker == Worker.name)
        .where(Worker.state.not_in(ABSENT))
        .group_by(Worker.deployment)
    )
    return {row["deployment"]: {k: v for k, v in row.items() if k != "deployment"} for row in rows}
