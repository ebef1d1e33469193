"""One measured value, and a run's file of them."""

import json
import os
import platform
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

# A sample during which the phone's own loop slept this much too long says more about the machine than about the arm.
MAX_LAG_MS = 60.0
MAX_STEAL_SHARE = 0.1
PACKAGES = ("livekit-agents", "livekit-api", "livekit", "pgqueuer", "procrastinate", "psycopg")


class Metric(StrEnum):
    """What is measured; seconds unless the name says otherwise."""

    ANSWERED = "INVITE to 200 OK"
    FIRST_AUDIO = "INVITE to first audio"
    VOICE_TO_VOICE = "end of speech to first audio"
    INTERRUPTION = "interruption to silence"
    EARLY_INTERRUPTION = "interruption to silence, first 3 s"
    COUGH_STOPS = "false stop on a cough"
    HUM_STOPS = "false stop on mm-hm"
    CUT_OFF = "cut-off in a mid-sentence pause"
    TALK_CPU = "CPU s per minute of talk"
    TALK_MEMORY = "memory of a call, MB"
    WAITING_CPU = "attendant's CPU per waiting caller, % of a core"
    WAITING_MEMORY = "attendant's memory per waiting caller, MB"
    ASSIGNMENTS = "assignments per second"


SHARES = frozenset({Metric.COUGH_STOPS, Metric.HUM_STOPS, Metric.CUT_OFF})


@dataclass(frozen=True)
class Sample:
    """A value, or the reason why there is none. What was measured one after the other, arm by arm, is one block."""

    metric: Metric
    arm: str
    block: int
    value: float | None
    at: str
    failure: str | None = None
    noise: dict[str, float | None] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def void(self) -> bool:
        """Whether the machine was too noisy while it was taken."""
        lag, steal = self.noise.get("lag_ms") or 0.0, self.noise.get("steal_share") or 0.0
        return lag > MAX_LAG_MS or steal > MAX_STEAL_SHARE

    @property
    def counts(self) -> bool:
        return self.value is not None and not self.void


def now() -> str:
    """This instant, as samples carry it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass
class Run:
    """All samples of one run. `save` may be called at any time: the file is whole, or the one before."""

    path: Path
    options: dict[str, Any]
    samples: list[Sample] = field(default_factory=list)
    started_at: str = field(default_factory=now)
    failed_blocks: list[str] = field(default_factory=list)

    def save(self) -> None:
        content = {
            "started_at": self.started_at,
            "saved_at": now(),
            "options": self.options,
            "machine": machine(),
            "versions": versions(),
            "failed_blocks": self.failed_blocks,
            "samples": [_small(asdict(sample)) for sample in self.samples],
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.path.parent, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            lines = ",\n  ".join(json.dumps(sample) for sample in content.pop("samples"))
            file.write(f'{json.dumps(content, indent=1)[:-2]},\n "samples": [\n  {lines}\n ]\n}}\n')
        Path(temporary).chmod(0o644)
        Path(temporary).replace(self.path)


def load(path: Path) -> dict[str, Any]:
    """A run's file, its samples as `Sample`. Raises ValueError that names the file when it is none."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        samples = [
            Sample(
                metric=Metric(row["metric"]), arm=row["arm"], block=row["block"], value=row.get("value"), at=row["at"],
                failure=row.get("failure"), noise=row.get("noise", {}), detail=row.get("detail", {}),
            )
            for row in content["samples"]
        ]  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: expected a file that `python -m bench run` wrote ({error})") from error
    return {**content, "samples": samples}


def _small(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if value not in (None, {})}
    if isinstance(kept.get("value"), float):
        kept["value"] = round(kept["value"], 4)
    return kept


def machine() -> dict[str, Any]:
    """What it ran on."""
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = models[0] if models else ""
    return {
        "cpu": model or platform.processor(),
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load": [round(value, 2) for value in os.getloadavg()],
    }


def versions() -> dict[str, str]:
    """Of what was measured: Python, the libraries, and the engine's modules as engine/go.mod names them."""
    found = {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
    go_mod = Path(__file__).parents[1] / "engine" / "go.mod"
    for line in go_mod.read_text(encoding="utf-8").splitlines() if go_mod.exists() else ():
        words = line.split()
        name = next((word for word in words if word.startswith("github.com/livekit/")), "")
        if name.removeprefix("github.com/livekit/") in ("livekit-server", "sip"):
            found[name.removeprefix("github.com/livekit/")] = words[words.index(name) + 1]
    return found
