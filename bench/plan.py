"""How long a run is: which parts, how many blocks of each, and what one block holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from bench.arms import ARMS, Arm

PARTS = ("assign", "waiting", "setup", "talk")
LONG_SAMPLES = 200
TURNS = 12
ASSIGN_BLOCKS = 12
ASSIGN_COUNT = 200
WAITING_BLOCKS = 3


@dataclass(frozen=True)
class Plan:
    """Blocks of each part; `turns` is the number of questions in a talk."""

    arms: Sequence[Arm]
    blocks: dict[str, int]
    turns: int = TURNS
    disturbed: bool = True
    pauses: int = 2
    assign_count: int = ASSIGN_COUNT
    seed: int = 1


def long_plan(samples: int = LONG_SAMPLES, parts: Sequence[str] = PARTS, seed: int = 1) -> Plan:
    """So many set-up samples of each arm, and so many questions answered by each. Raises ValueError for a part that is
    none, or for no samples."""
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise ValueError(f"PARTS: {', '.join(unknown)}: expected some of {', '.join(PARTS)}")
    if samples < 1:
        raise ValueError(f"SAMPLES: {samples}: expected at least 1")
    wanted = {
        "assign": min(ASSIGN_BLOCKS, samples),
        "waiting": min(WAITING_BLOCKS, samples),
        "setup": samples,
        "talk": ceil(samples / TURNS),
    }
    return Plan(ARMS, {part: wanted[part] for part in PARTS if part in parts}, seed=seed)


def short_plan() -> Plan:
    """For CI: ours and the baseline with the same settings, enough to see that something went badly wrong."""
    return Plan(
        (Arm.OURS, Arm.SAME), {"assign": 1, "setup": 3, "talk": 1}, turns=4, disturbed=False, pauses=0, assign_count=60
    )
