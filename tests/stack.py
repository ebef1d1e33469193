"""A whole stack for tests: `callcenter up --detach` with ports and a data folder of its own, by public commands."""

import json
import os
import random
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from callcenter.platform.embedded.folder import DataFolder
from callcenter.platform.embedded.ports import QUIET_PORTS, free_port, is_free
from callcenter.platform.embedded.stack import settings_environment
from callcenter.platform.entrypoints.status import read as read_status
from callcenter.platform.wire.settings import Settings

CALLCENTER = (sys.executable, "-m", "callcenter.platform.entrypoints.cli")
UP_SECONDS = 125
DOWN_SECONDS = 60
RTP_RANGE = 200


@dataclass(frozen=True)
class Stack:
    """How tests reach a stack. `environment` is what every `callcenter` command about it needs."""

    data_dir: Path
    environment: dict[str, str]

    @classmethod
    def planned(cls, data_dir: Path, **settings: str) -> "Stack":
        """Nothing runs yet. `settings` are environment variables on top, such as CALLCENTER_AGENT_SEATS="1"."""
        sip = free_port(socket.SOCK_DGRAM, socket.SOCK_STREAM)
        first = free_rtp_range(beside=sip)
        return cls(
            data_dir,
            {
                **without_settings(os.environ),
                "CALLCENTER_DATA_DIR": str(data_dir),
                "CALLCENTER_HTTP_PORT": str(free_port()),
                "CALLCENTER_SIP_PORT": str(sip),
                "CALLCENTER_RTP_PORTS": f"{first}-{first + RTP_RANGE - 1}",
                **settings,
            },
        )

    def run(self, *arguments: str, seconds: float = 30) -> subprocess.CompletedProcess[str]:
        """One `callcenter` command, to its end."""
        return subprocess.run(
            [*CALLCENTER, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def up(self, *arguments: str) -> None:
        """Start it in the background; fails with the reason and the tails of all logs."""
        done = self.run("up", "--detach", *arguments, seconds=UP_SECONDS)
        assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{self.log_tails(15)}"

    def down(self) -> None:
        done = self.run("down", seconds=DOWN_SECONDS)
        assert done.returncode == 0, done.stderr

    def status(self) -> dict[str, Any]:
        """What `callcenter status --json` prints, without the cost of a process; in a thread, for it runs a loop."""
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(read_status, DataFolder(self.data_dir)).result()

    def part(self, name: str, replica: int = 1) -> dict[str, Any]:
        """One part of the status."""
        found = [p for p in self.status()["parts"] if (p["name"], p["replica"]) == (name, replica)]
        assert found, f"no part {name} {replica}"
        part: dict[str, Any] = found[0]
        return part

    def key(self, role: str, user: str | None = None) -> str:
        """A new API key, for `Authorization: Bearer …`."""
        done = self.run("key", "add", "--role", role, *(["--user", user] if user else []), "--json")
        assert done.returncode == 0, done.stderr
        return str(json.loads(done.stdout)["key"])

    @property
    def env(self) -> dict[str, str]:
        """The complete settings of the running stack, LiveKit's address and keys included."""
        running: dict[str, str] = json.loads((self.data_dir / "run" / "environment.json").read_text())
        return {**self.environment, **running}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environment['CALLCENTER_HTTP_PORT']}"

    @property
    def sip(self) -> tuple[str, int]:
        return "127.0.0.1", int(self.environment["CALLCENTER_SIP_PORT"])

    @cached_property
    def database_url(self) -> str:
        """Of the stack's Postgres; it stays the same as long as the folder does."""
        return str(self.status()["database_url"])

    @property
    def passwords(self) -> dict[str, str]:
        """Of the seeded users, by e-mail."""
        value: dict[str, str] = json.loads(Path(self.status()["login"]["password_file"]).read_text())
        return value

    def log_tails(self, lines: int, parts: str = "*") -> str:
        """The last lines of the log of every part, or of those whose name matches."""
        tails = []
        for log in sorted((self.data_dir / "logs").glob(f"{parts}.log")):
            words = "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
            tails.append(f"--- {log.name}\n{words}")
        return "\n".join(tails)


def without_settings(environment: "os._Environ[str] | dict[str, str]") -> dict[str, str]:
    """An environment in which the product finds none of its settings."""
    ours = settings_environment(Settings())
    return {name: value for name, value in environment.items() if name not in ours}


def free_rtp_range(beside: int = 0) -> int:
    """The first of 200 UDP ports in a row that are free now, and of which none is that one."""
    while True:
        first = random.randrange(QUIET_PORTS.start, QUIET_PORTS.stop, 2)
        if beside not in range(first, first + RTP_RANGE) and all(
            is_free(port, socket.SOCK_DGRAM) for port in range(first, first + RTP_RANGE)
        ):
            return first
