"""`callcenter up`: the whole stack on one machine, in the foreground or detached."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from callcenter.platform.embedded.folder import DataFolder, read_json, write_json
from callcenter.platform.embedded.guardian import guarded
from callcenter.platform.embedded.logs import Echo, Terminal
from callcenter.platform.embedded.parts import StartError
from callcenter.platform.embedded.ports import LOOPBACK
from callcenter.platform.embedded.secrets import SEEDED_USERS
from callcenter.platform.embedded.stack import (
    Stack,
    api_url,
    callcenter_command,
    inherited_environment,
    plan,
    settings_environment,
)
from callcenter.platform.embedded.supervisor import Supervisor
from callcenter.platform.entrypoints.down import end
from callcenter.platform.entrypoints.refusal import refuse
from callcenter.platform.wire.settings import Settings

INTERRUPTED = 130  # 128 + SIGINT, as shells count
START_SECONDS = 95.0
DETACHED_SECONDS = 115.0
DEMO_CALL_SECONDS = 120.0
INTERRUPT_SECONDS = 3.0
DEMO_NUMBER = "+15550100"


@dataclass(frozen=True)
class UpOptions:
    """`ring`: ring the demo company once when everything is up; `once`: stop after that, with the call's result."""

    demo: bool = False
    ring: bool = False
    once: bool = False
    echo: Echo = Echo.EVERYTHING


def up(settings: Settings, options: UpOptions) -> int:
    """Run the stack until SIGINT or SIGTERM. 0 when it was up and was stopped, 1 (and the reason) when it failed."""
    folder = DataFolder(settings.data_dir)
    try:
        folder.prepare()
        lock = folder.acquire()
    except StartError as error:
        return refuse(str(error))
    try:
        code = guarded(lambda: asyncio.run(_supervise(settings, folder, options)))
        if code not in (0, 1):
            _write_state(folder, {"state": "down", "reason": f"the supervisor ended with code {code}"})
        return code
    finally:
        os.close(lock)


def up_detached(settings: Settings, *, demo: bool) -> int:
    """Start the stack in the background. 0 when every part is healthy, 1 with the reason within two minutes."""
    folder = DataFolder(settings.data_dir)
    try:
        folder.prepare()
        os.close(folder.acquire())
    except StartError as error:
        return refuse(str(error))
    folder.state.unlink(missing_ok=True)
    log = folder.logs / "up.log"
    try:
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    except OSError as error:
        return refuse(str(folder.unusable(error)))
    command = callcenter_command("up", "--echo", Echo.NOTHING, *(["--demo"] if demo else []))
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=handle, stderr=handle, start_new_session=True
        )
    finally:
        os.close(handle)
    try:
        return _until_up(folder, process, log)
    except KeyboardInterrupt:
        sys.stderr.write("callcenter: interrupted: stopping what was started\n")
        process.terminate()
        end(process.pid)
        sys.stderr.write("callcenter: stopped, nothing is left running\n")
        return INTERRUPTED


