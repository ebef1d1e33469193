"""The API process's application: every route, every guard, in one place."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from callcenter.journey.measured import measured
from callcenter.journey.verb import Journey
from callcenter.platform.api import board, health, house, problems, schema, trunks
from callcenter.platform.api.console import DIST, Console
from callcenter.platform.api.headers import SecureHeaders
from callcenter.platform.api.limits import BodyLimit
from callcenter.platform.api.metrics import Measured, Metrics
from callcenter.platform.api.numbers import HouseNumbers, MaskedNumbers
from callcenter.platform.api.security import Permit, Public
from callcenter.platform.desk import consoles
from callcenter.platform.events import api as events_api
from callcenter.platform.events.feed import Feed
from callcenter.platform.events.interim import InterimWords, LiveWords
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.speaking import Speaking
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.settings import Settings
from callcenter.records.calls import api as calls_api
from callcenter.records.history import api as history_api
from callcenter.records.notes import api as notes_api
from callcenter.records.timeline import api as timeline_api
from callcenter.records.transcripts import api as transcripts_api
from callcenter.records.voicemails import api as voicemails_api
from callcenter.setup.audit import api as audit_api
from callcenter.setup.calendars import api as calendars_api
from callcenter.setup.caller_lists import api as caller_lists_api
from callcenter.setup.callers import api as callers_api
from callcenter.setup.invitations import api as invitations_api
from callcenter.setup.keys import api as keys_api
from callcenter.setup.limits import api as limits_api
from callcenter.setup.numbers import api as numbers_api
from callcenter.setup.people import api as people_api
from callcenter.setup.profiles import api as profiles_api
from callcenter.setup.queues import api as queues_api
from callcenter.setup.rule_editing import api as rule_editing_api
from callcenter.setup.rule_sets import api as rule_sets_api
from callcenter.setup.skills import api as skills_api
from callcenter.setup.sounds import api as sounds_api
from callcenter.setup.users import api as users_api
from callcenter.setup.users.hashing import Hashing
from callcenter.stages.arrival import api as test_calls_api
from callcenter.stages.callbacks import api as call_backs_api
from callcenter.stages.callbacks import store as call_backs
from callcenter.stages.escalation import api as escalations_api
from callcenter.stages.learning import api as lessons_api
from callcenter.stages.offers import read as offers_read
from callcenter.stages.routing import api as routing_api
from callcenter.stages.waiting import api as lines_api

ROUTERS = (
    calls_api.router,
    history_api.router,
    transcripts_api.router,
    timeline_api.router,
    notes_api.router,
    voicemails_api.router,
    events_api.router,
    users_api.router,
    people_api.router,
    invitations_api.router,
    keys_api.router,
    audit_api.router,
    calendars_api.router,
    caller_lists_api.router,
    callers_api.router,
    numbers_api.router,
    profiles_api.router,
    queues_api.router,
    limits_api.router,
    skills_api.router,
    sounds_api.router,
    rule_editing_api.router,  # before the versions: `names` is none
    trunks.router,
    rule_sets_api.router,
    routing_api.router,
    lines_api.router,
    call_backs_api.router,
    escalations_api.router,
    lessons_api.router,
    consoles.router,
    board.router,
    test_calls_api.router,
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
    journey: Journey | None = None,
    words: LiveWords | None = None,
) -> FastAPI:
    """The application; `routers` and `hooks` are what the entrypoint adds (webhooks, desk, their lives).

    A hook is entered at the start and left at the end. `app.state` carries `database`, `settings`, `feed`, `words`,
    `streams`, `metrics`, `measure` (how queues stand), `skilled` (seats by skill), `voice` (which speaks texts),
    `trunks` (which outbound ones there are) and `stored_trunks` (all that LiveKit holds; the entrypoint knows).
    Raises UndeclaredRoute.
    """
    feed, metrics, live_words = Feed(database), Metrics(), words or LiveWords(database)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for hook in hooks:
                await stack.enter_async_context(hook(app))
            await stack.enter_async_context(_running(feed, live_words))
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
    app.state.words = live_words
    app.state.feed, app.state.streams, app.state.metrics = feed, feed.streams, metrics
    app.state.stream_timing = events_api.StreamTiming()
    app.state.hashing = Hashing()
    app.state.measure = partial(measured, settings.worker_silent_seconds)
    app.state.boards = board.boards(database, settings.worker_silent_seconds, lambda: feed.position)
    app.state.promised = call_backs.is_open
    app.state.skilled = partial(
        offers_read.free_seats, kind=SeatKind.AGENT, silent_seconds=settings.worker_silent_seconds, busy_too=True
    )
    app.state.voice = Speaking(settings)
    app.state.journey = journey
    app.state.rooms = None  # the entrypoint knows the media server
    app.state.trunks, app.state.stored_trunks = _nobody_tells, trunks.nothing_stored
    problems.install(app)
    for router in (*ROUTERS, *routers):
        app.include_router(router)
    for path, name in undeclared(app):
        raise UndeclaredRoute(f"{path} ({name})")
    app.router.default = Console(console)
    app.add_middleware(MaskedNumbers, house=HouseNumbers(database))
    app.add_middleware(BodyLimit)
    app.add_middleware(SecureHeaders, media_url=settings.livekit_browser_url)
    app.add_middleware(Measured, metrics=metrics)
    app.openapi = schema.describe(app, events_api.StreamEvent, InterimWords)  # type: ignore[method-assign]
    return app


async def _nobody_tells() -> None:
    """The outbound trunks, where no media server can be asked: then rules are not judged by them."""


@asynccontextmanager
async def _running(feed: Feed, words: LiveWords) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(feed.run()), asyncio.create_task(words.run())]
    try:
        yield
    finally:
        feed.close()
        for task in tasks:
            task.cancel()
        for task in tasks:
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
