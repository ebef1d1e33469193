"""`callcenter api`: console, API, LiveKit's webhooks, the desk."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from callcenter.platform.api.app import create_app
from callcenter.platform.api.trunks import stored_in
from callcenter.platform.desk import delivery, parts, sounds
from callcenter.platform.desk.connections import Connections
from callcenter.platform.desk.desk import Desk
from callcenter.platform.desk.watch import Watch
from callcenter.platform.desk.workers import Workers
from callcenter.platform.entrypoints.wiring import ControlPlane, control_plane
from callcenter.platform.events import webhooks
from callcenter.platform.events.interim import LiveWords
from callcenter.platform.plumbing import editions
from callcenter.platform.plumbing.db import Channel
from callcenter.platform.plumbing.keyring import Keyring
from callcenter.platform.plumbing.loops import forever, listen
from callcenter.platform.plumbing.model import ProcessKind
from callcenter.platform.plumbing.processes import beat, process_name
from callcenter.platform.wire import log
from callcenter.platform.wire.settings import Settings
from callcenter.records.timeline import generations
from callcenter.setup.calendars import store as calendars

DELIVERY_SECONDS = 0.5
WATCH_SECONDS = 0.2
BEAT_SECONDS = 1.0
PING_SECONDS = 20.0  # a machine that lost its power says no goodbye; whose beats matter is judged by desk/watch.py
GRACEFUL_SECONDS = 5
KEEP_ALIVE_SECONDS = 5
MOST_CONNECTIONS = 900  # below the usual limit of 1024 open files, with room for Postgres, Redis and LiveKit


def application(plane: ControlPlane) -> FastAPI:
    """The API process's application with everything that lives beside its routes."""
    settings, journey = plane.settings, plane.journey
    name = process_name(ProcessKind.API)
    connections, wake, workers = Connections(Keyring.of(settings)), asyncio.Event(), Workers(journey)
    watch = Watch(name, settings.job_closed_seconds, settings.job_silent_seconds)
    secret = settings.desk_secret.get_secret_value()
    editions.keyed(secret)
    words = LiveWords(plane.db, name)
    desk = Desk(journey, name, secret, plane.tokens, connections, watch, workers, wake.set, words.tell)
    journey.performer.wakes[Channel.DESK] = wake.set  # an order to whoever is connected here waits for no NOTIFY
    deliver = partial(delivery.deliver_once, journey, connections, plane.rooms, plane.tokens, settings.livekit_url)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        async with plane.db.transaction() as tx:
            await tx.connection.run_sync(generations.settle)
            await calendars.warm(tx)
        await beat(plane.db, name, ProcessKind.API)
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(forever("beat", partial(beat, plane.db, name, ProcessKind.API), BEAT_SECONDS)),
                tasks.create_task(forever("delivery", deliver, DELIVERY_SECONDS, wake)),
                tasks.create_task(forever("watch", partial(watch.look_once, journey), WATCH_SECONDS)),
                tasks.create_task(listen(settings.database_url, "desk", wake)),
                tasks.create_task(journey.performer.wake_forever()),
            ]
            yield
            for task in running:
                task.cancel()
        await plane.close()

    routers = (
        webhooks.router(journey, settings),
        desk.router(),
        parts.router(workers, secret),
        sounds.router(plane.db, secret, plane.tokens),
    )
    app = create_app(plane.db, settings, routers, (life,), journey=journey, words=words)
    app.state.watch, app.state.trunks, app.state.rooms = watch, plane.lines.trunks, plane.rooms
    app.state.stored_trunks = stored_in(settings)
    app.state.metrics.desk_connections.set_function(lambda: len(connections.addresses()))
    return app


class Server(uvicorn.Server):
    """Ends the event streams first: uvicorn waits for open responses, and a stream is one that never ends by itself.
    From then on a closed connection of a worker or job means nothing: it is this process that closes them."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        application = self.config.loaded_app
        if isinstance(application, FastAPI):
            application.state.feed.close()
            application.state.watch.stop()
        await super().shutdown(sockets)


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    log.configure(settings.log_level)
    asyncio.run(_serve(settings))


def server_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How the API is served. Connections beyond MOST_CONNECTIONS are told 503 and to come back."""
    return uvicorn.Config(
        app, host=settings.host, port=settings.http_port, log_config=None, access_log=False, server_header=False,
        log_level="warning",  # of its own lines: otherwise each WebSocket that opens is two of them
        timeout_graceful_shutdown=GRACEFUL_SECONDS, timeout_keep_alive=KEEP_ALIVE_SECONDS,
        limit_concurrency=MOST_CONNECTIONS, ws_max_size=1024 * 1024, ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
    )  # fmt: skip


async def _serve(settings: Settings) -> None:
    await Server(server_config(application(control_plane(settings)), settings)).serve()
