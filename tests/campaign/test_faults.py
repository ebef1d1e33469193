"""A fault hits the process it means, says whom it touched, and is undone."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

import psutil
import pytest

from tests.campaign import faults
from tests.campaign.ground import Ground
from tests.campaign.history import FaultHistory
from tests.campaign.plan import RoundPlan

pytestmark = pytest.mark.pure

PLAN = RoundPlan(1, "job killed", "any", 0.0, 0.4, 0.5, ())


@dataclass
class Sleepers:
    """Stands in for a stack: each part is a process that sleeps."""

    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    listed: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, *calls: str) -> "subprocess.Popen[bytes]":
        """A part with these calls; agents' jobs are processes of their own."""
        part = self._start()
        jobs = [{"pid": self._start().pid if name == "agent" else part.pid, "call_id": call} for call in calls]
        self.listed.append(
            {"name": name, "replica": len(self.listed) + 1, "pid": part.pid, "healthy": True, "jobs": jobs}
        )
        return part

    async def parts(self, name: str) -> list[dict[str, Any]]:
        return [part for part in self.listed if part["name"] == name]

    def _start(self) -> "subprocess.Popen[bytes]":
        self.processes.append(subprocess.Popen(["sleep", "60"]))
        return self.processes[-1]


@pytest.fixture
def stack() -> Iterator[Sleepers]:
    one = Sleepers()
    yield one
    for process in one.processes:
        process.kill()
        process.wait()


async def inflict(stack: Sleepers, fault: str, call_id: str = "") -> FaultHistory:
    note = FaultHistory(fault, time.time(), float("inf"))

    async def target() -> str:
        return call_id

    await faults.inflict(cast(Ground, stack), replace(PLAN, fault=fault), target, note)
    return note


async def test_the_chosen_calls_job_is_killed_and_no_other(stack: Sleepers) -> None:
    stack.add("agent", "one", "two")
    note = await inflict(stack, "job killed", "two")
    worker, first, second = stack.processes
    assert second.wait(2) == -9
    assert (worker.poll(), first.poll()) == (None, None)
    assert (note.hit, note.touched) == (True, ["two"])
    assert note.ended_at - note.started_at < 1


async def test_a_stopped_job_goes_on_after_its_time(stack: Sleepers) -> None:
    stack.add("agent", "one")
    stopping = asyncio.create_task(inflict(stack, "job stopped", "one"))
    await asyncio.sleep(0.2)
    job = psutil.Process(stack.processes[1].pid)
    assert job.status() == psutil.STATUS_STOPPED
    note = await stopping
    assert job.status() != psutil.STATUS_STOPPED
    assert note.ended_at - note.started_at >= PLAN.seconds


async def test_a_stopped_process_that_is_killed_meanwhile_was_hit_all_the_same(stack: Sleepers) -> None:
    stack.add("attendant", "one")
    stopping = asyncio.create_task(inflict(stack, "attendant stopped", "one"))
    await asyncio.sleep(0.2)
    stack.processes[0].kill()
    stack.processes[0].wait()
    assert (await stopping).hit


async def test_the_process_with_the_chosen_call_is_hit_and_all_its_calls_are_touched(stack: Sleepers) -> None:
    busy, chosen = stack.add("attendant", "one", "two"), stack.add("attendant", "three")
    note = await inflict(stack, "attendant killed", "three")
    assert chosen.wait(2) == -9
    assert busy.poll() is None
    assert note.touched == ["three"]


async def test_a_fault_that_finds_nothing_says_so(stack: Sleepers) -> None:
    note = await inflict(stack, "router killed")
    assert not note.hit
    assert note.note == "no router was there"
