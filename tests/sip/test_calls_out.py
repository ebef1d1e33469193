"""Calls out through a real LiveKit to a scripted SIP phone: what is placed, what the guard stops, and what is left."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from livekit import api
from livekit.protocol import sip as proto
from numpy.typing import NDArray
from pydantic import SecretStr

import sip
from callcenter.platform.embedded.phone import IncomingCall, Phone
from callcenter.platform.entrypoints import trial_call
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.livekit_calls import LiveKitCalls
from callcenter.platform.plumbing.livekit_rooms import LiveKitRooms
from callcenter.platform.wire.settings import Settings
from callcenter.records.calls.model import Call
from callcenter.stages.outbound.dialler import Answered, Dialler, NotAnswered, Ready
from callcenter.stages.outbound.flow import Order
from callcenter.stages.outbound.model import CallOut, Failure, Purpose
from sip import Guard
from sip.desired import Marker
from sip.guard import Refusal, Why
from tests.stack import CALLCENTER, Stack

pytestmark = pytest.mark.livekit

CALLEE = "+493023125001"  # for films only: Bundesnetzagentur
OURS = "+493023125999"
WIDE = Guard(prefixes=("+49", "+44", "+1"), concurrent=9)
REFUSED = {
    "112": Why.EMERGENCY,
    "+4930112": Why.EMERGENCY,
    "4567": Why.SHORT,
    "+19005551234": Why.PREMIUM,
    "+491805123456": Why.PREMIUM,
    "+881612345678": Why.GLOBAL,
    "+18765551234": Why.OUTSIDE,
    "+390612345678": Why.OUTSIDE,
    "+15550100": Why.INVALID,
    "03023125001": Why.UNREADABLE,
}


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


async def said(process: asyncio.subprocess.Process, until: str = "") -> str:
    """What it says up to the line that begins like this; without one, all that is left."""
    assert process.stdout is not None
    lines = []
    async for line in process.stdout:
        lines.append(line.decode())
        if until and lines[-1].startswith(until):
            break
    return "".join(lines)


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


async def test_a_trial_call_rings_is_answered_plays_tones_and_hangs_up(stack: Stack, tmp_path: Path) -> None:
    async with carrier(stack, tmp_path) as world:
        trial = await world.command("+49 30 23125001", "--seconds", "3")
        call = await anext(world.arriving)
        assert (call.callee, call.caller) == (CALLEE, OURS)
        call.ring()
        words = await said(trial, until="It rings")
        answered_at = await call.answer()
        await call.hears_sound(15, after=answered_at)
        await call.say(tone(0.5))
        end = await call.ended(20)
        words += await said(trial)
        assert await trial.wait() == 0, words
        assert (end.by, end.status) == ("remote", 200)
        for part in ("It rings after", "Answered after", call.call_id, "We hung up.", "The other side was heard."):
            assert part in words
        assert CALLEE not in words
        assert await world.states() == [("ended", "hung_up")]


async def test_a_call_out_is_no_incoming_call(stack: Stack, tmp_path: Path) -> None:
    async with carrier(stack, tmp_path) as world:
        ready, call = await world.talking()
        async with world.db.transaction() as tx:
            taken = await tx.scalar(sa.select(sa.func.count()).where(Call.room == ready.asked.room))
            kept = await tx.scalar(sa.select(CallOut.sip_call_id).where(CallOut.id == ready.asked.id))
        assert taken == 0
        assert kept == call.call_id
        await world.dialler.hang_up(ready.asked)
        assert (await call.ended(5)).by == "remote"


async def test_busy_declined_and_nobody_there_are_told_apart(stack: Stack, tmp_path: Path) -> None:
    async with carrier(stack, tmp_path) as world:
        for status, failure in ((486, Failure.BUSY), (603, Failure.DECLINED), (404, Failure.NO_SUCH_NUMBER)):
            dialling = asyncio.create_task(world.dialler.dial(await world.ready()))
            await (await anext(world.arriving)).refuse(status)
            result = await dialling
            assert isinstance(result, NotAnswered)
            assert (result.failure, result.status) == (failure, status)
        dialling = asyncio.create_task(world.dialler.dial(await world.ready(ring=2)))
        call = await anext(world.arriving)
        call.ring()
        result = await dialling
        assert isinstance(result, NotAnswered)
        assert result.failure is Failure.NO_ANSWER
        assert (await call.ended(5)).status == 487, "the phone must not ring on"
        failed = [("failed", because) for because in ("busy", "declined", "no_such_number", "no_answer")]
        assert await world.states() == failed


async def test_what_the_guard_refuses_never_reaches_the_phone(
    stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with carrier(stack, tmp_path) as world:
        assert {number: await world.refusal(number) for number in REFUSED} == REFUSED
        assert await asyncio.to_thread(trial_call.run, world.settings, "+49112", world.trunk, 5, 5) == 1
        words = capsys.readouterr().err
        assert "refused (emergency)" in words
        assert "expected a telephone that knows where it stands" in words
        ready, call = await world.talking()
        assert call.callee == CALLEE, "an INVITE of a refused call was seen first"
        await world.dialler.hang_up(ready.asked)
        states = await world.states()
        assert sorted(states[:-1], key=str) == sorted(
            [("refused", why) for why in [*REFUSED.values(), Why.EMERGENCY]], key=str
        )


async def test_a_trunk_without_a_guard_calls_nobody(stack: Stack, tmp_path: Path) -> None:
    async with carrier(stack, tmp_path, guard=None) as world:
        assert await world.refusal() is Why.NO_GUARD


async def test_the_caps_hold_and_a_call_that_is_over_makes_room(stack: Stack, tmp_path: Path) -> None:
    async with carrier(stack, tmp_path, Guard(prefixes=("+49",), concurrent=1, calls_per_hour=2)) as world:
        ready, call = await world.talking()
        assert await world.refusal() is Why.CONCURRENT
        await world.dialler.hang_up(ready.asked)
        await call.ended(5)
        ready, call = await world.talking()
        await world.dialler.hang_up(ready.asked)
        assert await world.refusal() is Why.HOUR


async def test_routers_end_what_nobody_looks_after(stack: Stack, tmp_path: Path) -> None:
    """One call whose caller died after the answer, and one whose callee hung up unseen."""
    async with carrier(stack, tmp_path) as world:
        _, left_alone = await world.talking(talk=1)
        _, hung_up = await world.talking()
        await hung_up.hang_up()
        end = await left_alone.ended(10)
        assert (end.by, end.status) == ("remote", 200)
        async with asyncio.timeout(12):
            while await world.states() != [("ended", "time_is_up"), ("ended", "callee_left")]:
                await asyncio.sleep(0.2)


async def test_a_call_that_is_given_up_while_it_rings_stops_ringing(stack: Stack, tmp_path: Path) -> None:
    async with carrier(stack, tmp_path) as world:
        dialling = asyncio.create_task(world.dialler.dial(await world.ready()))
        call = await anext(world.arriving)
        call.ring()
        dialling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dialling
        assert (await call.ended(5)).status == 487
        assert await world.states() == [("failed", "abandoned")]
