"""One livekit-server for all tests of this folder, and an agent worker with a scripted desk and scripted models."""

import asyncio
import uuid
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from livekit import api

from callcenter.inroom.client.offer_file import SUFFIX
from callcenter.inroom.client.outbox import outbox_folder
from callcenter.platform.wire.base import Message, Speaker
from callcenter.platform.wire.brief import AgentBrief, ModelEndpoint
from callcenter.platform.wire.identities import agent_identity
from callcenter.platform.wire.messages import (
    Claim,
    Claimed,
    Denied,
    EndCall,
    FirstFrame,
    Register,
    Segment,
    Take,
    Up,
    WorkerBeat,
)
from callcenter.platform.wire.tools import ToolCall, ToolResult
from tests.inroom.fake_desk import FakeDesk
from tests.inroom.fake_models import FakeModels, silent_model
from tests.inroom.lobby import Lobby, attendant_worker
from tests.inroom.program import started
from tests.inroom.rooms import Caller, LiveKit, allow_to_publish, livekit_server

AUDIO = Path(__file__).parents[1] / "audio"
GREETING = "Hello, this is the shop. How can I help you today?"


def clip(name: str) -> np.ndarray:
    with wave.open(str(AUDIO / name)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)


@pytest.fixture(scope="package")
async def livekit(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveKit]:
    async with livekit_server(tmp_path_factory.mktemp("livekit")) as server:
        yield server


def endpoint(models: FakeModels, model: str) -> ModelEndpoint:
    return ModelEndpoint(model=model, base_url=models.url)


def brief(models: FakeModels, **changes: Any) -> AgentBrief:
    values: dict[str, Any] = {
        "profile": "shop",
        "instructions": "You answer for a small shop.",
        "greeting": GREETING,
        "goodbye": "Goodbye.",
        "stt": endpoint(models, "whisper-test"),
        "llm": endpoint(models, "chat-test"),
        "tts": endpoint(models, "tts-1"),
        "tools": ("order_status", "end_call"),
    }
    return AgentBrief(**{**values, **changes})


@dataclass
class Stage:
    """Everything around the agent: what it can be asked, and how the desk answers."""

    livekit: LiveKit
    desk: FakeDesk
    models: FakeModels
    folder: Path
    worker: str = ""
    process: asyncio.subprocess.Process | None = None
    brief: AgentBrief | None = None
    denies: bool = False
    tool: Callable[[ToolCall], ToolResult] | None = None
    rooms: dict[str, str] = field(default_factory=dict)

    async def offer(self, caller: Caller, offer_id: str | None = None) -> str:
        """Offer the caller to the worker, as the router does; returns the offer's id, a new one where none is given."""
        offer_id = offer_id or uuid.uuid4().hex
        self.rooms[offer_id] = caller.room_name
        take = Take(
            offer_id=offer_id,
            call_id=f"c-{offer_id[:8]}",
            room=caller.room_name,
            token=await self.livekit.room_token(caller.room_name, agent_identity(offer_id)),
            livekit_url=self.livekit.url,
            caller_identity=caller.identity,
            desk_token=f"job-{offer_id}",
        )
        await self.desk.say(take)
        return offer_id

    async def greeted(self, caller: Caller) -> str:
        """The caller is offered and has been greeted, and all fixed sentences have been synthesised; the offer's id."""
        offer_id = await self.offer(caller)
        await self.desk.wait_for(FirstFrame)
        await self.desk.wait_for(Segment, lambda s: s.text == GREETING)
        return offer_id

    async def answer(self, desk: FakeDesk, message: Up) -> None:
        reply: Message | None = None
        if isinstance(message, Claim):
            reply = await self._claimed(message)
        elif isinstance(message, ToolCall):
            assert self.tool is not None
            reply = self.tool(message)
        elif isinstance(message, EndCall):
            async with self.livekit.api() as lk:
                await lk.room.delete_room(api.DeleteRoomRequest(room=self.rooms[message.offer_id]))
        if reply is not None:
            await desk.say(reply)

    async def _claimed(self, claim: Claim) -> Message:
        if self.denies:
            return Denied(offer_id=claim.offer_id, because="expired")
        await allow_to_publish(self.livekit, self.rooms[claim.offer_id], agent_identity(claim.offer_id))
        return Claimed(
            offer_id=claim.offer_id, call_id="c", caller_identity="caller", agent=self.brief or brief(self.models)
        )


