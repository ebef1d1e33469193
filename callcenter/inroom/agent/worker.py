"""The agent worker: registered with LiveKit under a name of its own and with the desk for its seats."""

import asyncio
import logging
import os
import signal
import uuid
from typing import Any

from livekit.agents import AgentServer, JobRequest
from livekit.agents.worker import WorkerPermissions

from callcenter.inroom.agent import job
from callcenter.inroom.agent.orphan import end_jobs_with_this_process
from callcenter.inroom.client.leaving import Leaving
from callcenter.inroom.client.line import Command, Line
from callcenter.inroom.client.link import DeskLink
from callcenter.inroom.client.outbox import Outbox, outbox_folder
from callcenter.inroom.client.replay import Replay
from callcenter.platform.wire.base import Message, SeatKind
from callcenter.platform.wire.dispatch import DispatchMetadata, agent_identity
from callcenter.platform.wire.messages import WORKER_BEAT_SECONDS, Bye, Drain, Refuse, Register, RunningJob, WorkerBeat
from callcenter.platform.wire.settings import Settings

logger = logging.getLogger(__name__)

# LiveKit calls a worker free while its load is under `agents.target_load`, 0.7 by default.
FULL_LOAD = 0.69
IDLE_PROCESSES = 2
LOOK_SECONDS = 0.1
INITIALIZE_SECONDS = 30.0
# A call's last words wait two seconds for the desk, the session's close about as long.
SESSION_END_SECONDS = 36.0  # a job waits for a desk that is away, to tell it how its call ended
FLUSH_SECONDS = 1.0
DESK_SECRET_VARIABLE = "CALLCENTER_DESK_SECRET"  # noqa: S105 (a name)


