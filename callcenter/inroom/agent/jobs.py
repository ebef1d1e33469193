"""The job processes of an agent worker. livekit-agents keeps some warm, runs each job in one of its own and watches
over them. It is not registered with LiveKit: the desk says which job to start (decision 22), with a token for its one
room, so that no agent worker holds LiveKit's secret."""

import asyncio
import logging
import os
from typing import Any

from livekit.agents import AgentServer
from livekit.agents.job import JobAcceptArguments, RunningJobInfo
from livekit.protocol import agent, models

from callcenter.inroom.agent import job
from callcenter.platform.wire.identities import agent_identity
from callcenter.platform.wire.messages import RunningJob, Take
from callcenter.platform.wire.settings import Settings

logger = logging.getLogger(__name__)

IDLE_PROCESSES = 2
INITIALIZE_SECONDS = 30.0
# A call's last words wait two seconds for the desk, the session's close about as long.
SESSION_END_SECONDS = 36.0  # a job waits for a desk that is away, to tell it how its call ended
LIVEKIT_VARIABLES = ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")


class Jobs:
    """Those of one worker. What livekit-agents offers no other way to is reached through its pool of processes."""

    def __init__(self, settings: Settings, worker: str) -> None:
        self._worker = worker
        # The server would use them, and its processes inherit them: neither needs to know.
        for variable in LIVEKIT_VARIABLES:
            os.environ.pop(variable, None)
        self._server = AgentServer(
            host="127.0.0.1",
            port=0,
            load_fnc=lambda: 0.0,  # seats are counted by the worker
            load_threshold=float("inf"),
            num_idle_processes=min(IDLE_PROCESSES, settings.agent_seats),
            initialize_process_timeout=INITIALIZE_SECONDS,
            session_end_timeout=SESSION_END_SECONDS,
            setup_fnc=job.prewarm,
            preload_modules=["callcenter.inroom.agent.warm"],
        )
        self._server.rtc_session(job.entrypoint, on_session_end=job.session_end)
        self._ready = asyncio.Event()
        self._server.on("worker_started", self._ready.set)
        self._starting: dict[str, asyncio.Task[bool]] = {}

    async def run(self) -> None:
        """Keep processes warm and run jobs in them until `close`."""
        forgetting = asyncio.create_task(self._forget_reports())
        try:
            await self._server.run(unregistered=True)
        finally:
            forgetting.cancel()

    async def ready(self) -> None:
        """Wait until the first job would find a warm process."""
        await self._ready.wait()

    def start(self, take: Take) -> asyncio.Task[bool]:
        """Start a job for this offer, in a warm process or in the next one that is; whether it could be started."""
        starting = self._starting[take.offer_id] = asyncio.create_task(self._start(take))
        starting.add_done_callback(lambda _: self._starting.pop(take.offer_id))
        return starting

    async def _start(self, take: Take) -> bool:
        identity = agent_identity(take.offer_id)
        order = RunningJobInfo(
            accept_arguments=JobAcceptArguments(name="", identity=identity, metadata=""),
            job=agent.Job(
                id=identity, type=agent.JobType.JT_ROOM, room=models.Room(name=take.room), agent_name=self._worker,
                metadata=take.model_dump_json(),
            ),
            url=take.livekit_url, token=take.token, worker_id=self._worker, fake_job=False,
        )  # fmt: skip
        try:
            await self._server._proc_pool.launch_job(order)
        except Exception as error:
            logger.error("no process for a job", extra={"offer": take.offer_id, "error": type(error).__name__})
            return False
        return True

    def all(self) -> list[RunningJob]:
        """Those with a process that still lives, and those whose process is about to start (pid 0)."""
        found = dict.fromkeys(self._starting, 0)
        for process in self._busy():
            take = Take.model_validate_json(process.running_job.job.metadata)
            found[take.offer_id] = process.pid or 0
        return [RunningJob(offer_id=offer_id, pid=pid) for offer_id, pid in found.items()]

    def pids(self) -> set[int]:
        """The processes of the jobs that run."""
        return {process.pid or 0 for process in self._busy()}

    async def drained(self) -> None:
        """Wait for the jobs that run or start to end; to be called when no other is started."""
        await asyncio.gather(*self._starting.values(), return_exceptions=True)
        await self._server.drain(timeout=None)

    async def close(self) -> None:
        """End all processes."""
        await self._server.aclose()

    def _busy(self) -> list[Any]:
        """The server's own processes that have a job, dead ones for as long as it has not noticed."""
        pool = getattr(self._server, "_proc_pool", None)
        return [process for process in pool.processes if process.running_job is not None] if pool is not None else []

    async def _forget_reports(self) -> None:
        """The server queues what it would tell LiveKit of its jobs, registered or not, and waits where nobody reads."""
        await self._ready.wait()
        async for _ in self._server._msg_chan:
            pass
