"""An agent worker's job processes, without a process."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents.utils.aio import Chan

from callcenter.inroom.agent.jobs import Jobs
from callcenter.inroom.agent.worker import AgentWorker
from callcenter.platform.wire.base import Message
from callcenter.platform.wire.messages import Refuse, Take
from callcenter.platform.wire.settings import Settings

pytestmark = pytest.mark.pure

MANY = 300  # livekit-agents' queue of reports holds 128
TAKE = Take(offer_id="o", call_id="c", room="r", token="t", livekit_url="ws://l", caller_identity="caller")


def without_processes(jobs: Jobs) -> None:
    async def launch_job(_: object) -> None:
        await asyncio.sleep(0)
        raise RuntimeError("no more processes")

    cast(Any, jobs)._server._proc_pool = SimpleNamespace(launch_job=launch_job, processes=[])


async def test_a_job_that_cannot_be_started_is_counted_until_then_and_refused() -> None:
    worker = AgentWorker(Settings(agent_seats=1))
    without_processes(worker._jobs)
    sent: list[Message] = []
    cast(Any, worker)._link = SimpleNamespace(send=sent.append)
    worker._on_command(TAKE)
    assert [job.offer_id for job in worker._beat().jobs] == ["o"]
    worker._on_command(TAKE.model_copy(update={"offer_id": "another"}))
    assert [(refusal.offer_id, refusal.reason) for refusal in cast(list[Refuse], sent)] == [("another", "no free seat")]
    await asyncio.sleep(0.05)
    assert sent[1:] == [Refuse(offer_id="o", reason="no process could start")]
    assert worker._beat().jobs == ()


async def test_what_the_library_would_report_to_livekit_blocks_nothing() -> None:
    jobs = Jobs(Settings(), "agent-1")
    reports: Chan[object] = Chan(128)
    cast(Any, jobs)._server._msg_chan = reports
    jobs._ready.set()
    forgetting = asyncio.create_task(jobs._forget_reports())
    async with asyncio.timeout(2):
        for number in range(MANY):
            await reports.send(number)
    reports.close()
    await asyncio.wait_for(forgetting, 1)
