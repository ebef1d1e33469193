"""A guarded supervisor with one part that has a child of its own, to be killed in every way: `python -m … FOLDER`.

Writes `guardian supervisor` pids to FOLDER/top and `part grandchild` pids to FOLDER/bottom.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from callcenter.platform.embedded.guardian import guarded
from tests.platform.embedded.processes import HAS_A_CHILD_IN_ANOTHER_SESSION, Watched, part


async def _supervise(folder: Path) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    member = part("agent", HAS_A_CHILD_IN_ANOTHER_SESSION, str(folder / "bottom"))
    async with Watched(folder, (member,)) as watched:
        await watched.supervisor.start(20)
        (folder / "top.new").write_text(f"{os.getppid()} {os.getpid()}")
        (folder / "top.new").rename(folder / "top")
        await stop.wait()
    return 7


if __name__ == "__main__":
    sys.exit(guarded(lambda: asyncio.run(_supervise(Path(sys.argv[1])))))
