"""A telephone network that only takes notes, and fails as told."""

import asyncio
from dataclasses import dataclass, field

from callcenter.platform.plumbing.livekit_calls import DialFailed, OutboundTrunk
from callcenter.platform.plumbing.livekit_rooms import Participant, Room
from callcenter.stages.outbound.flow import Order
from callcenter.stages.outbound.model import Purpose
from sip import Guard

NUMBER = "+493023125001"


def order(trunk: str = "carrier", number: str = NUMBER, ring: float = 30, talk: float = 60) -> Order:
    return Order(trunk, number, Purpose.TRIAL, ring, talk)


@dataclass
class NotedLines:
    """`dialled`: rooms into which somebody was called, `up` those that are there. `refuses`: how the next dial fails;
    `down`: nothing is deleted; `rings`: set it, and calls ring until the event
    is set."""

    guard: Guard | None = field(default_factory=lambda: Guard(prefixes=("+49",), concurrent=5))
    dialled: list[str] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)
    up: dict[str, list[Participant]] = field(default_factory=dict)
    refuses: DialFailed | None = None
    down: bool = False
    rings: asyncio.Event | None = None
    ringing: asyncio.Event = field(default_factory=asyncio.Event)
    most_at_once: int = 0

    async def trunk(self, name: str) -> OutboundTrunk:
        return OutboundTrunk(f"ST_{name}", name, self.guard)

    async def outbound(self) -> list[OutboundTrunk]:
        if self.down:
            raise ConnectionError("the media server is down")
        return [OutboundTrunk("ST_carrier", "carrier", self.guard, ("+493023125999",))]

    async def dial(
        self, trunk: OutboundTrunk, number: str, room: str, identity: str, ring_seconds: float, talk_seconds: float
    ) -> str:
        self.dialled.append(room)
        if self.refuses:
            raise self.refuses
        self.up[room] = [Participant(identity, True, {"sip.callStatus": "active"})]
        self.most_at_once = max(self.most_at_once, len(self.up))
        self.ringing.set()
        if self.rings:
            await self.rings.wait()
        if self.refuses:
            raise self.refuses
        return f"call-id of {room}"

    async def delete(self, room: str) -> None:
        if self.down:
            raise ConnectionError("the media server is down")
        self.up.pop(room, None)

    async def remove(self, room: str, identity: str) -> None:
        if self.down:
            raise ConnectionError("the media server is down")
        self.removed.append((room, identity))
        self.up.pop(room, None)

    async def participants(self, room: str) -> list[Participant]:
        return self.up.get(room, [])

    async def rooms(self) -> list[Room]:
        return [Room(name, 60.0, len(present)) for name, present in self.up.items()]
