"""A caller's message, second by second: the caller is listened to from the tone on, and not before."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np

from callcenter.inroom.attendant.keypad import Keypad
from callcenter.inroom.client.link import DeskLink
from callcenter.inroom.sender.visit import Hearing, Visit
from callcenter.platform.wire.messages import Take
from callcenter.platform.wire.telephone import RATE, Samples, to_ulaw, voiced_seconds
from callcenter.platform.wire.voicemail import LEAST_VOICED_SECONDS, Record

logger = logging.getLogger(__name__)

PART_SECONDS = 1.0
FRAME_SECONDS = 0.1
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

    def __init__(self, visit: Visit, keypad: Keypad, take: Take, link: DeskLink) -> None:
        self._visit = visit
        self._keypad = keypad
        self._take = take
        self._link = link
        self._tape: Tape | None = None
        self._caller: Hearing | None = None

    async def listen(self) -> None:
        """Begin to listen to the caller."""
        self._caller = self._visit.listen(self._take.caller_identity)
        try:
            async with asyncio.timeout(LISTEN_SECONDS):
                await self._caller.came.wait()
        except TimeoutError:
            logger.warning("the caller has no track to record", extra=self._ids())

    async def record(self, wanted: Record, language: str) -> bool:
        """Record until the caller presses #, is silent for too long or has no time left; False when nothing was said.
        Whatever ends it, what had come is on its way to the desk."""
        loop = asyncio.get_running_loop()
        offer_id = self._take.offer_id
        tape = self._tape = Tape(
            lambda audio, at: self._link.keep(offer_id, audio, box=wanted.box, started_at=at, language=language),
            loop.time(),
        )
        reading = asyncio.create_task(self._read(tape))
        try:
            with self._keypad.waiting_for(DONE_KEY) as done:
                await _over(tape, wanted, done)
        finally:
            reading.cancel()
            self.cut()
            await asyncio.gather(reading, return_exceptions=True)
        logger.info("message taken", extra={**self._ids(), "voiced": round(tape.voiced, 1)})
        return tape.voiced >= LEAST_VOICED_SECONDS

    def cut(self) -> None:
        """The caller has gone or is not to be recorded any more: the last part is sent before anything else is."""
        if self._tape is not None:
            self._tape.cut()
            self._tape = None

    def close(self) -> None:
        """Listen no longer, if nothing was recorded after all."""
        caller, self._caller = self._caller, None
        if caller is not None:
            caller.close()

    async def _read(self, tape: Tape) -> None:
        caller, self._caller = self._caller, None
        if caller is None:
            return
        loop = asyncio.get_running_loop()
        try:
            if not caller.came.is_set():
                return
            caller.skip()
            async for samples in caller.frames(RATE, FRAME_SECONDS):
                if self._tape is tape:
                    tape.feed(samples, loop.time())
        finally:
            caller.close()

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
