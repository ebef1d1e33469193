"""`GET /edge/state`: whether the house has room for one more call. The SIP edge asks once a second."""

import asyncio

import sqlalchemy as sa
from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from callcenter.platform.api.health import PROBE_SECONDS
from callcenter.platform.api.security import TheDatabase, snapshot
from callcenter.platform.plumbing.db import Tx
from callcenter.records.calls.model import Call, CallState
from callcenter.stages.offers.model import Seat, Worker, WorkerState

router = APIRouter(tags=["health"])


class House(BaseModel):
    """`admit` is false only while it is known that every seat, of agents and of attendants, has a call."""

    admit: bool
    seats: int
    calls: int


@router.get("/edge/state", include_in_schema=False)
async def get_state(db: TheDatabase, response: Response) -> House:
    """Numbers only. While nothing is known, because the database is away or no worker has reported, calls are admitted:
    they ring, and the product has its own ways with them."""
    response.headers["Cache-Control"] = "no-store"
    try:
        async with asyncio.timeout(PROBE_SECONDS), snapshot(db) as tx:
            seats, calls = await _counted(tx)
    except (SQLAlchemyError, OSError, TimeoutError):
        return House(admit=True, seats=0, calls=0)
    return House(admit=has_room(seats, calls), seats=seats, calls=calls)


def has_room(seats: int, calls: int) -> bool:
    """Each live call has, or waits for, one seat; a house without any is a house whose workers are being started."""
    return seats == 0 or calls < seats


async def _counted(tx: Tx) -> tuple[int, int]:
    ready = sa.select(sa.func.count()).select_from(Seat).join(Worker, Worker.name == Seat.worker)
    busy_to_the_end = sa.and_(Worker.state == WorkerState.DRAINING, Seat.offer_id.is_not(None))
    seats = await tx.scalar(ready.where(sa.or_(Worker.state == WorkerState.UP, busy_to_the_end)))
    calls = await tx.scalar(sa.select(sa.func.count()).where(Call.state != CallState.ENDED))
    return int(seats or 0), int(calls or 0)
