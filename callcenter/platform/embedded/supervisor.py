"""Brings a stack up stage by stage, keeps it up, and takes it down in reverse (docs/decisions/0002-supervisor.md)."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from callcenter.platform.embedded.child import Child
from callcenter.platform.embedded.logs import PartLog, Terminal
from callcenter.platform.embedded.parts import Part, PartState, Stage, StartError, Step, UnhealthyError
from callcenter.platform.embedded.runner import Runner, describe


class Supervisor:
    """Runs `stages`. `changed` is called whenever the state of a part has changed."""

    def __init__(self, stages: Sequence[Stage], logs: Path, terminal: Terminal, changed: Callable[[], None]) -> None:
        self._stages = stages
        self._logs = logs
        self._terminal = terminal
        self._runners = {part: Runner(part, logs, terminal, changed) for stage in stages for part in stage.parts}

    @property
    def states(self) -> list[PartState]:
        """In the order of the stages."""
        return [runner.state for runner in self._runners.values()]

    async def start(self, timeout_seconds: float) -> None:
        """Returns when every part has been healthy. Raises `StartError` naming what failed or what did not get ready;
        what runs by then keeps running until `stop`."""
        try:
            async with asyncio.timeout(timeout_seconds):
                for stage in self._stages:
                    await self._start_stage(stage)
        except TimeoutError:
            waiting = [s for s in self.states if not s.healthy and s.pid is not None]
            reasons = "; ".join(f"{s.name}: {s.detail} (log: {s.log})" for s in waiting) or "a step took too long"
            raise StartError(f"not ready after {timeout_seconds:g} s: {reasons}") from None

    async def stop(self) -> None:
        """Stop what was started, last stage first. Bounded by the slowest part of each stage."""
        for stage in reversed(self._stages):
            await asyncio.gather(*(self._runners[part].stop() for part in stage.parts))

    async def _start_stage(self, stage: Stage) -> None:
        tasks = [asyncio.create_task(self._start_part(part)) for part in stage.parts]
        tasks += [asyncio.create_task(self._run_step(step)) for step in stage.steps]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _start_part(self, part: Part) -> None:
        started = time.monotonic()
        runner = self._runners[part]
        runner.start()
        try:
            await runner.wait_healthy()
        except UnhealthyError as error:
            raise StartError(_failure(part.label, str(error), runner.state.log, runner.last_words())) from None
        self._terminal.say(part.label, f"ready after {time.monotonic() - started:.1f} s")

    async def _run_step(self, step: Step) -> None:
        started = time.monotonic()
        log = PartLog(self._logs, step.label)
        position = log.position()
        child = await Child.start(step.argv, step.environment, log)
        try:
            async with asyncio.timeout(step.timeout_seconds):
                code = await child.wait()
        except TimeoutError:
            raise StartError(f"{step.label} did not end within {step.timeout_seconds:g} s (log: {log.path})") from None
        finally:
            await child.kill()
        if code != 0:
            raise StartError(_failure(step.label, describe(code), str(log.path), log.since(position, 8)))
        log.close()
        self._terminal.say(step.label, f"done after {time.monotonic() - started:.1f} s")


def _failure(label: str, why: str, log: str, last_words: list[str]) -> str:
    quoted = "".join(f"\n    {line}" for line in last_words)
    return f"{label} {why} (log: {log}){quoted}"
