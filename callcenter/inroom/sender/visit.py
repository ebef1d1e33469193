"""One attendant in one room, by way of the sender: who is there, what is played, what they say."""

import asyncio
import base64
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from callcenter.inroom.sender.clips import Clip
from callcenter.inroom.sender.opus import PACKET_SECONDS, Decoder
from callcenter.inroom.sender.process import Event, Run, Sender, SenderError
from callcenter.inroom.sound.music import Samples

# Who says nothing may send nothing; whoever listens hears silence then.
SILENT_SECONDS = 0.2
LEAVE_SECONDS = 2.0
RTP_RATE = 48_000  # of Opus, whatever it was made of (RFC 7587, 4.1)
RTP_WRAP = 1 << 32
LONGEST_GAP_SECONDS = 5.0  # a longer one is another track's time
AHEAD_SECONDS = 2.0  # of the time that has passed: what was held up on the way comes faster than it was said


@dataclass(frozen=True)
class Guest:
    """Somebody else in the room. Numbers are LiveKit's (`ParticipantInfo.Kind`, `DisconnectReason`)."""

    identity: str
    kind: int
    attributes: Mapping[str, str]
    tracks: int
    disconnect_reason: int | None = None


class Host(Protocol):
    """Who wants to know what happens in a room."""

    def on_guest(self, guest: Guest) -> None:
        """Somebody came, or something about them changed."""

    def on_guest_left(self, guest: Guest) -> None:
        """Somebody left."""

    def on_key(self, identity: str, digit: str) -> None:
        """A key was pressed, as livekit-sip writes it."""

    def on_gone(self, failure: str | None) -> None:
        """The visit is over: the media server ended it, or the sender failed."""


class Gaps:
    """Where a participant who says nothing sends nothing, their sound has gaps, which its RTP timestamps tell of."""

    def __init__(self) -> None:
        self._next: int | None = None
        self._filled = 0.0

    def waited(self, seconds: float) -> float:
        """Nothing came for so long: how much silence that makes."""
        self._filled += seconds
        return seconds

    def before(self, time: int, seconds: float) -> float:
        """A packet of so many seconds came: how much silence is still missing before it."""
        expected, filled = self._next, self._filled
        self._next, self._filled = (time + round(seconds * RTP_RATE)) % RTP_WRAP, 0.0
        if expected is None:
            return 0.0
        gap = (time - expected) % RTP_WRAP / RTP_RATE
        return max(0.0, gap - filled) if gap < LONGEST_GAP_SECONDS else 0.0


@dataclass(eq=False)
class Hearing:
    """What one guest says from now on, until it is closed."""

    visit: "Visit"
    identity: str
    came: asyncio.Event = field(default_factory=asyncio.Event)
    packets: asyncio.Queue[tuple[bytes, int]] = field(default_factory=asyncio.Queue)
    since: float = field(default_factory=time.monotonic)

    async def frames(self, rate: int, seconds: float = PACKET_SECONDS) -> AsyncIterator[Samples]:
        """Their sound as it comes, mono at this rate in pieces of so many seconds; silence where nothing comes.
        Nobody says more than time passes: what is more than `AHEAD_SECONDS` ahead of it is left out."""
        decoder, gaps, size = Decoder(rate), Gaps(), round(seconds * rate)
        held = np.zeros(0, dtype=np.int16)
        given = 0
        while True:
            try:
                async with asyncio.timeout(SILENT_SECONDS):
                    packet, at = await self.packets.get()
                samples = decoder.samples(packet)
                silent = gaps.before(at, len(samples) / rate)
            except TimeoutError:
                if not self.packets.empty():  # we were late, not they
                    continue
                samples = np.zeros(0, dtype=np.int16)
                silent = gaps.waited(SILENT_SECONDS)
            held = np.concatenate([held, np.zeros(round(silent * rate), dtype=np.int16), samples])
            while len(held) >= size:
                if given * seconds <= time.monotonic() - self.since + AHEAD_SECONDS:
                    given += 1
                    yield held[:size]
                held = held[size:]

    def skip(self) -> None:
        """What came by now is not wanted."""
        while not self.packets.empty():
            self.packets.get_nowait()

    def close(self) -> None:
        """Listen no longer."""
        self.visit.listen_no_longer(self)