@asynccontextmanager
async def agent_worker(livekit: LiveKit, folder: Path, **environment: str) -> AsyncIterator[Stage]:
    async with FakeModels(silent_model) as models, FakeDesk() as desk:
        stage = Stage(livekit, desk, models, folder)
        desk.on_message = stage.answer
        variables = {
            "CALLCENTER_AGENT_SEATS": "2",
            "OPENAI_BASE_URL": models.url,
            **environment,
        }
        stage.process = await started("agent", desk, folder, **variables)
        try:
            stage.worker = (await desk.wait_for(Register, seconds=60)).worker
            yield stage
        finally:
            if stage.process.returncode is None:
                stage.process.terminate()
                try:
                    await asyncio.wait_for(stage.process.wait(), 30)
                except TimeoutError:
                    stage.process.kill()


@pytest.fixture(scope="package")
async def shared_stage(livekit: LiveKit, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("agent")
    async with agent_worker(livekit, folder) as stage:
        yield stage


@pytest.fixture
async def stage(shared_stage: Stage) -> AsyncIterator[Stage]:
    """The shared worker with its desk and models as new; afterwards its seats are free again, and nothing of this test
    will be replayed to the next."""
    shared_stage.desk.heard.clear()
    shared_stage.desk.stored.clear()
    shared_stage.desk.acknowledges = True
    shared_stage.brief, shared_stage.denies, shared_stage.tool = None, False, None
    models = shared_stage.models
    models.think, models.speech_delay = silent_model, 0.0
    for log in (models.heard, models.failing, models.transcribed_at, models.chats, models.spoken, models.delays):
        log.clear()
    yield shared_stage
    beats = len(shared_stage.desk.all(WorkerBeat))
    await shared_stage.desk.wait_for(WorkerBeat, count=beats + 1)
    await shared_stage.desk.wait_for(
        WorkerBeat, lambda beat: beat in shared_stage.desk.all(WorkerBeat)[beats:] and not beat.jobs, seconds=15
    )
    async with asyncio.timeout(15):
        while any(outbox_folder(shared_stage.folder).glob(f"*{SUFFIX}")):
            await asyncio.sleep(0.1)


@pytest.fixture(scope="package")
async def shared_lobby(livekit: LiveKit, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lobby]:
    async with attendant_worker(livekit, tmp_path_factory.mktemp("attendant")) as lobby:
        yield lobby


@pytest.fixture
async def lobby(shared_lobby: Lobby) -> AsyncIterator[Lobby]:
    """The shared attendant with its desk and voice as new; afterwards its seats are free again."""
    shared_lobby.desk.heard.clear()
    models = shared_lobby.models
    models.failing.clear()
    models.spoken.clear()
    models.speech_delay = 0.0
    shared_lobby.plan = shared_lobby.planned()
    yield shared_lobby
    beats = len(shared_lobby.desk.all(WorkerBeat))
    await shared_lobby.desk.wait_for(WorkerBeat, lambda beat: not beat.jobs, seconds=10)
    await shared_lobby.desk.wait_for(WorkerBeat, count=beats + 1)


@pytest.fixture
async def caller(livekit: LiveKit) -> AsyncIterator[Caller]:
    someone = Caller(livekit)
    await someone.join()
    yield someone
    await someone.leave()


def processes(stage: Stage) -> list[psutil.Process]:
    """The worker's process and all below it."""
    assert stage.process is not None
    main = psutil.Process(stage.process.pid)
    return [main, *main.children(recursive=True)]


async def talking(stage: Stage, livekit: LiveKit) -> tuple[Caller, str, Claim]:
    """A new caller whom the agent has begun to serve, the offer's id, and the agent's claim."""
    caller = Caller(livekit)
    await caller.join()
    offer_id = await stage.offer(caller)
    await stage.desk.wait_for(FirstFrame, lambda frame: frame.offer_id == offer_id)
    return caller, offer_id, await stage.desk.wait_for(Claim, lambda claim: claim.offer_id == offer_id)


def by(speaker: Speaker) -> Callable[[Segment], bool]:
    return lambda segment: segment.speaker is speaker


def last_words(messages: list[dict[str, Any]]) -> str:
    content = messages[-1].get("content") or ""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


async def seat_is_free(stage: Stage, offer_id: str, seconds: float = 10) -> None:
    """A beat that came after now and names this offer no more."""
    seen = len(stage.desk.all(WorkerBeat))
    await stage.desk.wait_for(WorkerBeat, count=seen + 1)
    await stage.desk.wait_for(
        WorkerBeat,
        lambda beat: beat in stage.desk.all(WorkerBeat)[seen:] and all(job.offer_id != offer_id for job in beat.jobs),
        seconds=seconds,
    )
