"""Small programs as parts, and waiting for what becomes of them."""

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from callcenter.platform.embedded.logs import Echo, Terminal
from callcenter.platform.embedded.parts import Check, Part, Stage, Step, UnhealthyError
from callcenter.platform.embedded.supervisor import Supervisor

STAYS = "import time; print('at work', flush=True); time.sleep(600)"
IGNORES_SIGTERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + STAYS
HAS_A_CHILD_IN_ANOTHER_SESSION = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
with open(sys.argv[1] + ".new", "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(600)
"""

SAYS_WHEN_IT_ENDS = """
import signal, sys, time
def end(*_):
    open(sys.argv[3], "a").write(sys.argv[1] + " ")
    sys.exit()
signal.signal(signal.SIGTERM, end)
open(sys.argv[2], "w").write("begun")
time.sleep(600)
"""


async def always_healthy(_pid: int) -> None:
    return None


def part(name: str, program: str, *arguments: str, **values: Any) -> Part:
    made = Part(name, (sys.executable, "-c", program, *arguments), dict(os.environ), always_healthy, stop_seconds=3.0)
    return replace(made, **values)


def step(name: str, program: str) -> Step:
    return Step(name, (sys.executable, "-c", program), dict(os.environ), timeout_seconds=10)


def stages(*members: tuple[Part | Step, ...]) -> tuple[Stage, ...]:
    return tuple(Stage(stage) for stage in members)


class Watched:
    """A supervisor whose every change can be awaited."""

    def __init__(self, logs: Path, *members: tuple[Part | Step, ...]) -> None:
        self._changed = asyncio.Event()
        self.supervisor = Supervisor(stages(*members), logs, Terminal(Echo.NOTHING), self._changed.set)

    async def until(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def __aenter__(self) -> "Watched":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.supervisor.stop()


class Switch:
    """A check that a test turns on and off."""

    def __init__(self, healthy: bool, error: type[UnhealthyError] = UnhealthyError) -> None:
        self.healthy = healthy
        self._error = error

    async def __call__(self, _pid: int) -> None:
        if not self.healthy:
            raise self._error("switched off")


def written(path: Path) -> Check:
    """Healthy once the part has written something to this file."""

    def there() -> bool:
        return path.exists() and path.stat().st_size > 0

    async def check(_pid: int) -> None:
        await Switch(there())(0)

    return check


def all_gone(pids: list[int], seconds: float = 10) -> bool:
    """Whether all these processes end within so many seconds (zombies count as ended)."""
    living = []
    for pid in pids:
        try:
            living.append(psutil.Process(pid))
        except psutil.NoSuchProcess:
            continue
    _, alive = psutil.wait_procs(living, timeout=seconds)
    return not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
