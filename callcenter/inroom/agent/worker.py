"""The agent worker: registered with the desk for its seats, and told by it which calls to go to."""

import asyncio
import logging
import os
import signal
import uuid

from callcenter.inroom.agent.jobs import Jobs
from callcenter.inroom.agent.orphan import end_jobs_with_this_process
from callcenter.inroom.client.leaving import Leaving
from callcenter.inroom.client.line import Command, Line
from callcenter.inroom.client.link import DeskLink
from callcenter.inroom.client.outbox import Outbox, outbox_folder
from callcenter.inroom.client.replay import Replay
from callcenter.platform.wire.base import Message, SeatKind
from callcenter.platform.wire.messages import WORKER_BEAT_SECONDS, Bye, Drain, Refuse, Register, Take, WorkerBeat
from callcenter.platform.wire.settings import Settings

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
FLUSH_SECONDS = 1.0
DESK_SECRET_VARIABLE = "CALLCENTER_DESK_SECRET"  # noqa: S105 (a name)


class AgentWorker:
    """Takes as many calls at once as it has seats, each in a process of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._name = f"agent-{uuid.uuid4().hex[:8]}"
        self._leaving = Leaving(settings.drain_seconds)
        self._jobs = Jobs(settings, self._name)
        line = Line(
            url=f"{settings.desk_url}/worker",
            secret=settings.desk_secret.get_secret_value(),
            first=self._register,
            beat=self._beat,
            beat_seconds=WORKER_BEAT_SECONDS,
            on_command=self._on_command,
        )
        self._link = DeskLink(line, Outbox(None))
        self._met = False

    @property
    def reporting(self) -> bool:
        """Whether the desk knows this worker now."""
        return self._link.connected

    async def run(self) -> None:
        """Work until drained."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._leaving.asked)
        # Job processes inherit what the fork server finds here, and prove themselves by their offer's token.
        os.environ.pop(DESK_SECRET_VARIABLE, None)
        end_jobs_with_this_process()
        jobs = asyncio.create_task(self._jobs.run())
        desk = asyncio.create_task(self._meet_desk())
        drained = asyncio.create_task(self._drain())
        replay = asyncio.create_task(Replay(outbox_folder(self._settings.data_dir)).run())
        deaths = asyncio.create_task(self._tell_deaths())
        try:
            await asyncio.wait((jobs, desk, drained), return_when=asyncio.FIRST_COMPLETED)
            for task in (jobs, desk, drained):
                if task.done():
                    task.result()
        finally:
            desk.cancel()  # it has said goodbye: no beat may follow
            await self._jobs.close()
            for task in (jobs, drained, replay, deaths):
                task.cancel()
            await asyncio.gather(jobs, desk, drained, replay, deaths, return_exceptions=True)

    async def _meet_desk(self) -> None:
        await self._jobs.ready()
        logger.info("agent worker ready", extra={"worker": self._name, "seats": self._settings.agent_seats})
        self._met = True
        await self._link.run()

    async def _drain(self) -> None:
        await self._leaving.begun()
        logger.info("agent worker drains", extra={"worker": self._name, "jobs": len(self._jobs.all())})
        if self._met:
            self._link.send(self._beat())
            await self._leaving.empty(self._jobs.drained(), lambda: self._link.send(self._beat()))
            self._link.send(Bye())
            await self._link.sent(FLUSH_SECONDS)

    async def _tell_deaths(self) -> None:
        """A job that is gone may have left a caller in silence: the desk hears of it now and not with the next beat."""
        before: set[int] = set()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            running = self._jobs.pids()
            if before - running and self._met:
                self._link.send(self._beat())
            before = running

    def _on_command(self, command: Command) -> None:
        match command:
            case Take():
                self._take(command)
            case Drain():
                self._leaving.drain()
            case _:
                pass

    def _take(self, take: Take) -> None:
        taken = {running.offer_id for running in self._jobs.all()}
        if take.offer_id in taken:
            # A refusal would take the offer from the job that already serves it.
            logger.info("offer sent twice", extra={"offer": take.offer_id})
        elif self._leaving.draining:
            self._refuse(take, "draining")
        elif len(taken) >= self._settings.agent_seats:
            self._refuse(take, "no free seat")
        else:
            starting = self._jobs.start(take)
            starting.add_done_callback(
                lambda done: None if done.cancelled() or done.result() else self._refuse(take, "no process could start")
            )

    def _refuse(self, take: Take, reason: str) -> None:
        self._link.send(Refuse(offer_id=take.offer_id, reason=reason))

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
        jobs = tuple(self._jobs.all())
        return WorkerBeat(jobs=jobs, draining=self._leaving.draining, hurry=self._leaving.hurry)
