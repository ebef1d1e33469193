"""`python -m bench run [--short] [--samples N] [--parts …]`, `python -m bench report FILES …`."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import goals, report
from bench.plan import LONG_SAMPLES, PARTS, long_plan, short_plan
from bench.run import measure
from bench.samples import Run, load

RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Exit code 0; 1 for a gross regression in the short mode; 2 for a wrong option; 130 when interrupted."""
    given = _parser().parse_args()
    if given.command == "report":
        report.write([load(path) for path in given.files], given.page, given.plot)
        print(f"{given.page} and {given.plot}: written from {len(given.files)} runs")
        return 0
    try:
        plan = short_plan() if given.short else long_plan(given.samples, given.parts.split(","), given.seed)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    run = Run(given.results or _next_file(), {"short": given.short, "blocks": plan.blocks, "seed": plan.seed})
    try:
        asyncio.run(_until_told(measure(plan, run)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        run.save()
        sys.stderr.write(f"interrupted; everything is down, what was measured is in {run.path}\n")
        return 130
    print(f"{len(run.samples)} samples in {run.path}")
    print(report.table(run.samples))
    print(report.goal_table(run.samples))
    regressions = goals.gross_regressions(run.samples) if given.short else []
    for sentence in regressions:
        sys.stderr.write(f"gross regression: {sentence}\n")
    return 1 if regressions else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="measure")
    run.add_argument("--short", action="store_true", help="a minute, for CI: fails on a gross regression only")
    run.add_argument("--samples", type=int, default=LONG_SAMPLES, help="of each arm")
    run.add_argument("--parts", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    run.add_argument("--seed", type=int, default=1, help="draws what callers say; give each of several runs its own")
    run.add_argument("--results", type=Path, default=None)
    page = commands.add_parser("report", help="join runs into docs/performance.md and docs/performance.svg")
    page.add_argument("files", type=Path, nargs="+")
    page.add_argument("--page", type=Path, default=Path("docs/performance.md"))
    page.add_argument("--plot", type=Path, default=Path("docs/performance.svg"))
    return parser


def _next_file() -> Path:
    day = datetime.now(UTC).date().isoformat()
    number = 1
    while (path := RESULTS / f"{day}-{number}.json").exists():
        number += 1
    return path


async def _until_told(work: Coroutine[Any, Any, None]) -> None:
    """SIGTERM ends a run like Ctrl-C."""
    running = asyncio.current_task()
    assert running is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    await work


if __name__ == "__main__":
    sys.exit(main())
