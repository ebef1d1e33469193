"""What processes cost: CPU seconds and memory of whole process trees, and the noise of the machine beside them."""

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

Groups = Mapping[str, Sequence[int]]
MEGABYTE = 1024 * 1024
LAG_LOOK_SECONDS = 0.01
WORTH_KEEPING_SECONDS = 0.003
# The tree of a stack that has just had a call works on for a second or two: it warms up a process for the next one.
CALM_WINDOW_SECONDS = 0.2
CALM_SHARE = 0.15  # of one core
CALM_SECONDS = 4.0


@dataclass(frozen=True)
class Usage:
    """At one instant (`time.monotonic`): CPU seconds so far by pid, and the memory that nobody else shares, MB."""

    at: float
    cpu: Mapping[int, float]
    memory: Mapping[int, float]

    def cpu_since(self, before: "Usage") -> float:
        """CPU seconds from `before` to here of the processes that are here."""
        return sum(seconds - before.cpu.get(pid, 0.0) for pid, seconds in self.cpu.items())

    def busiest_since(self, before: "Usage") -> int | None:
        """The pid that used the most CPU since."""
        spent = {pid: seconds - before.cpu.get(pid, 0.0) for pid, seconds in self.cpu.items()}
        return max(spent, key=lambda pid: spent[pid]) if spent else None

    @property
    def megabytes(self) -> float:
        return sum(self.memory.values())


def usage(pids: Sequence[int], *, with_memory: bool = True) -> Usage:
    """Of these processes and all their descendants. Memory is the proportional set size (proc(5), smaps_rollup)."""
    cpu: dict[int, float] = {}
    memory: dict[int, float] = {}
    for process in _trees(pids):
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            cpu[process.pid] = times.user + times.system
            if with_memory:
                memory[process.pid] = process.memory_full_info().pss / MEGABYTE
    return Usage(time.monotonic(), cpu, memory)


def _trees(pids: Sequence[int]) -> list[psutil.Process]:
    found: dict[int, psutil.Process] = {}
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            root = psutil.Process(pid)
            for process in (root, *root.children(recursive=True)):
                found[process.pid] = process
    return list(found.values())


async def calm(groups: Groups) -> None:
    """Wait until what the last call left behind has been done, four seconds at most."""
    pids = [pid for of_group in groups.values() for pid in of_group]
    deadline = time.monotonic() + CALM_SECONDS
    before = await asyncio.to_thread(usage, pids, with_memory=False)
    while time.monotonic() < deadline:
        await asyncio.sleep(CALM_WINDOW_SECONDS)
        now = await asyncio.to_thread(usage, pids, with_memory=False)
        if now.cpu_since(before) < CALM_SHARE * (now.at - before.at):
            return
        before = now


class NoiseMeter:
    """Runs beside samples, as an asynchronous context manager, and tells of any stretch of it how noisy it was."""

    async def __aenter__(self) -> "NoiseMeter":
        self._late: list[tuple[float, float]] = []
        self._began = self._ended = time.monotonic()
        self._steal, self._pressure = _steal_seconds(), _pressure_seconds()
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ended = time.monotonic()
        self._stolen = _steal_seconds() - self._steal
        pressure = _pressure_seconds()
        self._waited = None if pressure is None or self._pressure is None else pressure - self._pressure
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def noise(self, since: float | None = None, until: float | None = None) -> dict[str, float | None]:
        """As samples carry it: how late the phone's loop woke up at worst between two instants (ms; default: all the
        time), the share of the whole time that the hypervisor took away, and that in which somebody waited for a CPU
        (PSI, None where the kernel does not tell)."""
        start, end = since or self._began, until or self._ended
        lag = max((late for at, late in self._late if start <= at <= end + late), default=0.0)
        lasted = max(self._ended - self._began, 0.001)
        return {
            "lag_ms": round(lag * 1000, 1),
            "steal_share": round(self._stolen / lasted, 4),
            "waiting_share": None if self._waited is None else round(self._waited / lasted, 3),
        }

    async def _watch(self) -> None:
        while True:
            expected = time.monotonic() + LAG_LOOK_SECONDS
            await asyncio.sleep(LAG_LOOK_SECONDS)
            woke = time.monotonic()
            if woke - expected > WORTH_KEEPING_SECONDS:
                self._late.append((woke, woke - expected))


def _steal_seconds() -> float:
    return float(getattr(psutil.cpu_times(), "steal", 0.0))


def _pressure_seconds() -> float | None:
    """Seconds in which a task waited for a CPU, since boot (Linux, Documentation/accounting/psi.rst)."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        some = Path("/proc/pressure/cpu").read_text().splitlines()[0]
        return int(some.rsplit("total=", 1)[1]) / 1e6
    return None
