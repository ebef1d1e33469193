"""A caller's message, second by second: the caller is listened to from the tone on, and not before."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
from livekit import rtc

from callcenter.inroom.client.link import DeskLink
from callcenter.platform.wire.messages import Take
from callcenter.platform.wire.telephone import RATE, Samples, to_ulaw, voiced_seconds
from callcenter.platform.wire.voicemail import LEAST_VOICED_SECONDS, Record

logger = logging.getLogger(__name__)

PART_SECONDS = 1.0
FRAME_MILLISECONDS = 100
LISTEN_SECONDS = 3.0  # for the caller's track to come; who has none is silent
DONE_KEY = "#"


class Tape:
    """Cuts sound into parts and gives each away at once. Instants are the loop's."""

    def __init__(self, give: Callable[[bytes, datetime], object], now: float) -> None:
        self._give = give
        self._held = np.zeros(0, dtype=np.int16)
        self._held_since = datetime.now(UTC)
        self.voiced = 0.0
        self.voice_at = now

    def feed(self, samples: Samples, now: float) -> None:
        """Add sound of 8 kHz that has just come."""
        if not len(self._held):
            self._held_since = datetime.now(UTC)
        if (voiced := voiced_seconds(samples)) > 0:
            self.voiced += voiced
            self.voice_at = now
        self._held = np.concatenate([self._held, samples])
        size = int(PART_SECONDS * RATE)
        while len(self._held) >= size:
            self._send(size)

    def cut(self) -> None:
        """Nothing more may come: give away what is held."""
        if len(self._held):
            self._send(len(self._held))

    def _send(self, size: int) -> None:
        self._give(to_ulaw(self._held[:size]), self._held_since)
        self._held = self._held[size:]
        self._held_since = datetime.now(UTC)


class Recorder:
    """Takes one caller's messages. `listen` before `record`."""

    def __init__(self, room: rtc.Room, take: Take, link: DeskLink) -> None:
        self._room = room
        self._take = take
        self._link = link
        self._tape: Tape | None = None
        self._track: rtc.RemoteTrack | None = None

    async def listen(self) -> None:
        """Subscribe to the caller's track."""
        came = asyncio.Event()

        def on_track(track: rtc.RemoteTrack, _: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant) -> None:
            if participant.identity == self._take.caller_identity and track.kind == rtc.TrackKind.KIND_AUDIO:
                self._track = track
                came.set()

        self._room.on("track_subscribed", on_track)
        try:
            if (track := self._subscribe(True)) is not None:  # somebody listens already
                self._track = track
                came.set()
            async with asyncio.timeout(LISTEN_SECONDS):
                await came.wait()
        except TimeoutError:
            logger.warning("the caller has no track to record", extra=self._ids())
        finally:
            self._room.off("track_subscribed", on_track)

    async def record(self, wanted: Record, language: str) -> bool:
        """Record until the caller presses #, is silent for too long or has no time left; False when nothing was said.
        Whatever ends it, what had come is on its way to the desk."""
        loop = asyncio.get_running_loop()
        offer_id = self._take.offer_id
        tape = self._tape = Tape(
            lambda audio, at: self._link.keep(offer_id, audio, box=wanted.box, started_at=at, language=language),
            loop.time(),
        )
        done = asyncio.Event()

        def on_key(key: rtc.SipDTMF) -> None:
            if key.digit == DONE_KEY:
                done.set()

        self._room.on("sip_dtmf_received", on_key)
        reading = asyncio.create_task(self._read(tape))
        try:
            await _over(tape, wanted, done)
        finally:
            self._room.off("sip_dtmf_received", on_key)
            reading.cancel()
            self.cut()
            self._subscribe(False)
            await asyncio.gather(reading, return_exceptions=True)
        logger.info("message taken", extra={**self._ids(), "voiced": round(tape.voiced, 1)})
        return tape.voiced >= LEAST_VOICED_SECONDS

    def cut(self) -> None:
        """The caller has gone or is not to be recorded any more: the last part is sent before anything else is."""
        if self._tape is not None:
            self._tape.cut()
            self._tape = None

    async def _read(self, tape: Tape) -> None:
        if self._track is None:
            return
        loop = asyncio.get_running_loop()
        stream = rtc.AudioStream(self._track, sample_rate=RATE, num_channels=1, frame_size_ms=FRAME_MILLISECONDS)
        try:
            async for event in stream:
                if self._tape is tape:
                    tape.feed(np.frombuffer(event.frame.data, dtype=np.int16), loop.time())
        finally:
            await stream.aclose()

    def _subscribe(self, wanted: bool) -> rtc.RemoteTrack | None:
        """Ask for the caller's sound, or no longer; the track, where it is there already."""
        caller = self._room.remote_participants.get(self._take.caller_identity)
        there: rtc.RemoteTrack | None = None
        for publication in caller.track_publications.values() if caller else ():
            if publication.kind == rtc.TrackKind.KIND_AUDIO:
                publication.set_subscribed(wanted)
                there = publication.track
        return there

    def _ids(self) -> dict[str, str]:
        return {"call": self._take.call_id, "offer": self._take.offer_id}


async def _over(tape: Tape, wanted: Record, done: asyncio.Event) -> None:
    """Wait until the message is over."""
    loop = asyncio.get_running_loop()
    longest = loop.time() + wanted.max_seconds
    while not done.is_set() and (left := min(longest, tape.voice_at + wanted.silence_seconds) - loop.time()) > 0:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(left):
                await done.wait()
