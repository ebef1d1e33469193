"""A phone that stands for all the world, behind an outbound trunk of a real LiveKit."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from livekit import api
from livekit.protocol import sip as proto
from numpy.typing import NDArray
from pydantic import SecretStr

import sip
from callcenter.platform.embedded.phone import IncomingCall, Phone
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.livekit_calls import LiveKitCalls
from callcenter.platform.plumbing.livekit_rooms import LiveKitRooms
from callcenter.platform.wire.settings import Settings
from callcenter.stages.outbound.dialler import Answered, Dialler, Ready
from callcenter.stages.outbound.flow import Order
from callcenter.stages.outbound.model import CallOut, Purpose
from sip import Guard
from sip.desired import Marker
from sip.guard import Refusal, Why
from tests.stack import CALLCENTER, Stack

CALLEE = "+493023125001"  # for films only: Bundesnetzagentur
OURS = "+493023125999"
WIDE = Guard(prefixes=("+49", "+44", "+1"), concurrent=9)


@dataclass
class Carrier:
    """A phone that stands for all the world, and a trunk that leads to it."""

    stack: Stack
    db: Database
    lines: LiveKitCalls
    settings: Settings
    phone: Phone
    arriving: AsyncIterator[IncomingCall]
    trunk: str

    @property
    def dialler(self) -> Dialler:
        return Dialler(self.db, self.lines)

    def order(self, number: str = CALLEE, ring: float = 10, talk: float = 30) -> Order:
        return Order(self.trunk, number, Purpose.TRIAL, ring, talk)

    async def ready(self, **how: float) -> Ready:
        ready = await self.dialler.ask(self.order(**how))  # type: ignore[arg-type]
        assert isinstance(ready, Ready), ready
        return ready

    async def refusal(self, number: str = CALLEE) -> Why:
        answer = await self.dialler.ask(self.order(number))
        assert isinstance(answer, Refusal), answer
        return answer.why

    async def talking(self, **how: float) -> tuple[Ready, IncomingCall]:
        """A call that the phone has taken."""
        ready = await self.ready(**how)
        dialling = asyncio.create_task(self.dialler.dial(ready))
        call = await anext(self.arriving)
        await call.answer()
        assert isinstance(await dialling, Answered)
        return ready, call

    async def states(self) -> list[tuple[str, str | None]]:
        """State and reason of every attempt on this trunk, the oldest first."""
        async with self.db.transaction() as tx:
            rows = await tx.rows(
                sa.select(CallOut.state, CallOut.because)
                .where(CallOut.trunk == self.trunk)
                .order_by(CallOut.requested_at)
            )
        return [(row["state"], row["because"]) for row in rows]

    async def command(self, number: str, *options: str) -> asyncio.subprocess.Process:
        """`callcenter trunk call`, just started."""
        return await asyncio.create_subprocess_exec(
            *CALLCENTER, "trunk", "call", number, "--trunk", self.trunk, *options,
            env=self.stack.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip


@asynccontextmanager
async def carrier(stack: Stack, folder: Path, guard: Guard | None = WIDE) -> AsyncIterator[Carrier]:
    """A phone, and an outbound trunk with this guard that leads to it, as code; both gone afterwards."""
    env, name = stack.env, f"trunk-{uuid.uuid4().hex[:12]}"
    url, key, secret = (env[variable] for variable in ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"))
    settings = Settings(
        database_url=env["DATABASE_URL"], livekit_url=url, livekit_api_key=key, livekit_api_secret=SecretStr(secret)
    )
    db, rooms = Database(env["DATABASE_URL"], pool_size=2), LiveKitRooms(settings)
    lines = LiveKitCalls(settings, rooms)
    async with Phone(server=stack.sip) as phone, sip.LiveKitSip(url, key, secret) as livekit:
        arriving = phone.listen()
        trunks = wanted(folder / "trunks.yaml", name, phone.address[1], guard)
        await sip.apply(trunks, livekit)
        if guard is None:
            await without_guard(settings, name)
        try:
            yield Carrier(stack, db, lines, settings, phone, arriving, name)
        finally:
            await sip.apply(replace(trunks, outbound=()), livekit, allow_delete=True)
            await lines.close()
            await rooms.close()
            await db.close()


def wanted(file: Path, name: str, port: int, guard: Guard | None) -> sip.Desired:
    """The trunk file with this one trunk and its own owner."""
    trunk = {
        "address": f"127.0.0.1:{port}", "transport": "udp", "numbers": [OURS], "authentication": {"by_address": True},
        "guard": (guard or WIDE).model_dump(mode="json"),
    }  # fmt: skip
    file.write_text(json.dumps({"owner": name, "outbound": {name: trunk}}))
    return sip.desired(sip.load([file], {}))


async def without_guard(settings: Settings, name: str) -> None:
    """Take the trunk's guard away, as somebody might in LiveKit's own console."""
    secret = settings.livekit_api_secret.get_secret_value()
    async with api.LiveKitAPI(settings.livekit_http_url, settings.livekit_api_key, secret) as livekit:
        (info,) = (
            trunk
            for trunk in (await livekit.sip.list_outbound_trunk(proto.ListSIPOutboundTrunkRequest())).items
            if trunk.name == name
        )
        await livekit.sip.update_outbound_trunk_fields(info.sip_trunk_id, metadata=Marker(name, name).metadata())


def tone(seconds: float) -> NDArray[np.int16]:
    return (8000 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * 8000)) / 8000)).astype(np.int16)
