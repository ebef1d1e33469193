"""What the supervisor runs, as data: long-running parts, one-off steps, and the order they start in."""

import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Check = Callable[[int], Awaitable[None]]


class StartError(Exception):
    """The stack cannot start. The message is one sentence for the operator: what is wrong and what to do."""


class UnhealthyError(Exception):
    """A part does not do its work (yet). The message says how that shows."""


class ExcusedError(UnhealthyError):
    """A part is not healthy, but does not hang either: it drains, or the one who would know cannot be asked."""


@dataclass(frozen=True, eq=False)
class Part:
    """One long-running child process.

    `check` gets the child's pid and raises `UnhealthyError` while the part is not ready. `hang_seconds`: a part that
    was healthy and then fails its check for so long is killed and started again; None for never. `after_restart`: run
    whenever the part is healthy again after it had died, with the new child's pid as its last argument. `echo`: its
    lines may be shown on the terminal (never for the engine, whose logs contain numbers).
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    check: Check
    replica: int = 1
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 5.0
    hang_seconds: float | None = 30.0
    echo: bool = False
    after_restart: "Step | None" = None

    @property
    def label(self) -> str:
        """How logs and messages call it: the name, with the replica's number from the second one on."""
        return self.name if self.replica == 1 else f"{self.name}-{self.replica}"


@dataclass(frozen=True)
class Step:
    """A command that must end with exit code 0 before the next stage starts."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    timeout_seconds: float = 60.0

    @property
    def label(self) -> str:
        return self.name


@dataclass(frozen=True)
class Stage:
    """Parts and steps that start side by side; the next stage waits until all are healthy or done."""

    members: tuple[Part | Step, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(member for member in self.members if isinstance(member, Part))

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(member for member in self.members if isinstance(member, Step))


@dataclass
class PartState:
    """What is known of one part right now; the shape of `parts[]` in `status --json`."""

    name: str
    replica: int
    log: str
    pid: int | None = None
    healthy: bool = False
    detail: str = "not started"
    restarts: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "replica": self.replica,
            "worker": "",
            "pid": self.pid,
            "healthy": self.healthy,
            "detail": self.detail,
            "restarts": self.restarts,
            "log": self.log,
            "seats": 0,
            "jobs": [],
            **self.extra,
        }
