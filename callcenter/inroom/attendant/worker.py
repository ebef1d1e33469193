"""The attendant process: its seats at the desk, and one task per room."""

import asyncio
import logging
import os
import signal
import uuid

from callcenter.inroom.attendant.company import Company
from callcenter.inroom.client.leaving import Leaving
from callcenter.inroom.client.line import Command, Line
from callcenter.inroom.client.link import DeskLink
from callcenter.inroom.client.offer_file import Address
from callcenter.inroom.client.outbox import Outbox, outbox_folder
from callcenter.inroom.client.replay import Replay
from callcenter.inroom.sender.clips import Clips
from callcenter.inroom.sender.process import Sender
from callcenter.inroom.sound import music
from callcenter.inroom.sound.sounds import Sounds
from callcenter.inroom.sound.speech import Speech
from callcenter.platform.wire.asking import Announce, NewPlan
from callcenter.platform.wire.base import Message, SeatKind
from callcenter.platform.wire.messages import (
    WORKER_BEAT_SECONDS,
    Bye,
    Drain,
    Fade,
    Leave,
    Refuse,
    Register,
    RunningJob,
    SayAndEnd,
    Take,
    WorkerBeat,
)
from callcenter.platform.wire.settings import Settings

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 1.0


class AttendantWorker:
    """Takes rooms from the desk until drained; everything about a room travels on the one connection."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._name = f"attendant-{uuid.uuid4().hex[:8]}"
        self._rooms: dict[str, tuple[Company, asyncio.Task[None]]] = {}
        self._leaving = Leaving(settings.drain_seconds)
        self._emptied = asyncio.Event()
        self._speech = Speech(settings)
        self._sounds = Sounds(settings)
        self._sender = Sender()
        self._clips = Clips()
        line = Line(
            url=f"{settings.desk_url}/worker",
            secret=settings.desk_secret.get_secret_value(),
            first=self._register,
            beat=self._beat,
            beat_seconds=WORKER_BEAT_SECONDS,
            on_command=self._on_command,
        )
        self._outbox = Outbox(outbox_folder(settings.data_dir))
        self._link = DeskLink(line, self._outbox)

    @property
    def reporting(self) -> bool:
        """Whether the desk knows this worker now."""
        return self._link.connected

    async def run(self) -> None:
        """Work until drained by SIGTERM, SIGINT or the desk and the last caller has gone."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._leaving.asked)
        await self._clips.of(await asyncio.to_thread(music.loop))
        await self._sender.run()
        logger.info("attendant ready", extra={"worker": self._name, "seats": self._settings.attendant_seats})
        desk = asyncio.create_task(self._link.run())
        drained = asyncio.create_task(self._drain())
        replay = asyncio.create_task(Replay(outbox_folder(self._settings.data_dir)).run())
        try:
            await asyncio.wait((desk, drained), return_when=asyncio.FIRST_COMPLETED)
            for task in (desk, drained):
                if task.done():
                    task.result()
        finally:
            for task in (desk, drained, replay):
                task.cancel()
            await asyncio.gather(desk, drained, replay, return_exceptions=True)
            await self._sender.close()

    async def _drain(self) -> None:
        await self._leaving.begun()
        logger.info("attendant drains", extra={"worker": self._name, "rooms": len(self._rooms)})
        self._link.send(self._beat())
        await self._leaving.empty(self._empty(), lambda: self._link.send(self._beat()))
        self._link.send(Bye())
        await self._link.sent(FLUSH_SECONDS)

    async def _empty(self) -> None:
        while self._rooms:
            self._emptied.clear()
            await self._emptied.wait()

    def _on_command(self, command: Command) -> None:
        match command:
            case Take():
                self._take(command)
            case Fade() | NewPlan() | Announce() | SayAndEnd() | Leave() if command.offer_id in self._rooms:
                self._rooms[command.offer_id][0].command(command)
            case Drain():
                self._leaving.drain()
            case _:
                pass

    def _take(self, take: Take) -> None:
        if take.offer_id in self._rooms:
            return
        if self._leaving.draining or len(self._rooms) >= self._settings.attendant_seats:
            reason = "draining" if self._leaving.draining else "no free seat"
            self._link.send(Refuse(offer_id=take.offer_id, reason=reason))
            return
        self._outbox.address(take.offer_id, Address(url=f"{self._settings.desk_url}/replay", token=take.desk_token))
        company = Company(take, self._link, self._speech, self._sounds, self._sender, self._clips, self._settings)
        task = asyncio.create_task(company.run())
        self._rooms[take.offer_id] = (company, task)
        task.add_done_callback(lambda _: self._left(take.offer_id))

    def _left(self, offer_id: str) -> None:
        self._rooms.pop(offer_id, None)
        self._outbox.forget(offer_id)
        self._emptied.set()

    def _register(self) -> Message:
        return Register(
            worker=self._name,
            kind=SeatKind.ATTENDANT,
            seats=self._settings.attendant_seats,
            deployment=self._settings.deployment,
            pid=os.getpid(),
        )

    def _beat(self) -> WorkerBeat:
        jobs = tuple(RunningJob(offer_id=offer_id, pid=os.getpid()) for offer_id in self._rooms)
        return WorkerBeat(jobs=jobs, draining=self._leaving.draining, hurry=self._leaving.hurry)
