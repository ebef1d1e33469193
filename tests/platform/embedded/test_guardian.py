import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.platform.embedded.processes import all_gone

pytestmark = pytest.mark.livekit


@dataclass
class SmallStack:
    process: "subprocess.Popen[bytes]"
    guardian: int
    supervisor: int
    part: int
    grandchild: int

    @property
    def below(self) -> list[int]:
        return [self.supervisor, self.part, self.grandchild]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallStack]:
    process = subprocess.Popen([sys.executable, "-m", "tests.platform.embedded.small_stack", str(tmp_path)])
    deadline = time.monotonic() + 20
    while not ((tmp_path / "top").exists() and (tmp_path / "bottom").exists()):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    pids = [int(pid) for name in ("top", "bottom") for pid in (tmp_path / name).read_text().split()]
    running = SmallStack(process, *pids)
    yield running
    for pid in (running.guardian, *running.below):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_top_stops_everything_and_returns_the_supervisors_code(
    small: SmallStack, number: signal.Signals
) -> None:
    small.process.send_signal(number)
    assert small.process.wait(timeout=10) == 7
    assert all_gone(small.below)


def test_nothing_outlives_a_killed_supervisor(small: SmallStack) -> None:
    os.kill(small.supervisor, signal.SIGKILL)
    assert small.process.wait(timeout=10) == 128 + signal.SIGKILL
    assert all_gone(small.below)


def test_nothing_outlives_a_killed_guardian(small: SmallStack) -> None:
    os.kill(small.guardian, signal.SIGKILL)
    assert small.process.wait(timeout=10) == -signal.SIGKILL
    assert all_gone(small.below)


def test_no_part_outlives_guardian_and_supervisor_killed_at_once(small: SmallStack) -> None:
    os.kill(small.guardian, signal.SIGSTOP)
    os.kill(small.supervisor, signal.SIGKILL)
    os.kill(small.guardian, signal.SIGKILL)
    assert all_gone([small.supervisor, small.part])


def test_a_child_that_lost_its_parent_is_ended_with_the_stack(small: SmallStack) -> None:
    os.kill(small.part, signal.SIGKILL)
    small.process.send_signal(signal.SIGTERM)
    assert small.process.wait(timeout=10) == 7
    assert all_gone(small.below)
