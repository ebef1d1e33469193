"""`python -m tests.campaign --calls N --seed S --report FILE.json`: exit code 1 with violations."""

import argparse
import asyncio
import secrets
import signal
import sys
from pathlib import Path

from tests.campaign.campaign import Campaign
from tests.campaign.plan import FAULTS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description="The fault campaign.")
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--seed", type=int, default=None, help="the same seed draws the same campaign")
    parser.add_argument("--report", type=Path, default=Path("campaign.json"))
    parser.add_argument("--keep", type=Path, default=None, help="folder for what violating rounds leave")
    parser.add_argument("--keep-all", action="store_true", help="keep what rounds without violation leave, too")
    parser.add_argument("--phones", type=int, default=5, help="callers at once")
    parser.add_argument(
        "--faults", default="", help=f"only these, by comma (a space may be a _), of: {', '.join(FAULTS)}"
    )
    given = parser.parse_args()
    faults = tuple(name.strip() for name in given.faults.replace("_", " ").split(",") if name.strip()) or FAULTS
    if unknown := [name for name in faults if name not in FAULTS]:
        parser.error(f"--faults: {', '.join(unknown)}: expected of {', '.join(FAULTS)}")
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    keep = given.keep or given.report.with_suffix("")
    campaign = Campaign(given.calls, seed, given.report, keep, faults, given.phones, given.keep_all)
    try:
        return asyncio.run(_until_interrupted(campaign))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.stderr.write("interrupted; everything is down\n")
        return 130


async def _until_interrupted(campaign: Campaign) -> int:
    """SIGTERM brings everything down like Ctrl-C."""
    running = asyncio.current_task()
    assert running is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    return await campaign.run()


if __name__ == "__main__":
    sys.exit(main())
