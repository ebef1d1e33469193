"""Keeps one part alive: start, watch, restart (at once when it ended as asked, else with a growing pause), stop."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from callcenter.platform.embedded.child import Child
from callcenter.platform.embedded.logs import PartLog, Terminal
from callcenter.platform.embedded.parts import ExcusedError, Part, PartState, Step, UnhealthyError

logger = logging.getLogger(__name__)

PAUSES_SECONDS = (0.2, 1.0, 2.0, 5.0, 10.0, 30.0)
STEADY_SECONDS = 5.0  # who worked so long did not die of its start: callers ring meanwhile, it starts again at once
STARTING_INTERVAL_SECONDS = 0.15
WATCHING_INTERVAL_SECONDS = 1.0
CHECK_TIMEOUT_SECONDS = 3.0
ATTEMPTS_BEFORE_GIVING_UP = 3
AS_ASKED = (0, -signal.SIGTERM)  # how a part ends that was told to: a drained worker, a replica being restarted


class Runner:
    """One part and its present child. `changed` is called whenever `state` has changed."""

    def __init__(self, part: Part, logs: Path, terminal: Terminal, changed: Callable[[], None]) -> None:
        self.part = part
        self._log = PartLog(logs, part.label)
        self._terminal = terminal
        self._changed = changed
        self._logs = logs
        self._child: Child | None = None
        self._aftermath: asyncio.Task[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._was_healthy = asyncio.Event()
        self._gave_up = asyncio.Event()
        self._attempts = 0
        self._log_position = 0
        self.state = PartState(part.name, part.replica, str(self._log.path))

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=self.part.label)

    async def wait_healthy(self) -> None:
        """Returns once the part has been healthy; raises `UnhealthyError` when it keeps ending before that."""
        waits = [asyncio.create_task(event.wait()) for event in (self._was_healthy, self._gave_up)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if not self._was_healthy.is_set():
            raise UnhealthyError(self.state.detail)

    def last_words(self, lines: int = 8) -> list[str]:
        """What a child that was never healthy wrote: that is before its first call, so there is nothing personal."""
        return [] if self._was_healthy.is_set() else self._log.since(self._log_position, lines)

    async def stop(self) -> None:
        """End the child and everything below it, within `stop_seconds` and a few more for the kernel."""
        for task in (self._task, self._aftermath):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        if self._child is not None:
            await self._child.stop(self.part.stop_signal, self.part.stop_seconds)
        self._update(healthy=False, detail="stopped", pid=None)
        self._log.close()

    async def _run(self) -> None:
        failures = 0
        while True:
            self._log_position = self._log.position()
            healthy_seconds, why = await self._live()
            if healthy_seconds and self._child is not None and self._child.exit_code in AS_ASKED:
                failures = 0
                self.state.restarts += 1
                self._update(healthy=False, detail="ended as asked, starting again", pid=None)
                continue
            failures = 1 if healthy_seconds >= STEADY_SECONDS else failures + 1
            pause = PAUSES_SECONDS[min(failures - 1, len(PAUSES_SECONDS) - 1)]
            self._update(healthy=False, detail=f"{why}; next start in {pause:g} s", pid=None)
            self._terminal.say(self.part.label, f"{why}; starting again in {pause:g} s (log: {self._log.path})")
            self._attempts += 1
            if not self._was_healthy.is_set() and self._attempts >= ATTEMPTS_BEFORE_GIVING_UP:
                self._update(healthy=False, detail=why, pid=None)
                self._gave_up.set()
                return
            await asyncio.sleep(pause)
            self.state.restarts += 1

    async def _live(self) -> tuple[float, str]:
        """One child's life: for how long it was healthy, and how it ended."""
        part = self.part
        try:
            self._child = await Child.start(
                part.argv,
                part.environment,
                self._log,
                label=part.label,
                terminal=self._terminal if part.echo else None,
            )
        except OSError as error:
            return 0.0, f"cannot be started: {os.strerror(error.errno or 0)} ({part.argv[0]})"
        self._update(healthy=False, detail="starting", pid=self._child.pid)
        watch = asyncio.create_task(self._watch(self._child))
        ended = asyncio.create_task(self._child.wait())
        try:
            await asyncio.wait([watch, ended], return_when=asyncio.FIRST_COMPLETED)
            hung = not ended.done()
            watch.cancel()
            healthy_seconds, detail = await watch
            await self._child.kill()
            return healthy_seconds, f"hung ({detail}) and was killed" if hung else describe(self._child.exit_code)
        finally:
            watch.cancel()
            ended.cancel()

    async def _watch(self, child: Child) -> tuple[float, str]:
        """Check until the child hangs. Answers for how long it was healthy, also when cancelled."""
        healthy_since: float | None = None
        failing_since: float | None = None
        detail = ""
        try:
            while True:
                detail, known = await self._ask(child.pid)
                now = time.monotonic()
                self._update(healthy=not detail, detail=detail, pid=child.pid)
                if not detail:
                    self._was_healthy.set()
                    if healthy_since is None:
                        healthy_since = now
                        self._clean_up_after_the_last(child.pid)
                    failing_since = None
                elif not known:
                    failing_since = None
                elif healthy_since is not None:
                    failing_since = failing_since or now
                    if self.part.hang_seconds is not None and now - failing_since > self.part.hang_seconds:
                        return failing_since - healthy_since, detail
                starting = healthy_since is None
                await asyncio.sleep(STARTING_INTERVAL_SECONDS if starting else WATCHING_INTERVAL_SECONDS)
        except asyncio.CancelledError:
            return (time.monotonic() - healthy_since if healthy_since else 0.0), detail

    def _clean_up_after_the_last(self, pid: int) -> None:
        step = self.part.after_restart
        if step is not None and self.state.restarts:
            self._aftermath = asyncio.create_task(self._clean_up(step, pid))

    async def _clean_up(self, step: Step, pid: int) -> None:
        child = await Child.start((*step.argv, str(pid)), step.environment, PartLog(self._logs, step.label))
        try:
            async with asyncio.timeout(step.timeout_seconds):
                self._terminal.say(step.label, describe(await child.wait()))
        except TimeoutError:
            self._terminal.say(step.label, f"did not end within {step.timeout_seconds:g} s")
        finally:
            await child.kill()

    async def _ask(self, pid: int) -> tuple[str, bool]:
        """What is wrong with the child, if anything, and whether that is known or could only not be found out."""
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_SECONDS):
                await self.part.check(pid)
        except UnhealthyError as error:
            return str(error), not isinstance(error, ExcusedError)
        except TimeoutError:
            return f"no answer within {CHECK_TIMEOUT_SECONDS:g} s", True
        return "", True

    def _update(self, *, healthy: bool, detail: str, pid: int | None) -> None:
        before = (self.state.healthy, self.state.detail, self.state.pid)
        self.state.healthy, self.state.detail, self.state.pid = healthy, detail, pid
        if before != (healthy, detail, pid):
            self._changed()


def describe(exit_code: int | None) -> str:
    """`exited with code 1`, `was ended by SIGKILL`."""
    if exit_code is None:
        return "does not end"
    if exit_code < 0:
        return f"was ended by {signal.Signals(-exit_code).name}"
    return f"exited with code {exit_code}"
