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

TICK_SECONDS = 0.5
# A busy machine has blocked a loop for three seconds and a half; and nothing is lost by waiting.
HUNG_TICKS = 30
OVER_SECONDS = 3.0


class Watch:
    """To be made in the loop that is to be watched, and to be kept: the loop holds its task only weakly."""

    def __init__(self) -> None:
        self._missed = 0
        self._over = False
        self._beats = asyncio.create_task(self._beat())
        threading.Thread(target=self._look, name="hung", daemon=True).start()

    def call_is_over(self) -> None:
        """From now on nothing is gained by waiting, nor lost by ending."""
        self._over = True
        self._end_unless_called_again()

    async def _beat(self) -> None:
        while True:
            self._missed = 0
            if self._over:
                self._end_unless_called_again()
            await asyncio.sleep(TICK_SECONDS)

    def _end_unless_called_again(self) -> None:
        """By a thread that is not Python's: it needs no lock that the hanging one may hold."""
        faulthandler.dump_traceback_later(OVER_SECONDS, exit=True)

    def _look(self) -> None:
        """Counts its own looks, not the clock: a process that was stopped and goes on has not hung."""
        while self._missed < HUNG_TICKS:
            time.sleep(TICK_SECONDS)
            self._missed += 1
        faulthandler.dump_traceback(all_threads=True)
        os._exit(1)
