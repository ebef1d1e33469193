"""`callcenter trunk call`: one guarded call through an outbound trunk, to see (and hear) that the trunk works.

Whoever answers hears short tones, published into the call's room by this process; no agent and no attendant comes.
"""

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import numpy as np
from livekit import api, rtc

from callcenter.inroom.sound.music import RATE, Samples
from callcenter.inroom.sound.player import Player
from callcenter.platform.entrypoints.refusal import refuse
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.livekit_calls import LiveKitCalls
from callcenter.platform.plumbing.livekit_rooms import LiveKitRooms
from callcenter.platform.wire.settings import Settings
from callcenter.stages.outbound.dialler import Answered, Dialler, NotAnswered, Ready, callee_of
from callcenter.stages.outbound.flow import Order
from callcenter.stages.outbound.model import Ending, Failure, Purpose
from sip.guard import Refusal, masked

TONE_HERTZ = 440
TONE_SECONDS = 0.4
PAUSE_SECONDS = 0.6
PEAK = 8_000
AUDIBLE = 500  # of 32767: above line noise, below any voice
SIP_STATUS = "sip.callStatus"
RINGING = "ringing"
LOOK_SECONDS = 0.2
JOIN_SECONDS = 15.0  # at most, between the answer and the first tone on a busy machine
_SAID = {
    Failure.BUSY: "The line is busy",
    Failure.NO_ANSWER: "Nobody answered",
    Failure.DECLINED: "The call was declined",
    Failure.NO_SUCH_NUMBER: "There is no such number behind this trunk",
    Failure.REJECTED: "The carrier or the callee rejected the call",
    Failure.UNREACHABLE: "LiveKit did not place the call",
    Failure.ABANDONED: "The call was given up",
}


def run(settings: Settings, number: str, trunk: str, talk_seconds: float, ring_seconds: float) -> int:
    """Place the call and say what happens. 0 when it was answered, 1 with the reason otherwise. Raises NotFound and
    Conflict for the trunk's name."""
    logging.getLogger("livekit").setLevel(logging.CRITICAL)  # its client warns of every room's end
    try:
        return asyncio.run(
            _try(settings, Order(trunk, number, Purpose.TRIAL, ring_seconds, talk_seconds + JOIN_SECONDS))
        )
    except (ConnectionError, rtc.ConnectError) as error:
        return refuse(str(error))


async def _try(settings: Settings, order: Order) -> int:
    db, rooms = Database(settings.database_url, pool_size=2), LiveKitRooms(settings)
    lines = LiveKitCalls(settings, rooms)
    try:
        dialler = Dialler(db, lines)
        ready = await dialler.ask(order)
        if isinstance(ready, Refusal):
            return refuse(f"the call is refused ({ready.why}): {ready.sentence}")
        return await _Trial(settings, dialler, rooms, ready).run()
    finally:
        await lines.close()
        await rooms.close()
        await db.close()


