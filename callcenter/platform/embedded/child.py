"""One child process: start it so that it cannot outlive us, file what it says, stop all of it."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from callcenter.platform.embedded.logs import PartLog, Terminal, split_lines

KILL_SECONDS = 5.0


@dataclass(frozen=True)
class Account:
    """The operating-system account a part runs as when the supervisor itself is root."""

    uid: int
    gid: int


def bound_to_parent(argv: tuple[str, ...], account: Account | None = None) -> list[str]:
    """The command, wrapped so that the kernel kills it when its parent dies and it runs as `account`.

    setpriv (util-linux) execs the command, so the pid is the command's own. It sets the death signal after it has
    changed the account, because the kernel forgets the signal on a change of account (prctl(2), PR_SET_PDEATHSIG).
    """
    if not sys.platform.startswith("linux") or shutil.which("setpriv") is None:
        return list(argv)
    identity = []
    if account is not None:
        identity = [f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    return ["setpriv", *identity, "--pdeathsig=KILL", "--", *argv]


class Child:
    """A started process, in a session of its own, whose output goes to a log."""

    def __init__(self, process: asyncio.subprocess.Process, pump: asyncio.Task[None]) -> None:
        self._process = process
        self._pump = pump
        self.pid = process.pid

    @classmethod
    async def start(
        cls,
        argv: tuple[str, ...],
        environment: Mapping[str, str],
        log: PartLog,
        *,
        label: str = "",
        terminal: Terminal | None = None,
    ) -> "Child":
        """Start `argv`; its output goes to `log`, and line by line to `terminal` if there is one."""
        process = await asyncio.create_subprocess_exec(
            *bound_to_parent(argv),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            env=dict(environment),
        )
        assert process.stdout is not None
        return cls(process, asyncio.create_task(_pump(process.stdout, log, label, terminal)))

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number if a signal ended it."""
        return self._process.returncode

    async def wait(self) -> int:
        """Wait until the process has ended, and file the last it said (a child of its own may hold the pipe longer)."""
        code = await self._process.wait()
        await asyncio.wait([self._pump], timeout=0.5)
        return code

    async def stop(self, first: signal.Signals, seconds: float) -> None:
        """Ask the process to end; after `seconds` kill it. Then kill whatever it has left behind."""
        family = descendants(self.pid)
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(first)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._process.wait()
        await self.kill(family)

    async def kill(self, family: list[psutil.Process] | None = None) -> None:
        """End the process, its process group and its known descendants at once."""
        family = descendants(self.pid) if family is None else family
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        for process in family:
            with contextlib.suppress(psutil.Error):
                process.kill()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KILL_SECONDS):
                await self.wait()
        self._pump.cancel()


def descendants(pid: int) -> list[psutil.Process]:
    """All living processes below `pid`. psutil compares start times, so a reused pid is never signalled."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


async def _pump(stream: asyncio.StreamReader, log: PartLog, label: str, terminal: Terminal | None) -> None:
    rest = b""
    while data := await stream.read(65_536):
        with contextlib.suppress(OSError):
            log.write(data)
        if terminal is not None:
            lines, rest = split_lines(rest, data)
            for line in lines:
                terminal.line(label, line)
    if terminal is not None and rest:
        terminal.line(label, rest.decode(errors="replace"))
