"""A job process whose event loop hangs ends itself, and leaves the stacks of its threads in the log.

livekit-agents notices after a minute (1.8.9, `ping_timeout`), and for so long the worker has a seat less and cannot
drain. The caller does not wait for that: the desk notices after two seconds and takes the call away.
"""

import asyncio
import faulthandler
import os
import threading
import time

TICK_SECONDS = 1.0
# A busy machine has blocked a loop for three seconds and a half; and nothing is lost by waiting.
HUNG_TICKS = 15


def end_when_hung() -> asyncio.Task[None]:
    """To be called in the loop that is to be watched. The task must be kept: the loop holds it only weakly."""
    pulse = _Pulse()
    task = asyncio.create_task(pulse.beat())
    threading.Thread(target=pulse.watch, name="hung", daemon=True).start()
    return task


class _Pulse:
    """Counts its own looks, not the clock: a process that was stopped and goes on has not hung."""

    def __init__(self) -> None:
        self._missed = 0

    async def beat(self) -> None:
        while True:
            self._missed = 0
            await asyncio.sleep(TICK_SECONDS)

    def watch(self) -> None:
        while self._missed < HUNG_TICKS:
            time.sleep(TICK_SECONDS)
            self._missed += 1
        faulthandler.dump_traceback(all_threads=True)
        os._exit(1)
