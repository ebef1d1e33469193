"""A livekit-server of our own, and callers that are plain participants: enough to try what runs in a room."""

import asyncio
import os
import socket
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import yaml
from livekit import api, rtc
from pydantic import SecretStr

from callcenter.platform.plumbing.livekit_rooms import LiveKitRooms
from callcenter.platform.wire.settings import Settings

KEY = "devkey"
SECRET = "a-secret-of-thirty-two-characters"
RATE = 24_000
LOUD = 500.0

_BINARIES = Path(os.environ.get("CALLCENTER_ENGINE_BINARIES") or Path(__file__).parents[2] / ".build" / "bin")


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class LiveKit:
    url: str
    http_url: str

    def token(self, room: str, identity: str, *, kind: str = "standard", publish: bool = True) -> str:
        grants = api.VideoGrants(
            room_join=True, room=room, can_publish=publish, can_update_own_metadata=True, agent=kind == "agent"
        )
        token = api.AccessToken(KEY, SECRET).with_identity(identity).with_kind(kind)  # type: ignore[arg-type]
        return token.with_grants(grants).to_jwt()

    async def room_token(self, room: str, identity: str) -> str:
        """What the desk gives an agent or attendant."""
        rooms = LiveKitRooms(
            Settings(livekit_url=self.url, livekit_api_key=KEY, livekit_api_secret=SecretStr(SECRET))
        )  # fmt: skip
        try:
            return rooms.room_token(room, identity)
        finally:
            await rooms.close()

    def api(self) -> api.LiveKitAPI:
        return api.LiveKitAPI(self.http_url, KEY, SECRET)


async def allow_to_publish(livekit: LiveKit, room: str, identity: str) -> None:
    """What the control plane does at a claim: the whole permission set, now with the right to publish."""
    async with livekit.api() as lk:
        await lk.room.update_participant(
            api.UpdateParticipantRequest(
                room=room,
                identity=identity,
                permission=api.ParticipantPermission(
                    can_subscribe=True, can_publish=True, can_publish_data=True, can_update_metadata=True, agent=True
                ),
            )
        )


async def remove(livekit: LiveKit, room: str, identity: str) -> None:
    """What the control plane does with somebody who is lost."""
    async with livekit.api() as lk:
        await lk.room.remove_participant(api.RoomParticipantIdentity(room=room, identity=identity))


@asynccontextmanager
async def livekit_server(folder: Path) -> AsyncIterator[LiveKit]:
    port, udp = free_port(), free_port(socket.SOCK_DGRAM)
    config = {
        "port": port,
        "bind_addresses": ["127.0.0.1"],
        "keys": {KEY: SECRET},
        "rtc": {
            "udp_port": udp,
            "tcp_port": 0,
            "node_ip": "127.0.0.1",
            "use_external_ip": False,
            "enable_loopback_candidate": True,
            "ips": {"includes": ["127.0.0.1/32"]},
        },
        "node_selector": {"kind": "any", "sysload_limit": 100.0, "cpu_load_limit": 1.0},
        "logging": {"level": "warn"},
    }
    file = folder / "livekit.yaml"
    file.write_text(yaml.safe_dump(config))
    with (folder / "livekit.log").open("wb") as log:
        server = await asyncio.create_subprocess_exec(
            str(_BINARIES / "livekit-server"), "--config", str(file), stdout=log, stderr=log
        )
        try:
            await _answers(f"http://127.0.0.1:{port}/")
            yield LiveKit(f"ws://127.0.0.1:{port}", f"http://127.0.0.1:{port}")
        finally:
            server.kill()
            await server.wait()


async def _answers(url: str) -> None:
    async with asyncio.timeout(30), httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                if (await client.get(url)).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)


@dataclass
class Caller:
    """A participant that speaks PCM into the room and notes when it hears sound, frame by frame (10 ms).

    `answered_at`: when the first voice's track was there, at which livekit-sip would answer.
    """

    livekit: LiveKit
    room_name: str = field(default_factory=lambda: f"call-{uuid.uuid4().hex[:8]}")
    identity: str = "caller"
    kind: str = "standard"
    room: rtc.Room = field(default_factory=rtc.Room)
    levels: list[tuple[float, float]] = field(default_factory=list)
    answered_at: float = 0.0
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    _source: rtc.AudioSource | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def join(self, attributes: dict[str, str] | None = None) -> None:
        self.room.on("track_subscribed", self._on_track)
        await self.room.connect(self.livekit.url, self.livekit.token(self.room_name, self.identity, kind=self.kind))
        if attributes:
            await self.room.local_participant.set_attributes(attributes)
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=200)
        track = rtc.LocalAudioTrack.create_audio_track("caller", self._source)
        await self.room.local_participant.publish_track(
            track, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        )

    def is_on_a_phone(self) -> None:
        """Hang up when asked to, as livekit-sip does for its callers."""

        async def end_call(_: rtc.RpcInvocationData) -> str:
            self.hung_up.set()
            self._tasks.append(asyncio.create_task(self.room.disconnect()))
            return "{}"

        self.room.local_participant.register_rpc_method("lk.sip.EndCall", end_call)

    async def say(self, samples: np.ndarray) -> None:
        """Speak 24 kHz samples at the pace of speech, then half a second of silence so that the end can be heard."""
        assert self._source is not None
        frame = RATE // 50
        padded = np.concatenate([samples, np.zeros(RATE // 2 + (-len(samples)) % frame, dtype=np.int16)])
        for start in range(0, len(padded) - frame + 1, frame):
            part = padded[start : start + frame].astype(np.int16).tobytes()
            await self._source.capture_frame(rtc.AudioFrame(part, RATE, 1, frame))
        await self._source.wait_for_playout()

    async def hears_sound(self, seconds: float = 10, after: float = 0.0) -> float:
        """When the first sound after the loop time `after` was heard."""
        return await self._hears(lambda level: level > LOUD, seconds, after, run=2)

    async def hears_silence(self, seconds: float = 10, after: float = 0.0) -> float:
        """When the first 200 ms of silence after the loop time `after` began."""
        return await self._hears(lambda level: level < LOUD / 5, seconds, after, run=20)

    async def _hears(self, test: object, seconds: float, after: float, run: int) -> float:
        assert callable(test)
        async with asyncio.timeout(seconds):
            while True:
                times = [(at, bool(test(level))) for at, level in self.levels if at > after]
                for index in range(len(times) - run + 1):
                    if all(good for _, good in times[index : index + run]):
                        return times[index][0]
                self._news.clear()
                await self._news.wait()

    def sound_seconds(self, since: float = 0.0) -> float:
        return sum(0.01 for at, level in self.levels if at > since and level > LOUD)

    async def leave(self) -> None:
        await self.room.disconnect()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _on_track(self, track: rtc.Track, *_: object) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            self.answered_at = self.answered_at or time.monotonic()
            self._tasks.append(asyncio.create_task(self._listen(track)))

    async def _listen(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream(track, sample_rate=8000, num_channels=1)
        async for event in stream:
            samples = np.frombuffer(event.frame.data, dtype=np.int16).astype(np.float64)
            self.levels.append((time.monotonic(), float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0))
            self._news.set()
