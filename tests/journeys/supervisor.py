"""A supervisor without a browser: the API with a key of their own, LiveKit's SDK in the room, and a console's line.

Does what the console does, in its order (admin/src/desk: deskCall.ts, modes.ts, room.ts, lines.ts)."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
import websockets
from livekit import rtc

from tests.journeys.tone import TONE_HZ
from tests.speech import speak
from tests.stack import Stack

RATE = 24_000
FRAME = RATE // 50
LOUD = 500.0
BEAT_SECONDS = 1.0
PERMISSION_SECONDS = 3.0
REACH = {"monitor": 0, "whisper": 1, "barge": 2, "take_over": 2}


def steps(before: str, after: str) -> list[str]:
    """In which order a change of mode is done: `stepsOf` of admin/src/desk/modes.ts."""
    old, new = REACH[before], REACH[after]
    if new == 0:
        return ["ask"] if old == 0 else ["mute", "ask", "unpublish"]
    if old == 0:
        return ["open" if new == 2 else "restrict", "ask", "publish"]
    if new < old:
        return ["mute", "restrict", "ask", "unmute"]
    return ["open", "ask"] if new > old else ["ask"]


@dataclass
class Supervisor:
    """Speaks, or lets a tone sound, and notes whom it hears when, in frames of 10 ms: (instant, identity, level)."""

    api: httpx.AsyncClient
    email: str = ""
    room: rtc.Room = field(default_factory=rtc.Room)
    levels: list[tuple[float, str, float]] = field(default_factory=list)
    mode: str = "monitor"
    call_id: str = ""
    connection: dict[str, Any] = field(default_factory=dict)
    sounds: bool = False  # the tone, whenever nothing is said
    _source: rtc.AudioSource | None = None
    _track: rtc.LocalAudioTrack | None = None
    _line: websockets.ClientConnection | None = None
    _beating: asyncio.Task[None] | None = None
    _pumping: asyncio.Task[None] | None = None
    _said: list[np.ndarray] = field(default_factory=list)
    _restricted: bool = True
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def post(self, path: str, expect: int, **body: Any) -> Any:
        answer = await self.api.post(path, json=body)
        assert answer.status_code == expect, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def stands(self, status: str, seconds: float = 120) -> None:
        """Say how they stand, without a console's line."""
        (await self.api.put("/api/presence", json={"status": status, "for_seconds": seconds})).raise_for_status()

    async def status(self) -> str:
        return str((await self.api.get("/api/presence")).json()["status"])

    async def inbox(self) -> dict[str, Any]:
        """The escalation that was asked for last."""
        items = (await self.api.get("/api/escalations", params={"limit": 1})).json()["items"]
        return dict(items[0]) if items else {"offered_to_me": False}

    # --- into the call, and out of it --------------------------------------------------------------------------------

    async def accept(self, escalation_id: str) -> None:
        """Take the escalation and lead its call."""
        await self.enter(await self.post(f"/api/escalations/{escalation_id}/accept", 200))

    async def join(self, call_id: str, mode: str | None = None) -> None:
        """Step in; without a mode, as the last time."""
        await self.enter(await self.post(f"/api/calls/{call_id}/join", 200, mode=mode))

    async def enter(self, connection: dict[str, Any]) -> None:
        """Go into the room that the API named, beat, and publish a microphone unless only listening is allowed."""
        self.connection, self.mode, self.call_id = connection, connection["mode"], connection["call_id"]
        opening = asyncio.create_task(self._open_line())
        self.room = rtc.Room()
        self.room.on("track_subscribed", self._on_track)
        await self.room.connect(connection["url"], connection["token"])
        self._restricted = REACH[self.mode] < 2
        if self.mode != "monitor":
            await self._publish()
        await opening

    async def leave(self) -> None:
        """Everything is closed, as when the browser closes."""
        await self.close_line()
        await self.room.disconnect()
        for task in (*self._tasks, *([self._pumping] if self._pumping else [])):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._source = self._track = self._pumping = None

    async def _open_line(self) -> None:
        url = str(self.api.base_url.join(f"/api/calls/{self.call_id}/line")).replace("http", "ws", 1)
        headers = {"Authorization": self.api.headers["authorization"]}
        self._line = await websockets.connect(url, additional_headers=headers)
        self._beating = asyncio.create_task(self._beat(self._line))

    async def _beat(self, line: websockets.ClientConnection) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await line.send("beat")
                await asyncio.sleep(BEAT_SECONDS)

    async def falls_silent(self) -> float:
        """The network is gone: no beat, no sound, and nothing is closed. The instant."""
        assert self._beating is not None
        self._beating.cancel()
        self.sounds = False
        return time.monotonic()

    async def close_line(self) -> float:
        """The console's connection closes; the room is another matter. The instant."""
        if self._beating is not None:
            self._beating.cancel()
        if self._line is not None:
            await self._line.close()
        return time.monotonic()

    async def comes_anew(self) -> None:
        """The media connection is lost, and made anew by the SDK, which publishes again."""
        made = asyncio.Event()
        self.room.on("reconnected", made.set)
        await self.room.simulate_scenario(rtc.SimulateScenarioKind.SIMULATE_FULL_RECONNECT)
        async with asyncio.timeout(10):
            await made.wait()

    async def enter_again(self) -> None:
        """Go in once more with what one had, after having been put out."""
        while self.room.isconnected():
            await asyncio.sleep(0.02)
        self.room = rtc.Room()
        self.room.on("track_subscribed", self._on_track)
        with contextlib.suppress(rtc.ConnectError):
            await self.room.connect(self.connection["url"], self.connection["token"])

    # --- modes -------------------------------------------------------------------------------------------------------

    async def switch(self, mode: str, epoch: int | None = None) -> float:
        """Another mode, done as the console does it; seconds until it is confirmed."""
        began = time.monotonic()
        await self._walk(mode, lambda: self.post(self._path("mode"), 200, mode=mode, lead_epoch=epoch))
        return time.monotonic() - began

    async def hand_back(self) -> float:
        """The agent leads again; one listens. Seconds until it is confirmed."""
        began = time.monotonic()
        await self._walk("monitor", lambda: self.post(self._path("hand-back"), 204))
        return time.monotonic() - began

    def _path(self, verb: str) -> str:
        return f"/api/calls/{self.call_id}/{verb}"

    async def _walk(self, mode: str, ask: Any) -> None:
        for step in steps(self.mode, mode):
            match step:
                case "ask":
                    await ask()
                case "open" | "restrict":
                    self._restricted = step == "restrict"
                    self._permit()
                case "publish":
                    await self._publish()
                case "unpublish":
                    await self._unpublish()
                case "mute" | "unmute":
                    self._hush(step == "mute")
        self.mode = mode

    def _permit(self) -> None:
        agents = {name for name in self.room.remote_participants if name.startswith("agent-")}
        if self.connection.get("agent_identity"):
            agents.add(self.connection["agent_identity"])
        allowed = [rtc.ParticipantTrackPermission(participant_identity=name, allow_all=True) for name in agents]
        self.room.local_participant.set_track_subscription_permissions(
            allow_all_participants=not self._restricted, participant_permissions=allowed if self._restricted else []
        )

    def _hush(self, silent: bool) -> None:
        if self._track is not None:
            (self._track.mute if silent else self._track.unmute)()

    async def _publish(self) -> None:
        await self._allowed()
        self._permit()
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=40)
        self._track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False)
        self._pumping = asyncio.create_task(self._pump(self._source))
        await self.room.local_participant.publish_track(self._track, options)

    async def _unpublish(self) -> None:
        track, self._track, self._source = self._track, None, None
        if self._pumping is not None:
            self._pumping.cancel()
        if track is not None:
            await self.room.local_participant.unpublish_track(track.sid)

    async def _allowed(self) -> None:
        """Until the media server has said that one may publish."""
        me = self.room.local_participant
        changed = asyncio.Event()
        self.room.on("participant_permissions_changed", lambda *_: changed.set())
        async with asyncio.timeout(PERMISSION_SECONDS):
            while not me.permissions.can_publish:
                await changed.wait()
                changed.clear()

    # --- sound -------------------------------------------------------------------------------------------------------

    async def says(self, sentence: str) -> float:
        """Say it in real time; the instant of its beginning, on the clock of `time.monotonic`."""
        assert self._source is not None
        began = time.monotonic()
        samples = speak(sentence, "rms", RATE)
        padded = np.concatenate([samples, np.zeros(RATE // 5 + -len(samples) % FRAME, dtype=np.int16)])
        self._said = [padded[start : start + FRAME] for start in range(0, len(padded), FRAME)]
        while self._said:
            await asyncio.sleep(0.01)
        return began

    async def _pump(self, source: rtc.AudioSource) -> None:
        """A microphone that is always on: what is said, else the tone, else silence."""
        place = 0
        while True:
            part = np.zeros(FRAME, dtype=np.int16)
            if self._said:
                part = self._said.pop(0)
            elif self.sounds:
                at = np.arange(place, place + FRAME)
                part = (8_000 * np.sin(2 * math.pi * TONE_HZ * at / RATE)).astype(np.int16)
            place += FRAME
            await source.capture_frame(rtc.AudioFrame(part.tobytes(), RATE, 1, FRAME))

    async def hears(self, identity: str, after: float, timeout: float = 10) -> float:
        """When somebody whose identity begins like this was first heard after that instant."""
        deadline = time.monotonic() + timeout
        while True:
            heard = [at for at, who, level in self.levels if at > after and who.startswith(identity) and level > LOUD]
            if len(heard) > 2:
                return heard[0]
            assert time.monotonic() < deadline, f"{identity} was not heard within {timeout} s"
            await asyncio.sleep(0.01)

    def heard_of(self, identity: str, after: float, until: float) -> float:
        """Seconds of sound of this participant between two instants."""
        return 0.01 * sum(
            after < at < until and who.startswith(identity) and level > LOUD for at, who, level in self.levels
        )

    def _on_track(self, track: rtc.Track, _: object, who: rtc.RemoteParticipant) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            self._tasks.append(asyncio.create_task(self._listen(track, who.identity)))

    async def _listen(self, track: rtc.Track, identity: str) -> None:
        stream = rtc.AudioStream.from_track(track=track, sample_rate=RATE, num_channels=1, frame_size_ms=10)
        try:
            async for event in stream:
                samples = np.frombuffer(event.frame.data, dtype=np.int16).astype(np.float64)
                self.levels.append((time.monotonic(), identity, float(np.sqrt((samples**2).mean()))))
        finally:
            await stream.aclose()


@asynccontextmanager
async def on_duty(stack: Stack, email: str) -> AsyncIterator[Supervisor]:
    """This person with a key of their own; afterwards nobody asks them any more."""
    headers = {"Authorization": f"Bearer {await asyncio.to_thread(stack.key, 'supervisor', email)}"}
    async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=10) as api:
        supervisor = Supervisor(api, email)
        try:
            yield supervisor
        finally:
            await supervisor.leave()
            await supervisor.stands("away", 1)
