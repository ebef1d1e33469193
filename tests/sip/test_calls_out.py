"""Calls out through a real LiveKit to a scripted SIP phone: what is placed, what the guard stops, and what is left."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from callcenter.platform.entrypoints import trial_call
from callcenter.records.calls.model import Call
from callcenter.stages.outbound.dialler import NotAnswered
from callcenter.stages.outbound.model import CallOut, Failure
from sip import Guard
from sip.guard import Why
from tests.sip.carrier import CALLEE, OURS, carrier, tone
from tests.stack import Stack

pytestmark = pytest.mark.livekit

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


async def said(process: asyncio.subprocess.Process, until: str = "") -> str:
    """What it says up to the line that begins like this; without one, all that is left."""
    assert process.stdout is not None
    lines = []
    async for line in process.stdout:
        lines.append(line.decode())
        if until and lines[-1].startswith(until):
            break
    return "".join(lines)


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
