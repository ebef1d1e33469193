"""How far a sentence was heard in a process that may be stopped in the middle of it (SIGSTOP, a frozen machine).

The clock goes on while a process is stopped: what is reckoned by it afterwards was not heard, if the media server has
removed the process meanwhile.
"""

import time
from collections.abc import Callable

LOOK_SECONDS = 0.25
STOPPED_SECONDS = 1.0


class Playhead:
    """Where one sentence was at each look, taken every LOOK_SECONDS; positions in any unit."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._position = 0.0
        self._looked_at = clock()
        self.stopped_at: float | None = None  # the position before the first gap between looks that no busy loop makes

    def look(self, position: float) -> None:
        """Note the position as the clock has it now."""
        now = self._clock()
        if self.stopped_at is None and now - self._looked_at > STOPPED_SECONDS:
            self.stopped_at = self._position
        self._position, self._looked_at = position, now
