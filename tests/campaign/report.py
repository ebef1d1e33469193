"""The report of one or several campaigns: `python -m tests.campaign.report A.json B.json > table.md`."""

import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

MISSED = "nothing hit"
VOID = "void"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def merged(files: Iterable[Path]) -> list[dict[str, Any]]:
    """The rounds of all these reports."""
    return [one for file in files for one in json.loads(file.read_text())["rounds"]]


def broken(rounds: Iterable[dict[str, Any]]) -> bool:
    """Whether a promise was broken in a round that counts."""
    return any(one["violations"] for one in rounds if not one.get("void"))


def table(rounds: Iterable[dict[str, Any]]) -> str:
    """A row per fault: rounds, calls, violations, recoveries in seconds."""
    by_fault: dict[str, list[dict[str, Any]]] = defaultdict(list)
    void = []
    for one in rounds:
        if one.get("void"):
            void.append(one)
        else:
            by_fault[one["fault"] if one["hit"] or one["fault"] == "none" else MISSED].append(one)
    lines = [
        "| fault | rounds | calls | violations | calls met | p50 s | p95 s | max s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    everything = [one for some in by_fault.values() for one in some]
    for fault, some in [*sorted(by_fault.items()), ("all", everything)]:
        recoveries = [seconds for one in some for seconds in one["recoveries"]]
        times = [f"{percentile(recoveries, share):.2f}" for share in (0.5, 0.95, 1.0)] if recoveries else ["–"] * 3
        calls, violations = sum(one["calls"] for one in some), sum(len(one["violations"]) for one in some)
        cells = [fault, len(some), calls, violations, len(recoveries), *times]
        lines.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    if void:
        lines.append(f"| {VOID} | {len(void)} | {sum(one['calls'] for one in void)} | – | – | – | – | – |")
    return "\n".join(lines)


def violations_in_words(rounds: Iterable[dict[str, Any]]) -> str:
    """Each violation, each call's timeline once below its violations."""
    parts: list[str] = []
    for one in rounds:
        if one.get("void"):
            continue
        shown: set[str] = set()
        for v in one["violations"]:
            where = f"round {v['round']} ({v['fault']}; {one['note']})"
            parts.append(f"{where} {v['invariant']} call {v['call_id'] or '–'} [{v['script']}]: {v['what']}")
            if v["timeline"] and v["call_id"] not in shown:
                shown.add(v["call_id"])
                parts += [f"    {line}" for line in v["timeline"]]
    return "\n".join(parts)


def main(files: list[str]) -> int:
    """Print the table of these reports; 1 if there is a violation, 2 without a file."""
    if not files:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    rounds = merged(Path(file) for file in files)
    sys.stdout.write(table(rounds) + "\n")
    return 1 if broken(rounds) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
