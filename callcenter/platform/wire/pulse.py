"""Signs of life for whoever runs one process alone: a container's health check looks at how old two files are.

`callcenter up` asks the desk instead (`platform/embedded/checks.py`), by pid; in containers every process is pid 1.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from callcenter.platform.wire.settings import Settings

logger = logging.getLogger(__name__)

PULSE_SECONDS = 1.0
READY_SUFFIX = ".ready"


class Pulse:
    """Touches `CALLCENTER_PULSE_FILE` while the event loop turns, and the same name with `.ready` whenever the process
    has reported to those who give it work. Without the setting it does nothing."""

    def __init__(self, settings: Settings) -> None:
        self._alive = Path(settings.pulse_file) if settings.pulse_file else None
        self._ready = self._alive and self._alive.with_name(self._alive.name + READY_SUFFIX)
        self._failing = False

    async def beat_forever(self, reporting: Callable[[], bool] = lambda: False) -> None:
        """Beat every second; `reporting` says whether those who give work know this process now. Ends at once when
        nobody wants to see it."""
        while self._alive is not None:
            self._touch(self._alive)
            if reporting():
                self.reported()
            await asyncio.sleep(PULSE_SECONDS)

    def reported(self) -> None:
        """The desk (or, for a router, the database) has just been told that this process is here."""
        if self._ready is not None:
            self._touch(self._ready)

    def _touch(self, file: Path) -> None:
        """Never raises: a process that cannot write its pulse still has calls."""
        try:
            file.touch()
            self._failing = False
        except OSError as error:
            if not self._failing:
                logger.warning("pulse not written", extra={"error": type(error).__name__})
            self._failing = True