class _Trial:
    """One call that the guard has let through, told as it goes."""

    def __init__(self, settings: Settings, dialler: Dialler, rooms: LiveKitRooms, ready: Ready) -> None:
        self._settings = settings
        self._dialler = dialler
        self._rooms = rooms
        self._ready = ready
        self._asked = ready.asked
        self._callee = callee_of(ready.asked)
        self._begun = time.monotonic()
        self._left = asyncio.Event()
        self._leaving = False
        self._rang = False
        self._ears: list[asyncio.Task[None]] = []
        self._loudest = 0

    async def run(self) -> int:
        _say(f"Calling {masked(self._asked.number)} through {self._asked.order.trunk} …")
        self._begun = time.monotonic()
        watching = asyncio.create_task(self._watch())
        try:
            result = await self._dialler.dial(self._ready)
        finally:
            watching.cancel()
        if isinstance(result, NotAnswered):
            return refuse(self._why(result))
        await self._talk(result)
        return 0

    async def _watch(self) -> None:
        """Say when it rings."""
        while not self._rang:
            with suppress(api.ServerError, OSError, TimeoutError):
                present = await self._rooms.participants(self._asked.room)
                self._rang = any(p.attributes.get(SIP_STATUS) == RINGING for p in present)
            await asyncio.sleep(0 if self._rang else LOOK_SECONDS)
        _say(f"It rings after {self._since():.1f} s.")

    async def _talk(self, answered: Answered) -> None:
        seconds = self._asked.order.talk_seconds - JOIN_SECONDS
        _say(f"Answered after {self._since():.1f} s (SIP Call-ID {answered.sip_call_id}). Tones for {seconds:g} s.")
        try:
            async with self._in_the_room() as room, self._player(room), asyncio.timeout(seconds):
                await self._left.wait()
        except TimeoutError:
            pass
        finally:
            await self._dialler.hang_up(self._asked, Ending.CALLEE_LEFT if self._left.is_set() else Ending.HUNG_UP)
        _say("The other side hung up." if self._left.is_set() else "We hung up.")
        heard = self._loudest > AUDIBLE
        _say("The other side was heard." if heard else "The other side was not heard: silent, or its RTP is lost.")

    @asynccontextmanager
    async def _player(self, room: rtc.Room) -> AsyncIterator[None]:
        player = Player()
        try:
            await player.publish(room, "trial")
            player.music(tones())
            yield
        finally:
            await player.close()

    @asynccontextmanager
    async def _in_the_room(self) -> AsyncIterator[rtc.Room]:
        room = rtc.Room()
        room.on("participant_disconnected", self._gone)
        room.on("disconnected", self._cut)
        room.on("track_subscribed", self._subscribed)
        try:
            await room.connect(self._settings.livekit_url, self._token())
            if self._callee not in room.remote_participants:
                self._left.set()
            yield room
        finally:
            self._leaving = True
            for ear in self._ears:
                ear.cancel()
            await room.disconnect()

    def _token(self) -> str:
        secret = self._settings.livekit_api_secret.get_secret_value()
        token = api.AccessToken(self._settings.livekit_api_key, secret).with_kind("agent")
        grants = api.VideoGrants(room_join=True, room=self._asked.room)
        return token.with_identity("trial").with_grants(grants).with_ttl(timedelta(minutes=2)).to_jwt()

    def _gone(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity == self._callee:
            self._left.set()

    def _cut(self, *_: object) -> None:
        if not self._leaving:
            self._left.set()

    def _subscribed(self, track: rtc.Track, *_: object) -> None:
        if isinstance(track, rtc.RemoteAudioTrack):
            self._ears.append(asyncio.create_task(self._listen(track)))

    async def _listen(self, track: rtc.RemoteAudioTrack) -> None:
        async for event in rtc.AudioStream(track):
            samples = np.frombuffer(event.frame.data, dtype=np.int16)
            self._loudest = max(self._loudest, int(np.abs(samples.astype(np.int32)).max(initial=0)))

    def _why(self, result: NotAnswered) -> str:
        status = f" (SIP {result.status} {result.reason})" if result.status else f" ({result.reason})"
        silent = result.failure is Failure.NO_ANSWER and not self._rang
        hint = "; it never rang: does the carrier know this number, and does the trunk's address answer?"
        return f"{_SAID[result.failure]}{status} after {self._since():.1f} s{hint if silent else ''}"

    def _since(self) -> float:
        return time.monotonic() - self._begun


def tones() -> Samples:
    """A second of what is played again and again: a tone and a pause, 24 kHz mono."""
    time_of = np.arange(int(TONE_SECONDS * RATE)) / RATE
    ramp = np.minimum(1.0, np.minimum(time_of, TONE_SECONDS - time_of) / 0.01)
    tone = PEAK * ramp * np.sin(2 * np.pi * TONE_HERTZ * time_of)
    return np.concatenate([tone, np.zeros(int(PAUSE_SECONDS * RATE))]).astype(np.int16)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
