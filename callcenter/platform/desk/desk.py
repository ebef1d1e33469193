"""The desk: WebSockets of workers and jobs. Messages of one call are handled in their order, calls independently."""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary, WeakValueDictionary

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from callcenter.journey import suspected
from callcenter.journey.verb import Journey
from callcenter.platform.desk import calls
from callcenter.platform.desk.connections import Connections, send
from callcenter.platform.desk.watch import Watch
from callcenter.platform.desk.workers import Workers
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.plumbing.tokens import BadToken, JobTokens
from callcenter.platform.wire import messages as wire
from callcenter.platform.wire.base import Message, SeatKind, Speaker
from callcenter.platform.wire.voicemail import VoicemailPart
from callcenter.stages.offers import store as offers

log = logging.getLogger(__name__)

POLICY_VIOLATION = 1008  # RFC 6455, section 7.4.1
FIRST_MESSAGE_SECONDS = 5.0
LATE_WORDS_SECONDS = 24 * 3600.0  # so long a dead process's words are kept where it ran
MESSAGES_AT_ONCE = 64  # of one connection, handled or waiting for the database
RETRY_SECONDS = (0.1, 0.2, 0.5, 1, 2, 2, 5, 5, 5, 5, 5)  # a restart of Postgres takes seconds


def _nobody_listens(_call_id: str, _words: wire.Interim) -> None:
    pass


