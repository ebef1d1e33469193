"""A call out from the dialler's side: dialled once, told apart how it failed, and over whatever dies."""

import ast
import asyncio
from pathlib import Path

import pytest

from callcenter.platform.plumbing.livekit_calls import DialFailed
from callcenter.platform.plumbing.livekit_rooms import Participant
from callcenter.stages.arrival.rules import is_ours
from callcenter.stages.outbound import flow, store
from callcenter.stages.outbound.dialler import Answered, NotAnswered
from callcenter.stages.outbound.model import Failure
from sip import Guard
from sip.guard import Why
from tests.stages.outbound.world import World

ROOT = Path(__file__).parents[3]


@pytest.mark.pure
def test_only_the_dialler_can_make_livekit_call_somebody() -> None:
    calling = {
        str(file.relative_to(ROOT))
        for folder in ("callcenter", "sip")
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("create_sip_participant", "CreateSIPParticipantRequest")
    }
    users = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "callcenter").rglob("*.py")
        if "LiveKitCalls" in file.read_text() or ".lines.dial(" in file.read_text()
    }
    assert calling == {"callcenter/platform/plumbing/livekit_calls.py"}
    wired = {f"callcenter/platform/entrypoints/{name}.py" for name in ("trial_call", "rules", "wiring")}
    assert users == calling | wired


@pytest.mark.pure
def test_arrival_takes_no_room_of_a_call_out_for_a_callers() -> None:
    assert not is_ours(store.room_of("0198"))


@pytest.mark.postgres
async def test_a_call_is_dialled_answered_and_hung_up(world: World) -> None:
    asked = await world.answered()
    assert await world.states() == [("answered", None)]
    await world.dialler.hang_up(asked)
    await world.dialler.hang_up(asked)
    assert await world.states() == [("ended", "hung_up")]
    assert world.lines.up == {}


@pytest.mark.postgres
async def test_two_diallers_of_one_call_send_one_invite(world: World) -> None:
    ready = await world.ready()
    results = await asyncio.gather(*(world.dialler.dial(ready) for _ in range(5)))
    assert sum(isinstance(result, Answered) for result in results) == 1
    assert world.lines.dialled == [ready.asked.room]


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (486, Failure.BUSY), (600, Failure.BUSY), (408, Failure.NO_ANSWER), (480, Failure.NO_ANSWER),
        (603, Failure.DECLINED), (404, Failure.NO_SUCH_NUMBER), (403, Failure.REJECTED), (503, Failure.REJECTED),
        (None, Failure.UNREACHABLE),
    ],
)  # fmt: skip
async def test_failures_are_told_apart_and_free_the_line(world: World, status: int | None, failure: Failure) -> None:
    world.lines.guard, world.lines.refuses = Guard(prefixes=("+49",), concurrent=1), DialFailed(status, "why")
    assert await world.dialler.dial(await world.ready()) == NotAnswered(failure, status, "why")
    assert await world.states() == [("failed", failure)]
    assert await world.why() is None


@pytest.mark.postgres
async def test_a_call_that_may_be_under_way_counts_until_a_sweep_has_ended_it(world: World) -> None:
    world.lines.guard = Guard(prefixes=("+49",), concurrent=1)
    world.lines.refuses = DialFailed(None, "the answer was lost", uncertain=True)
    result = await world.dialler.dial(await world.ready())
    assert isinstance(result, NotAnswered)
    assert result.failure is Failure.UNREACHABLE
    assert await world.why() is Why.CONCURRENT
    await world.later(60)
    assert await world.sweeper.sweep_once() == 1
    assert await world.why() is None


@pytest.mark.postgres
async def test_what_a_crash_left_behind_is_swept_and_holds_no_line_for_ever(world: World) -> None:
    world.lines.guard = Guard(prefixes=("+49",), concurrent=3)
    await world.ready()
    async with world.db.transaction() as tx:
        await flow.dialling(tx, (await world.ready()).asked)
    asked = await world.answered()
    assert await world.why() is Why.CONCURRENT
    assert await world.sweeper.sweep_once() == 0, "they have time left"
    await world.later(120)
    assert await world.why() is Why.CONCURRENT, "what is not hung up counts"
    assert await world.sweeper.sweep_once() == 3
    assert asked.room not in world.lines.up
    assert [state for state in await world.states() if state[0] != "refused"] == [
        ("failed", "abandoned"), ("failed", "abandoned"), ("ended", "time_is_up")
    ]  # fmt: skip
    assert await world.why() is None


@pytest.mark.postgres
async def test_while_livekit_is_away_nothing_counts_as_hung_up(world: World) -> None:
    await world.answered()
    await world.later(120)
    world.lines.down = True
    assert await world.sweeper.sweep_once() == 0
    assert await world.states() == [("answered", None)]
    world.lines.down = False
    assert await world.sweeper.sweep_once() == 1


@pytest.mark.postgres
async def test_a_hang_up_that_livekit_did_not_hear_is_done_by_the_next_sweep(world: World) -> None:
    asked = await world.answered()
    world.lines.down = True
    with pytest.raises(ConnectionError):
        await world.dialler.hang_up(asked)
    world.lines.down = False
    assert await world.sweeper.sweep_once() == 1
    assert await world.states() == [("ended", "time_is_up")]


@pytest.mark.postgres
async def test_a_callee_who_left_unseen_is_missed_at_the_second_look(world: World) -> None:
    asked, sweeper = await world.answered(), world.sweeper
    assert await sweeper.sweep_once() == 0
    world.lines.up[asked.room] = [Participant("trial", False, {})]
    sweeper.patience_seconds = 60
    assert await sweeper.sweep_once() == 0
    sweeper.patience_seconds = 0
    assert await sweeper.sweep_once() == 1
    assert await world.states() == [("ended", "callee_left")]


@pytest.mark.postgres
async def test_a_call_answered_after_it_was_given_up_is_hung_up(world: World) -> None:
    world.lines.rings = asyncio.Event()
    dialling = asyncio.create_task(world.dialler.dial(await world.ready()))
    await world.lines.ringing.wait()
    await world.later(60)
    assert await world.sweeper.sweep_once() == 1
    world.lines.rings.set()
    result = await dialling
    assert isinstance(result, NotAnswered)
    assert result.failure is Failure.ABANDONED
    assert await world.states() == [("failed", "abandoned")]


@pytest.mark.postgres
async def test_a_sweep_ends_nothing_that_has_moved_on_since_it_looked(world: World) -> None:
    asked = await world.answered()
    async with world.db.transaction() as tx:
        assert not await flow.given_up(tx, asked.id)
    assert await world.states() == [("answered", None)]


@pytest.mark.postgres
async def test_cancelled_while_it_rings_it_is_given_up_at_once(world: World) -> None:
    world.lines.rings = asyncio.Event()
    dialling = asyncio.create_task(world.dialler.dial(await world.ready()))
    await world.lines.ringing.wait()
    dialling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dialling
    assert world.lines.up == {}
    assert await world.states() == [("failed", "abandoned")]


@pytest.mark.postgres
async def test_a_room_that_livekit_made_after_its_call_was_over_is_deleted_and_no_other(world: World) -> None:
    over, live = await world.answered(), await world.answered()
    await world.dialler.hang_up(over)
    stranger = store.room_of("somebody-elses")
    world.lines.up |= {over.room: [], stranger: [], "call-1": []}
    assert await world.sweeper.ghosts_once() == 1
    assert set(world.lines.up) == {live.room, stranger, "call-1"}
    await world.dialler.hang_up(live)
    world.lines.up.clear()
    assert await world.sweeper.ghosts_once() == 0
