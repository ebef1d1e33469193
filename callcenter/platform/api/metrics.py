"""Numbers for Prometheus: requests as they happen, the state of the contact center at each scrape."""

import time
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callcenter.journey.model import Effect
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.wire.base import SeatKind
from callcenter.records.calls.model import Call, CallState
from callcenter.stages.offers.model import ABSENT, Seat, Worker, WorkerState
from callcenter.stages.outbound.model import CallOut
from callcenter.stages.waiting.model import WaitingEntry, WaitingState

STREAMS = ("/api/events",)  # they last as long as the client wants: no duration
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One process's registry: no global one, so that two applications in a process do not share numbers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "callcenter_http_requests", "Answered requests.", ("method", "route", "status"), registry=self.registry
        )
        self.durations = Histogram(
            "callcenter_http_request_seconds",
            "Time until the answer was sent.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.database_up = self._gauge("callcenter_database_up", "Whether Postgres answered this scrape.")
        self.streams = self._gauge("callcenter_event_streams", "Clients of GET /api/events on this process.")
        self.calls = self._gauge("callcenter_calls", "Live calls.", "state")
        self.waiting = self._gauge("callcenter_calls_in_line", "Calls in line, by queue.", "queue")
        self.seats = self._gauge("callcenter_seats", "Seats of workers that are not lost.", "kind", "state")
        self.workers = self._gauge("callcenter_workers", "Workers known.", "kind", "state")
        self.calls_out = self._gauge("callcenter_calls_out", "Calls out asked for in 24 hours.", "trunk", "state")
        self.effects = self._gauge("callcenter_effects_overdue", "Effects due for over a second and not done.")

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry)

    async def read(self, tx: Tx) -> None:
        """Set the gauges from the database."""
        live = sa.select(Call.state, sa.func.count()).where(Call.state != CallState.ENDED).group_by(Call.state)
        states = [(state.value,) for state in CallState if state is not CallState.ENDED]
        self._set(self.calls, states, await tx.execute(live))
        line = (
            sa.select(sa.func.coalesce(WaitingEntry.queue, ""), sa.func.count())
            .where(WaitingEntry.state == WaitingState.WAITING)
            .group_by(WaitingEntry.queue)
        )
        self._set(self.waiting, [], await tx.execute(line))
        busy = sa.case((Seat.offer_id.is_(None), "free"), else_="busy")
        seats = (
            sa.select(Worker.kind, busy, sa.func.count())
            .join(Worker, Worker.name == Seat.worker)
            .where(Worker.state.not_in(ABSENT))
            .group_by(Worker.kind, busy)
        )
        kinds = [(kind.value, state) for kind in SeatKind for state in ("free", "busy")]
        self._set(self.seats, kinds, await tx.execute(seats))
        workers = sa.select(Worker.kind, Worker.state, sa.func.count()).group_by(Worker.kind, Worker.state)
        all_workers = [(kind.value, state.value) for kind in SeatKind for state in WorkerState]
        self._set(self.workers, all_workers, await tx.execute(workers))
        lately = CallOut.requested_at > sa.func.clock_timestamp() - sa.text("interval '24 hours'")
        calls_out = sa.select(CallOut.trunk, CallOut.state, sa.func.count()).where(lately)
        self._set(self.calls_out, [], await tx.execute(calls_out.group_by(CallOut.trunk, CallOut.state)))
        overdue = sa.select(sa.func.count()).where(
            Effect.done_at.is_(None), Effect.due_at < sa.func.clock_timestamp() - sa.text("interval '1 second'")
        )
        self.effects.set(await tx.scalar(overdue))

    @staticmethod
    def _set(gauge: Gauge, known: Sequence[tuple[str, ...]], rows: Iterable[Sequence[object]]) -> None:
        gauge.clear()
        for labels in known:
            gauge.labels(*labels).set(0)
        for row in rows:
            gauge.labels(*map(str, row[:-1])).set(float(str(row[-1])))


class Measured:
    """ASGI middleware: counts and times every request under its route's template, never under its real path."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            method = (
                scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE") else "other"
            )
            self.metrics.requests.labels(method, route, str(status)).inc()
            if route not in STREAMS:
                self.metrics.durations.labels(method, route).observe(time.perf_counter() - began)
