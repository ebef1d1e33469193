"""A job process whose event loop hangs ends itself, and leaves the stacks of its threads in the log.

livekit-agents notices after a minute (1.8.9, `ping_timeout`), or 10 s after it has asked the job to end
(`close_timeout`), and for so long the worker has a seat less and cannot drain. A caller who is still there does not
wait for that: the desk notices after two seconds and takes the call away. When the call is over nobody looks but us,
and its seat is to be free within five seconds (I3); what is not stored yet lies on disk, and another process delivers
it.
"""

import asyncio
import faulthandler
import os
import threading
import time
from collections.abc import Callable

TICK_SECONDS = 0.5
# A busy machine has blocked a loop for three seconds and a half; and nothing is lost by waiting.
HUNG_TICKS = 30
OVER_TICKS = 6


def end_when_hung(over: Callable[[], bool]) -> asyncio.Task[None]:
    """To be called in the loop that is to be watched. The task must be kept: the loop holds it only weakly.

    `over` says, in another thread, whether the call has ended.
    """
    pulse = _Pulse(over)
    task = asyncio.create_task(pulse.beat())
    threading.Thread(target=pulse.watch, name="hung", daemon=True).start()
    return task


class _Pulse:
    """Counts its own looks, not the clock: a process that was stopped and goes on has not hung."""

    def __init__(self, over: Callable[[], bool]) -> None:
        self._over = over
        self._missed = 0

    async def beat(self) -> None:
        while True:
            self._missed = 0
            await asyncio.sleep(TICK_SECONDS)

    def watch(self) -> None:
        while self._missed < (OVER_TICKS if self._over() else HUNG_TICKS):
            time.sleep(TICK_SECONDS)
            self._missed += 1
        faulthandler.dump_traceback(all_threads=True)
        os._exit(1)
