"""Is it up, what does it do, and were the promises kept?"""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from callcenter.platform.api.invariants import INVARIANTS, check
from callcenter.platform.api.metrics import Metrics
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.events.feed import Feed
from callcenter.platform.plumbing.db import Database
from callcenter.setup.users.rules import Permission

router = APIRouter(tags=["health"])

PROBE_SECONDS = 2.0


class Health(BaseModel):
    status: Literal["ok", "unavailable"]
    database: bool


class Example(BaseModel):
    call_id: str
    detail: str


class Invariant(BaseModel):
    name: str
    promise: str
    violations: int
    examples: list[Example]


class InvariantList(BaseModel):
    items: list[Invariant]


async def answers(db: Database) -> bool:
    """Whether the database answers within 2 s."""
    try:
        async with asyncio.timeout(PROBE_SECONDS), db.transaction() as tx:
            await tx.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError):
        return False
    return True


@router.get("/healthz", responses={503: {"model": Health, "description": "The database does not answer."}})
async def get_health(db: TheDatabase, response: Response) -> Health:
    """Whether this process can work. For load balancers."""
    up = await answers(db)
    if not up:
        response.status_code = 503
    response.headers["Cache-Control"] = "no-store"
    return Health(status="ok" if up else "unavailable", database=up)


def the_metrics(request: Request) -> Metrics:
    found = request.app.state.metrics
    assert isinstance(found, Metrics)
    return found


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def get_metrics(request: Request, db: TheDatabase, metrics: Annotated[Metrics, Depends(the_metrics)]) -> Response:
    """Prometheus. Numbers only, nothing personal."""
    feed = request.app.state.feed
    assert isinstance(feed, Feed)
    metrics.streams.set(len(feed.subscriptions))
    try:
        async with asyncio.timeout(PROBE_SECONDS), snapshot(db) as tx:
            await metrics.read(tx, feed.position)
        metrics.database_up.set(1)
    except (SQLAlchemyError, OSError, TimeoutError):
        metrics.database_up.set(0)
        metrics.forget()
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/api/health/invariants", dependencies=[Depends(Permit(Permission.READ_HEALTH))])
async def get_invariants(db: TheDatabase) -> InvariantList:
    """The design's promises I1 to I6, checked against all that is stored."""
    async with snapshot(db) as tx:
        findings = [await check(tx, invariant) for invariant in INVARIANTS]
    return InvariantList(
        items=[
            Invariant(
                name=found.invariant.name,
                promise=found.invariant.promise,
                violations=found.violations,
                examples=[Example(call_id=call_id, detail=detail) for call_id, detail in found.examples],
            )
            for found in findings
        ]
    )