@dataclass
class Desk:
    """One replica of the desk."""

    journey: Journey
    name: str
    secret: str
    tokens: JobTokens
    connections: Connections
    watch: Watch
    workers: Workers
    wake_delivery: Callable[[], None]
    tell_interim: Callable[[str, wire.Interim], None] = _nobody_listens
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _said_goodbye: set[str] = field(default_factory=set)
    _slots: WeakKeyDictionary[WebSocket, asyncio.Semaphore] = field(default_factory=WeakKeyDictionary)

    def router(self) -> APIRouter:
        """`/desk/worker`, `/desk/job` and `/desk/replay`."""
        routes = APIRouter()
        routes.add_api_websocket_route("/desk/worker", self.worker)
        routes.add_api_websocket_route("/desk/job", self.job)
        routes.add_api_websocket_route("/desk/replay", self.replay)
        return routes

    # --- workers -------------------------------------------------------------------------------------------------

    async def worker(self, socket: WebSocket) -> None:
        """A worker's connection: registers first, then beats; an attendant's calls speak here too."""
        if not hmac.compare_digest(_bearer(socket).encode(), self.secret.encode()):
            await socket.close(POLICY_VIOLATION)
            return
        await socket.accept()
        first = await self._first(socket)
        if not isinstance(first, wire.Register):
            await socket.close(POLICY_VIOLATION)
            return
        await self.workers.register(first)
        self.connections.add(first.worker, socket)
        self.watch.worker_beat(first.worker)
        await send(socket, wire.Registered(worker=first.worker))
        self.wake_delivery()
        try:
            await self._read(socket, lambda message: self._from_worker(socket, first, message))
        finally:
            self._said_goodbye.discard(first.worker)
            self.workers.closed(first.worker)
            if self.connections.drop(first.worker, socket):
                self.watch.worker_closed(first.worker)

    async def _from_worker(self, socket: WebSocket, worker: wire.Register, message: wire.Up) -> None:
        if worker.worker in self._said_goodbye:  # what comes after its goodbye would make it known again
            return
        self.watch.worker_beat(worker.worker)
        self.connections.heard(worker.worker)
        if isinstance(message, wire.WorkerBeat):
            if not await self.workers.beat(worker.worker, message):
                await self.workers.register(worker)
            return
        if isinstance(message, wire.Bye):
            self._said_goodbye.add(worker.worker)
            self.watch.worker_left(worker.worker)
            await self.workers.bye(worker.worker)
            return
        allowed = calls.AboutCall if worker.kind is SeatKind.ATTENDANT else wire.Refuse
        if isinstance(message, allowed):
            await self._in_order(socket, message, worker.worker)

    # --- jobs ----------------------------------------------------------------------------------------------------

    async def job(self, socket: WebSocket) -> None:
        """A job's connection: its token names the one offer it may speak of."""
        try:
            offer_id = OfferId(self.tokens.offer_of(_bearer(socket)))
        except BadToken:
            await socket.close(POLICY_VIOLATION)
            return
        await socket.accept()
        first = await self._first(socket)
        if not isinstance(first, wire.Hello) or first.offer_id != offer_id:
            await socket.close(POLICY_VIOLATION)
            return
        self.connections.add(offer_id, socket)
        self.watch.beat(offer_id)
        try:
            call_id = await self._hello(socket, offer_id)
            await self._read(socket, lambda message: self._from_job(socket, offer_id, call_id, message))
        finally:
            if self.connections.drop(offer_id, socket):
                self.watch.closed(offer_id)

    async def _hello(self, socket: WebSocket, offer_id: OfferId) -> str | None:
        """Tell a job that comes (back) how its offer stands; returns its call."""
        async with self.journey.db.transaction() as tx:
            await offers.reconnected(tx, offer_id, self.name)
            offer = await offers.find(tx, offer_id)
        if offer is None or not offer.live:
            because = f"the offer is {offer.state}" if offer else "there is no such offer"
            await send(socket, wire.Leave(offer_id=offer_id, because=because))
        elif offer.suspect_since is not None:
            await suspected.recovered(self.journey, offer_id)
        self.wake_delivery()
        return offer.call_id if offer else None

    async def _from_job(self, socket: WebSocket, offer_id: OfferId, call_id: str | None, message: wire.Up) -> None:
        self.watch.beat(offer_id, message.saying if isinstance(message, wire.JobBeat) else None)
        if call_id is not None and (words := _interim(message)) is not None and words.offer_id == offer_id:
            self.tell_interim(call_id, words)
        if isinstance(message, calls.AboutCall) and message.offer_id == offer_id:
            await self._in_order(socket, message)

    # --- what dead processes left ----------------------------------------------------------------------------------

    async def replay(self, socket: WebSocket) -> None:
        """Words and sound of a process that died, brought by another with the token of their offer, even long after the
        call: evidence is always accepted (decision 4). It opens nothing else, and shows nobody alive."""
        try:
            offer_id = OfferId(self.tokens.offer_of(_bearer(socket), late_seconds=LATE_WORDS_SECONDS))
        except BadToken:
            await socket.close(POLICY_VIOLATION)
            return
        async with self.journey.db.transaction() as tx:
            offer = await offers.find(tx, offer_id)
        await socket.accept()
        if offer is None:
            await socket.close(POLICY_VIOLATION, "there is no such offer")
            return
        await self._read(socket, lambda message: self._replayed(socket, offer_id, message))

    async def _replayed(self, socket: WebSocket, offer_id: OfferId, message: wire.Up) -> None:
        if isinstance(message, wire.Segment | VoicemailPart) and message.offer_id == offer_id:
            await self._in_order(socket, message)

    # --- both ----------------------------------------------------------------------------------------------------

    async def _first(self, socket: WebSocket) -> wire.Up | None:
        try:
            async with asyncio.timeout(FIRST_MESSAGE_SECONDS):
                return wire.UP.validate_json(await socket.receive_text())
        except (ValidationError, WebSocketDisconnect, TimeoutError, KeyError):
            return None

    async def _read(self, socket: WebSocket, handle: Callable[[wire.Up], Awaitable[None]]) -> None:
        while True:
            try:
                text = await socket.receive_text()
            except (WebSocketDisconnect, KeyError):
                return
            try:
                message = wire.UP.validate_json(text)
            except ValidationError as error:
                log.warning("message not understood", extra={"errors": error.error_count()})
                continue
            try:
                await handle(message)
            except Exception:  # a database that is away for a moment is no reason to hang up on a worker
                log.exception("message failed", extra={"type": message.type})

    async def _in_order(self, socket: WebSocket, message: calls.AboutCall, worker: str | None = None) -> None:
        """Handle after all earlier messages of the same offer; asyncio's locks are fair. With `worker`, only when the
        offer was made to it. A sender that is faster than the database waits: nothing more is read of it."""
        slots = self._slots.setdefault(socket, asyncio.Semaphore(MESSAGES_AT_ONCE))
        await slots.acquire()
        lock = self._locks.setdefault(message.offer_id, asyncio.Lock())
        task = asyncio.create_task(self._handle(socket, message, lock, worker))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: slots.release())

    async def _handle(
        self, socket: WebSocket, message: calls.AboutCall, lock: asyncio.Lock, worker: str | None
    ) -> None:
        async with lock:
            try:
                answer = await self._patiently(message, worker)
            except Exception:
                log.exception("message failed", extra={"offer_id": message.offer_id, "type": message.type})
                answer = calls.apology(message)
            if answer is not None:
                await self.connections.tell(socket, answer)
            if isinstance(message, wire.Left):
                self.watch.done(OfferId(message.offer_id))
        self.wake_delivery()

    async def _patiently(self, message: calls.AboutCall, worker: str | None) -> Message | None:
        """Handle it; while the database is away, try again: what a job says once must not be lost. Verbs can be
        repeated."""
        for wait in RETRY_SECONDS:
            try:
                return await self._once(message, worker)
            except (OperationalError, InterfaceError, PoolTimeout, OSError, TimeoutError) as error:
                extra = {"offer_id": message.offer_id, "type": message.type, "error": type(error).__name__}
                log.warning("message waits for the database", extra=extra)
                await asyncio.sleep(wait)
        return await self._once(message, worker)

    async def _once(self, message: calls.AboutCall, worker: str | None) -> Message | None:
        if worker is not None and not await self.workers.owns(worker, OfferId(message.offer_id)):
            log.warning("a worker speaks of an offer that is not its own", extra={"worker": worker})
            return None
        return await calls.handle(self.journey, self.name, message)


def _interim(message: wire.Up) -> wire.Interim | None:
    """What of a message is words that are not final: of the caller, or what was heard so far of the agent's."""
    match message:
        case wire.Interim():
            return message
        case wire.JobBeat(saying=wire.Saying() as saying):
            return wire.Interim(offer_id=message.offer_id, speaker=Speaker.AGENT, seq=saying.seq, text=saying.text)
        case _:
            return None


def _bearer(socket: WebSocket) -> str:
    scheme, _, value = socket.headers.get("authorization", "").partition(" ")
    return value if scheme.lower() == "bearer" else ""