class Visit:
    """One room. `join` before anything else, `leave` at the end."""

    def __init__(self, sender: Sender, host: Host) -> None:
        self._sender = sender
        self._host = host
        self._run: Run | None = None
        self._id = ""
        self._played: dict[int, asyncio.Future[int | None]] = {}
        self._hearings: list[Hearing] = []
        self.guests: dict[str, Guest] = {}

    async def join(self, url: str, token: str) -> None:
        """Join the room; nobody's sound is asked for. Raises SenderError."""
        self._run = await self._sender.run()
        self._id = str(self._run.number())
        self._run.attend(self._id, self._hear)
        answer = await self._run.ask("join", visit=self._id, url=url, token=token)
        for found in answer.get("guests", ()):
            self.guests.setdefault(found["identity"], _guest(found))

    async def publish(self, name: str) -> None:
        """Offer a track, silent until something is played; livekit-sip answers a ringing call when it sees it. Raises
        SenderError."""
        await self._present.ask("publish", visit=self._id, name=name)

    def play(self, clip: Clip, *, again: bool = False) -> asyncio.Future[int | None]:
        """Play this instead of what plays, once or `again` and again. The future is how many
        packets of it were sent, once it has ended or something took its place; None where that is not known."""
        run = self._present
        item = run.number()
        ended = self._played[item] = asyncio.get_running_loop().create_future()
        if run.ended:
            self._end(item, None)
        else:
            run.play(self._id, item, clip, again=again)
        return ended

    def stop(self) -> None:
        """Be silent at once."""
        if self._run is not None:
            self._run.tell("stop", visit=self._id)

    async def where(self) -> int:
        """The number of the packet that is sent next. Raises SenderError."""
        answer = await self._present.ask("where", visit=self._id)
        return int(answer["at"])

    def listen(self, identity: str) -> Hearing:
        """Hear what a guest says from now on."""
        hearing = Hearing(self, identity)
        if any(other.identity == identity and other.came.is_set() for other in self._hearings):
            hearing.came.set()
        self._hearings.append(hearing)
        self._present.tell("hear", visit=self._id, identity=identity, wanted=True)
        return hearing

    def listen_no_longer(self, hearing: Hearing) -> None:
        """See `Hearing.close`."""
        if hearing not in self._hearings:
            return
        self._hearings.remove(hearing)
        if not any(other.identity == hearing.identity for other in self._hearings):
            self._present.tell("hear", visit=self._id, identity=hearing.identity, wanted=False)

    async def call(self, identity: str, method: str, payload: str, seconds: float) -> None:
        """Call a guest's method and wait so long for its answer. Raises SenderError."""
        await self._present.ask(
            "call", visit=self._id, identity=identity, method=method, payload=payload, seconds=seconds
        )

    def fail(self, why: str) -> None:
        """The visit cannot go on: its host hears so."""
        self._host.on_gone(why)

    async def leave(self) -> None:
        """Leave the room, however far joining it came."""
        if self._run is None:
            return
        with contextlib.suppress(SenderError, TimeoutError):
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._run.ask("leave", visit=self._id)
        self._run.forget(self._id)
        for item in list(self._played):
            self._end(item, None)

    @property
    def _present(self) -> Run:
        assert self._run is not None, "join before anything else"
        return self._run

    def _hear(self, event: Event | None) -> None:
        match event:
            case None:
                for item in list(self._played):
                    self._end(item, None)
                self._host.on_gone("its sender ended")
            case {"event": "gone"}:
                self._host.on_gone(event.get("error"))
            case {"event": "played", "item": item, "at": sent}:
                self._end(item, sent)
            case {"event": "came", "guest": found}:
                guest = self.guests[found["identity"]] = _guest(found)
                self._host.on_guest(guest)
            case {"event": "left", "guest": found}:
                self.guests.pop(found["identity"], None)
                self._host.on_guest_left(_guest(found, found["reason"]))
            case {"event": "key", "identity": identity, "digit": digit}:
                self._host.on_key(identity, digit)
            case {"event": "hears" | "sound"}:
                self._hear_guest(event)

    def _hear_guest(self, event: Event) -> None:
        """A guest's track is there, or a packet of it."""
        for hearing in self._hearings:
            if hearing.identity == event["identity"]:
                hearing.came.set()
                if event["event"] == "sound":
                    hearing.packets.put_nowait((base64.b64decode(event["packet"]), event.get("time", 0)))

    def _end(self, item: int, sent: int | None) -> None:
        ended = self._played.pop(item, None)
        if ended is not None and not ended.done():
            ended.set_result(sent)


def _guest(found: Event, reason: int | None = None) -> Guest:
    return Guest(found["identity"], found["kind"], found["attributes"], found["tracks"], reason)