def _until_up(folder: DataFolder, process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + DETACHED_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if folder.read_state().get("state") == "up":
            _print_summary(folder.read_state())
            return 0
        time.sleep(0.1)
    state = folder.read_state()
    if process.poll() is None:
        process.terminate()
        return refuse(state.get("reason") or f"not up after {DETACHED_SECONDS:g} s (log: {log})")
    return refuse(state.get("reason") or f"ended with code {process.returncode}:\n{log.read_text()[-2000:]}")


async def _supervise(settings: Settings, folder: DataFolder, options: UpOptions) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    terminal = Terminal(Echo.TROUBLE if options.ring and options.echo is Echo.EVERYTHING else options.echo)
    _write_state(folder, {"state": "starting"})
    async with httpx.AsyncClient(timeout=2.5, trust_env=False) as client:
        try:
            stack = plan(settings, folder, client, demo=options.demo, base=inherited_environment())
            write_json(folder.environment, settings_environment(stack.settings))
            life = _Run(stack, folder, options, terminal, stop)
        except StartError as error:
            return _fail(folder, str(error))
        except OSError as error:
            return _fail(folder, str(folder.unusable(error)))
        return await life.until_stopped()


class _Run:
    """One life of the stack, from the first part's start to the last one's end."""

    def __init__(
        self, stack: Stack, folder: DataFolder, options: UpOptions, terminal: Terminal, stop: asyncio.Event
    ) -> None:
        self._stack = stack
        self._folder = folder
        self._options = options
        self._terminal = terminal
        self._stop = stop
        self._phase = "starting"
        self._supervisor = Supervisor(stack.stages, folder.logs, terminal, self._record)

    async def until_stopped(self) -> int:
        reason, code = "", 0
        try:
            if await self._or_stop(self._supervisor.start(START_SECONDS)):
                self._phase = "up"
                self._record()
                code = await self._serve()
        except StartError as error:
            reason, code = str(error), 1
        self._phase = "stopping"
        self._record()
        self._terminal.say("callcenter", "stopping")
        await self._supervisor.stop()
        if reason:
            return _fail(self._folder, reason)
        _write_state(self._folder, {"state": "down"})
        self._terminal.say("callcenter", "stopped, nothing is left running")
        return code

    async def _serve(self) -> int:
        if not self._options.ring:
            _print_summary(self._describe())
            await self._stop.wait()
            return 0
        code = await self._ring()
        if self._options.once:
            return code
        _print_summary(self._describe())
        self._terminal.say("callcenter", "Ctrl-C stops everything; what the parts log follows")
        self._terminal.echo = self._options.echo
        await self._stop.wait()
        return 0

    async def _ring(self) -> int:
        process = await asyncio.create_subprocess_exec(*callcenter_command("demo-call"), env=self._stack.environment)
        try:
            async with asyncio.timeout(DEMO_CALL_SECONDS):
                return await process.wait() if await self._or_stop(process.wait()) else 1
        except TimeoutError:
            return refuse(f"the demo call did not end within {DEMO_CALL_SECONDS:g} s")
        finally:
            if process.returncode is None:
                await _interrupt(process)

    async def _or_stop(self, work: Any) -> bool:
        """Whether `work` came to its end before somebody asked to stop; it is cancelled then."""
        task = asyncio.ensure_future(work)
        stopped = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
                return True
            return False
        finally:
            for pending in (task, stopped):
                pending.cancel()
            await asyncio.gather(task, stopped, return_exceptions=True)

    def _record(self) -> None:
        _write_state(self._folder, self._describe())

    def _describe(self) -> dict[str, Any]:
        settings, states = self._stack.settings, self._supervisor.states
        phase = self._phase
        if phase == "up" and not all(state.healthy for state in states):
            phase = "degraded"
        seeded = self._folder.logins.exists()
        return {
            "state": "degraded" if phase == "stopping" else phase,
            "reason": "",
            "urls": {
                "console": f"{api_url(settings)}/",
                "api": api_url(settings),
                "livekit": settings.livekit_url,
                "model": settings.openai_base_url,
            },
            "sip": {"host": LOOPBACK, "port": settings.sip_port},
            "database_url": settings.database_url,
            "login": {
                "email": SEEDED_USERS[0] if seeded else "",
                "password_file": str(self._folder.logins) if seeded else "",
            },
            "parts": [state.as_json() for state in states],
        }


async def _interrupt(process: asyncio.subprocess.Process) -> None:
    """As Ctrl-C would, so that it takes its key back; killed when that takes too long."""
    process.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(INTERRUPT_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _write_state(folder: DataFolder, state: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        write_json(folder.state, state)


def _fail(folder: DataFolder, reason: str) -> int:
    _write_state(folder, {"state": "down", "reason": reason})
    return refuse(reason)


def _print_summary(state: dict[str, Any]) -> None:
    """Where to look, how to sign in, whom to dial. The password itself is shown on a terminal only, never in a log."""
    login = state["login"]
    lines = [("Console", state["urls"]["console"])]
    if login["password_file"]:
        password = read_json(Path(login["password_file"])).get(login["email"], "") if sys.stdout.isatty() else ""
        lines.append(("Sign in", f"{login['email']} {password}".strip()))
        lines.append(("Passwords", login["password_file"]))
    lines.append(("Dial", f"sip:{DEMO_NUMBER}@{state['sip']['host']}:{state['sip']['port']}"))
    sys.stdout.write("\n" + "".join(f"  {name:<10} {value}\n" for name, value in lines) + "\n")
    sys.stdout.flush()
