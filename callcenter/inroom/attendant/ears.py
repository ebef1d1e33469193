"""Listening to one caller while they are asked something: their track is subscribed to for that long and no longer."""

import asyncio
import contextlib
import importlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from livekit import rtc

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

    def __init__(self, room: rtc.Room, caller_identity: str, settings: Settings, speech: Speech) -> None:
        self._room = room
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
            async with self._sound() as sound, hearing.hearing(
                endpoint, language, self._settings, self._speech.certificates
            ) as listener:  # fmt: skip
                await listener.hear(sound, on_words, self.idle)
        except Exception as error:
            logger.warning("the caller is not listened to", extra={"error": type(error).__name__})

    @asynccontextmanager
    async def _sound(self) -> AsyncIterator[rtc.AudioStream]:
        """The caller's voice, subscribed to for this block."""
        publication, track = await self._subscribed()
        stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1)
        try:
            yield stream
        finally:
            await stream.aclose()
            with contextlib.suppress(Exception):  # the caller may have left, and their track with them
                publication.set_subscribed(False)

    async def _subscribed(self) -> tuple[rtc.RemoteTrackPublication, rtc.Track]:
        """The caller's audio, waited for until it is there."""
        news = asyncio.Event()

        def look(*_: object) -> None:
            news.set()

        self._room.on("track_published", look)
        self._room.on("track_subscribed", look)
        try:
            while True:
                publication = self._publication()
                if publication is not None and publication.track is not None:
                    return publication, publication.track
                if publication is not None:
                    publication.set_subscribed(True)
                news.clear()
                await news.wait()
        finally:
            self._room.off("track_published", look)
            self._room.off("track_subscribed", look)

    def _publication(self) -> rtc.RemoteTrackPublication | None:
        caller = self._room.remote_participants.get(self._caller_identity)
        tracks = caller.track_publications.values() if caller else ()
        return next((track for track in tracks if track.kind == rtc.TrackKind.KIND_AUDIO), None)
