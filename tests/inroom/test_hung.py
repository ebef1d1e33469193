"""A job whose event loop hangs ends, says where it hung, and frees its seat long before livekit-agents would notice."""

import os
import signal
import subprocess
import sys
import time

import pytest

from callcenter.inroom.agent.hung import OVER_SECONDS

pytestmark = pytest.mark.pure

JOB = """
import asyncio, ctypes, sys, time
from callcenter.inroom.agent import hung
hung.TICK_SECONDS = 0.1

def hangs_here():
    if sys.argv[2] == "over":
        ctypes.PyDLL(None).sleep(60)  # with Python's lock held: no other thread of Python's runs
    time.sleep(60)

async def main():
    watch = hung.Watch()
    if sys.argv[2] == "over":
        watch.call_is_over()
    print("runs", flush=True)
    await asyncio.sleep(float(sys.argv[1]))
    hangs_here()

asyncio.run(main())
"""


def job(seconds: float, call: str = "goes on") -> subprocess.Popen[str]:
    """A job that runs for so long and then hangs."""
    command = [sys.executable, "-c", JOB, str(seconds), call]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_job_that_hangs_ends_and_leaves_its_stack() -> None:
    with job(0) as process:
        _, said = process.communicate(timeout=20)
        assert process.returncode == 1
        assert "hangs_here" in said


def test_i3_a_job_that_hangs_when_its_call_is_over_keeps_its_seat_for_no_five_seconds() -> None:
    with job(0, "over") as process:
        assert process.stdout is not None
        process.stdout.readline()
        began = time.monotonic()
        _, said = process.communicate(timeout=20)
        assert process.returncode == 1
        assert time.monotonic() - began < OVER_SECONDS + 0.5 < 5
        assert "hangs_here" in said


def test_a_job_that_takes_its_time_when_its_call_is_over_has_not_hung() -> None:
    with job(30, "over") as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(OVER_SECONDS + 1)
        process.kill()


def test_a_job_that_was_stopped_and_goes_on_is_not_taken_for_one_that_hangs() -> None:
    with job(30) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(2.5)
        os.kill(process.pid, signal.SIGCONT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(2.5)
        process.kill()
