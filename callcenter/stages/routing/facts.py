"""What is known of a call when it is routed, and what was decided: plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from callcenter.setup.rule_sets.actions import Action


@dataclass(frozen=True)
class QueueFigures:
    """How a queue stands at this instant. `expected_wait_seconds` is None while nothing is measured to tell it."""

    waiting: int = 0
    free_seats: int = 0
    expected_wait_seconds: float | None = None
    supervisors: int = 0


@dataclass(frozen=True)
class Facts:
    """What is known of a call. `from_` is "" when the caller withholds their number; `at` is aware; `digits` are the
    keys pressed in menus, in their order, and `digits_at` how many seconds the caller had waited at each of them, where
    that is known; `lists` are the caller lists that the caller is in; `headers` are the INVITE's. What no rule of the
    set asks for may be left out."""

    to: str
    from_: str
    entered: bool
    call_id: str
    at: datetime
    language: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    digits: tuple[str, ...] = ()
    digits_at: tuple[float, ...] = ()
    waited_seconds: float = 0
    attributes: Mapping[str, str] = field(default_factory=dict)
    lists: frozenset[str] = frozenset()
    last_queue: str | None = None
    last_profile: str | None = None
    open_call_back: bool = False
    queues: Mapping[str, QueueFigures] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One rule that was looked at, or a key that was taken by this rule's menu. Positions count from 1."""

    position: int
    name: str
    matched: bool
    because: str

    def __str__(self) -> str:
        return f"rule {self.position} '{self.name}' {'matched' if self.matched else 'did not match'}: {self.because}"


@dataclass(frozen=True)
class Decision:
    """What happens to the call, by which rule (`position` and `rule` are None when none matched), and every step on the
    way. `remarks` are said after the steps."""

    position: int | None
    rule: str | None
    action: Action
    steps: tuple[Step, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def trace(self) -> tuple[str, ...]:
        """The decision in words."""
        return (*(str(step) for step in self.steps), *self.remarks)
