"""An attendant process with its scripted desk and its scripted voice, in real rooms."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livekit import api

from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.brief import AttendantPlan, ModelEndpoint
from callcenter.platform.wire.identities import attendant_identity
from callcenter.platform.wire.messages import Claim, Claimed, Denied, EndCall, Register, Take, Up
from tests.inroom.fake_desk import FakeDesk
from tests.inroom.fake_models import FakeModels, silent_model
from tests.inroom.program import started
from tests.inroom.rooms import Caller, LiveKit, allow_to_publish

OPENING = "All our agents are busy. Please hold on."


@dataclass
class Lobby:
    """The attendant process with its desk; `plan` is what the next claim is answered with, None denies it."""

    livekit: LiveKit
    desk: FakeDesk
    models: FakeModels
    pid: int = 0
    plan: AttendantPlan | None = None
    rooms: dict[str, str] = field(default_factory=dict)

    def planned(self, **changes: Any) -> AttendantPlan:
        voice = ModelEndpoint(model="tts-1", base_url=self.models.url)
        return AttendantPlan(**{"opening": OPENING, "tts": voice, **changes})

    async def take(self, caller: Caller) -> str:
        offer_id = uuid.uuid4().hex
        self.rooms[offer_id] = caller.room_name
        token = await self.livekit.room_token(caller.room_name, attendant_identity(offer_id))
        await self.desk.say(
            Take(
                offer_id=offer_id,
                call_id="c",
                room=caller.room_name,
                token=token,
                livekit_url=self.livekit.url,
                caller_identity=caller.identity,
            )
        )
        return offer_id

    async def answer(self, desk: FakeDesk, message: Up) -> None:
        if isinstance(message, Claim):
            if self.plan is None:
                await desk.say(Denied(offer_id=message.offer_id, because="expired"))
                return
            room = self.rooms[message.offer_id]
            await allow_to_publish(self.livekit, room, attendant_identity(message.offer_id))
            await desk.say(
                Claimed(offer_id=message.offer_id, call_id="c", caller_identity="caller", attendant=self.plan)
            )
        if isinstance(message, EndCall):
            async with self.livekit.api() as lk:
                await lk.room.delete_room(api.DeleteRoomRequest(room=self.rooms[message.offer_id]))

    @asynccontextmanager
    async def says_nothing(self) -> AsyncIterator[None]:
        """The desk hears and answers nothing: its answers are lost with it."""

        async def hear(_desk: FakeDesk, _message: Up) -> None:
            pass

        answer, self.desk.on_message = self.desk.on_message, hear
        try:
            yield
        finally:
            self.desk.on_message = answer


@asynccontextmanager
async def attendant_worker(livekit: LiveKit, folder: Path) -> AsyncIterator[Lobby]:
    """A real attendant process with three seats; that it ends by itself when it is told to is asserted."""
    async with FakeModels(silent_model) as models, FakeDesk() as desk:
        lobby = Lobby(livekit, desk, models)
        desk.on_message = lobby.answer
        process = await started("attendant", desk, folder, CALLCENTER_ATTENDANT_SEATS="3")
        registered = await desk.wait_for(Register, seconds=30)
        lobby.pid = registered.pid
        assert (registered.kind, registered.seats) == (SeatKind.ATTENDANT, 3)
        yield lobby
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 20) == 0
