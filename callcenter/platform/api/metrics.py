"""Numbers for Prometheus: requests as they happen, the state of the contact center at each scrape (figures.py)."""

import time
from collections.abc import Iterable, Sequence
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callcenter.platform.api import figures
from callcenter.platform.plumbing.db import Tx
from callcenter.records.timeline.read import Position, waiting_since

STREAMS = ("/api/events",)  # they last as long as the client wants: no duration
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics(Collector):
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
        self.feed_lag = self._gauge(
            "callcenter_event_feed_lag_seconds", "Age of the oldest event that this process has not handed on."
        )
        self.desk_connections = self._gauge(
            "callcenter_desk_connections", "Workers and jobs connected to the desk of this process."
        )
        self._gauge("callcenter_build_info", "Always 1.", "version").labels(version("callcenter")).set(1)
        self.state: Sequence[Metric] = ()
        self.registry.register(self)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry)

    def collect(self) -> Iterable[Metric]:
        """What the last reading of the database found (prometheus_client's Collector)."""
        return self.state

    async def read(self, tx: Tx, place: Position | None) -> None:
        """Set what comes from the database; `place` is how far this process has handed on the timeline."""
        self.state = await figures.read(tx)
        self.feed_lag.set(await waiting_since(tx, place) if place is not None else 0)

    def forget(self) -> None:
        """The database does not answer: what it said before is not true for ever."""
        self.state = ()


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
