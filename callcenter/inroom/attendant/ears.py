"""Listening to one caller while they are asked something: their track is subscribed to for that long and no longer."""

import asyncio
import importlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callcenter.inroom.sender.visit import Visit
from callcenter.inroom.sound.speech import Speech
from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.platform.wire.settings import Settings

logger = logging.getLogger(__name__)

RATE = 16_000  # what the detector works on
# Loading the detector and the recogniser takes a second and memory, which only an attendant needs that asks.
HEARING = "callcenter.inroom.attendant.hearing"


@dataclass(frozen=True)
class Said:
    """What a caller said, and when."""

    text: str
    started_at: datetime
    ended_at: datetime


class Ears:
    """Ears for one caller's answers. A recogniser that fails understands nothing, and keys still work."""

    def __init__(self, visit: Visit, caller_identity: str, settings: Settings, speech: Speech) -> None:
        self._visit = visit
        self._caller_identity = caller_identity
        self._settings = settings
        self._speech = speech
        self.idle = asyncio.Event()  # clear while the caller speaks, or what they said is being recognised
        self.idle.set()

    @asynccontextmanager
    async def open(
        self, endpoint: ModelEndpoint, language: str, on_words: Callable[[Said], None]
    ) -> AsyncIterator[None]:
        """Listen until the end of the block, and call `on_words` with each thing that was said."""
        listening = asyncio.create_task(self._listen(endpoint, language, on_words))
        try:
            yield
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            self.idle.set()

    async def _listen(self, endpoint: ModelEndpoint, language: str, on_words: Callable[[Said], None]) -> None:
        try:
            hearing: Any = await asyncio.to_thread(importlib.import_module, HEARING)
            caller = self._visit.listen(self._caller_identity)
            try:
                async with hearing.hearing(endpoint, language, self._settings, self._speech.certificates) as listener:
                    await caller.came.wait()
                    await listener.hear(caller.frames(RATE), on_words, self.idle)
            finally:
                caller.close()
        except Exception as error:
            logger.warning("the caller is not listened to", extra={"error": type(error).__name__})