class AgentWorker:
    """Takes as many calls at once as it has seats, each in a process of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._name = f"agent-{uuid.uuid4().hex[:8]}"
        self._starting: set[str] = set()
        self._leaving = Leaving(settings.drain_seconds)
        self._registered = asyncio.Event()
        self._server = self._build_server()
        line = Line(
            url=f"{settings.desk_url}/worker",
            secret=settings.desk_secret.get_secret_value(),
            first=self._register,
            beat=self._beat,
            beat_seconds=WORKER_BEAT_SECONDS,
            on_command=self._on_command,
        )
        self._link = DeskLink(line, Outbox(None))

    def _build_server(self) -> AgentServer:
        """Seats are counted here and not by LiveKit's load threshold, which over- and under-admits bursts."""
        settings = self._settings
        server = AgentServer(
            ws_url=settings.livekit_url,
            api_key=settings.livekit_api_key,
            api_secret=settings.livekit_api_secret.get_secret_value(),
            host="127.0.0.1",
            port=0,
            load_fnc=self._load,
            load_threshold=float("inf"),
            num_idle_processes=min(IDLE_PROCESSES, settings.agent_seats),
            initialize_process_timeout=INITIALIZE_SECONDS,
            session_end_timeout=SESSION_END_SECONDS,
            permissions=WorkerPermissions(can_publish=False),
            setup_fnc=job.prewarm,
            preload_modules=["callcenter.inroom.agent.warm"],
        )
        server.rtc_session(
            job.entrypoint, agent_name=self._name, on_request=self._on_request, on_session_end=job.session_end
        )
        server.on("worker_registered", lambda *_: self._registered.set())
        return server

    @property
    def reporting(self) -> bool:
        """Whether the desk knows this worker now."""
        return self._link.connected

    async def run(self) -> None:
        """Work until drained. Raises RuntimeError when LiveKit cannot be reached for long: let the supervisor act."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._leaving.asked)
        # Job processes inherit what the server's fork server finds here, and prove themselves by their offer's token.
        os.environ.pop(DESK_SECRET_VARIABLE, None)
        end_jobs_with_this_process()
        server = asyncio.create_task(self._server.run())
        desk = asyncio.create_task(self._meet_desk())
        drained = asyncio.create_task(self._drain())
        replay = asyncio.create_task(Replay(outbox_folder(self._settings.data_dir)).run())
        deaths = asyncio.create_task(self._tell_deaths())
        try:
            await asyncio.wait((server, desk, drained), return_when=asyncio.FIRST_COMPLETED)
            for task in (server, desk, drained):
                if task.done():
                    task.result()
        finally:
            desk.cancel()  # it has said goodbye: no beat may follow
            await self._server.aclose()
            for task in (server, drained, replay, deaths):
                task.cancel()
            await asyncio.gather(server, desk, drained, replay, deaths, return_exceptions=True)

    async def _meet_desk(self) -> None:
        await self._registered.wait()
        logger.info("agent worker ready", extra={"worker": self._name, "seats": self._settings.agent_seats})
        await self._link.run()

    async def _drain(self) -> None:
        await self._leaving.begun()
        logger.info("agent worker drains", extra={"worker": self._name, "jobs": len(self._jobs())})
        if self._registered.is_set():
            self._link.send(self._beat())
            await self._leaving.empty(self._server.drain(timeout=None), lambda: self._link.send(self._beat()))
            self._link.send(Bye())
            await self._link.sent(FLUSH_SECONDS)

    async def _on_request(self, request: JobRequest) -> None:
        """Answer from memory, at once: LiveKit gives up after three seconds and one slow answer blocks the others."""
        dispatch = DispatchMetadata.model_validate_json(request.job.metadata)
        offer_id = dispatch.offer_id
        taken = {running.offer_id for running in self._jobs()}
        if offer_id in taken:
            # A refusal would take the offer from the job that already serves it.
            logger.info("offer dispatched twice", extra={"offer": offer_id})
            await request.reject(terminate=True)
            return
        if self._leaving.draining or len(taken) >= self._settings.agent_seats:
            reason = "draining" if self._leaving.draining else "no free seat"
            self._link.send(Refuse(offer_id=offer_id, reason=reason))
            await request.reject(terminate=True)
            return
        self._starting.add(offer_id)
        try:
            await request.accept(identity=agent_identity(offer_id), name="agent")
        finally:
            self._starting.discard(offer_id)

    async def _tell_deaths(self) -> None:
        """A job that is gone may have left a caller in silence: the desk hears of it now and not with the next beat."""
        before: set[int] = set()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            running = {process.pid or 0 for process in self._busy()}
            if before - running and self._registered.is_set():
                self._link.send(self._beat())
            before = running

    def _jobs(self) -> list[RunningJob]:
        """Offers with a process that still lives, and those whose process is about to start (pid 0)."""
        running: dict[str, int] = dict.fromkeys(self._starting, 0)
        for process in self._busy():
            dispatch = DispatchMetadata.model_validate_json(process.running_job.job.metadata)
            running[dispatch.offer_id] = process.pid or 0
        return [RunningJob(offer_id=offer_id, pid=pid) for offer_id, pid in running.items()]

    def _busy(self) -> list[Any]:
        """The server's own processes that have a job, dead ones for as long as it has not noticed."""
        pool = getattr(self._server, "_proc_pool", None)
        return [process for process in pool.processes if process.running_job is not None] if pool is not None else []

    def _load(self) -> float:
        return FULL_LOAD * min(1.0, len(self._jobs()) / self._settings.agent_seats)

    def _register(self) -> Message:
        return Register(
            worker=self._name,
            kind=SeatKind.AGENT,
            seats=self._settings.agent_seats,
            skills=self._settings.agent_skills,
            deployment=self._settings.deployment,
            pid=os.getpid(),
        )

    def _beat(self) -> WorkerBeat:
        return WorkerBeat(jobs=tuple(self._jobs()), draining=self._leaving.draining, hurry=self._leaving.hurry)

    def _on_command(self, command: Command) -> None:
        if isinstance(command, Drain):
            self._leaving.drain()
