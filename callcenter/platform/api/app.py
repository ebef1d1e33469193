"""The API process's application: every route, every guard, in one place."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from callcenter.platform.api import health, house, problems, schema
from callcenter.platform.api.console import DIST, Console
from callcenter.platform.api.headers import SecureHeaders
from callcenter.platform.api.limits import BodyLimit
from callcenter.platform.api.metrics import Measured, Metrics
from callcenter.platform.api.security import Permit, Public
from callcenter.platform.events import api as events_api
from callcenter.platform.events.feed import Feed
from callcenter.platform.plumbing.db import Database
from callcenter.platform.wire.settings import Settings
from callcenter.records.calls import api as calls_api
from callcenter.records.timeline import api as timeline_api
from callcenter.records.transcripts import api as transcripts_api
from callcenter.setup.users import api as users_api
from callcenter.setup.users.hashing import Hashing

ROUTERS = (
    calls_api.router,
    transcripts_api.router,
    timeline_api.router,
    events_api.router,
    users_api.router,
    health.router,
    house.router,
)

Hook = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class UndeclaredRoute(Exception):
    """A route under /api says neither which permission it needs nor that it is public."""


def create_app(
    database: Database,
    settings: Settings,
    routers: Sequence[APIRouter] = (),
    hooks: Sequence[Hook] = (),
    console: Path = DIST,
) -> FastAPI:
    """The application; `routers` and `hooks` are what the entrypoint adds (webhooks, desk, their lives).

    A hook is entered at the start and left at the end. `app.state` carries `database`, `settings`, `feed`, `streams`,
    `metrics`. Raises UndeclaredRoute.
    """
    feed, metrics = Feed(database), Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for hook in hooks:
                await stack.enter_async_context(hook(app))
            await stack.enter_async_context(_running(feed))
            yield

    app = FastAPI(
        title="Callcenter",
        version=version("callcenter"),
        description="An open-source AI contact center on LiveKit.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        generate_unique_id_function=schema.operation_id,
    )
    app.state.database, app.state.settings = database, settings
    app.state.feed, app.state.streams, app.state.metrics = feed, feed.streams, metrics
    app.state.stream_timing = events_api.StreamTiming()
    app.state.hashing = Hashing()
    problems.install(app)
    for router in (*ROUTERS, *routers):
        app.include_router(router)
    for path, name in undeclared(app):
        raise UndeclaredRoute(f"{path} ({name})")
    app.router.default = Console(console)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecureHeaders)
    app.add_middleware(Measured, metrics=metrics)
    app.openapi = schema.describe(app, events_api.StreamEvent)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _running(feed: Feed) -> AsyncIterator[None]:
    task = asyncio.create_task(feed.run())
    try:
        yield
    finally:
        feed.close()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def undeclared(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Routes under /api without `Permit` or `Public`: path and name."""
    for route in iter_route_contexts(app.routes):
        path = route.path or ""
        if path.startswith("/api") and declared(route) is None:
            yield path, route.name or ""


def declared(route: RouteContext) -> Permit | Public | None:
    """What a route says about who may use it."""
    dependant = getattr(route, "dependant", None)
    return _guard_in(dependant) if isinstance(dependant, Dependant) else None


def _guard_in(dependant: Dependant) -> Permit | Public | None:
    for needed in dependant.dependencies:
        if isinstance(needed.call, Permit | Public):
            return needed.call
        if (deeper := _guard_in(needed)) is not None:
            return deeper
    return None
