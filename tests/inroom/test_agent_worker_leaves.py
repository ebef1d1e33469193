"""The agent worker leaves: drained, in a hurry, killed."""

import asyncio
import signal
from pathlib import Path

import psutil
import pytest

from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import Bye, Claim, Drain, Leave, Left, Segment, WorkerBeat
from tests.inroom.conftest import agent_worker, processes, talking
from tests.inroom.rooms import Caller, LiveKit

pytestmark = pytest.mark.livekit


async def test_a_drained_worker_finishes_its_call_refuses_others_and_exits(livekit: LiveKit, tmp_path: Path) -> None:
    async with agent_worker(livekit, tmp_path) as stage:
        caller, offer_id, _ = await talking(stage, livekit)
        await stage.desk.say(Drain())
        await stage.desk.wait_for(WorkerBeat, lambda beat: beat.draining)
        late = Caller(livekit)
        await late.join()
        turned_away = await stage.offer(late)
        await stage.desk.wait_for(Segment, lambda segment: segment.speaker is Speaker.AGENT)
        assert stage.process is not None
        assert stage.process.returncode is None
        await caller.leave()
        await stage.desk.wait_for(Left, lambda left: left.offer_id == offer_id)
        assert await asyncio.wait_for(stage.process.wait(), 20) == 0
        await stage.desk.wait_for(Bye)
        assert not [claim for claim in stage.desk.all(Claim) if claim.offer_id == turned_away]
        await late.leave()


async def test_a_worker_told_twice_asks_the_desk_to_hand_over_and_leaves_when_its_jobs_have(
    livekit: LiveKit, tmp_path: Path
) -> None:
    async with agent_worker(livekit, tmp_path) as stage:
        caller, offer_id, _ = await talking(stage, livekit)
        assert stage.process is not None
        stage.process.send_signal(signal.SIGTERM)
        await stage.desk.wait_for(WorkerBeat, lambda beat: beat.draining and not beat.hurry)
        stage.process.send_signal(signal.SIGTERM)
        await stage.desk.wait_for(WorkerBeat, lambda beat: beat.hurry)
        assert stage.process.returncode is None
        await stage.desk.say(Leave(offer_id=offer_id))
        await stage.desk.wait_for(Left, lambda left: left.offer_id == offer_id)
        assert await asyncio.wait_for(stage.process.wait(), 20) == 0
        await stage.desk.wait_for(Bye)
        await caller.leave()


async def test_no_job_outlives_a_killed_worker_for_long(livekit: LiveKit, tmp_path: Path) -> None:
    async with agent_worker(livekit, tmp_path) as stage:
        caller, _, _ = await talking(stage, livekit)
        family = processes(stage)
        family[0].kill()
        _, alive = await asyncio.to_thread(psutil.wait_procs, family, 60)
        assert not alive, [process.cmdline() for process in alive]
        await caller.leave()
