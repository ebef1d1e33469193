"""Placing a call out: the guard decides in a transaction, the network comes after its commit.

Whatever dies in between, nobody is called twice, and what a call held is free again when its time is up (loop.py).
"""

import contextlib
from dataclasses import dataclass
from typing import Protocol

from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.livekit_calls import DialFailed, OutboundTrunk
from callcenter.platform.plumbing.loops import uncut
from callcenter.stages.outbound import flow, store
from callcenter.stages.outbound.flow import Asked, Order
from callcenter.stages.outbound.model import Ending, Failure
from sip.guard import Refusal

# RFC 3261, section 21, and 607 of RFC 8197.
_FAILURES = {
    404: Failure.NO_SUCH_NUMBER, 410: Failure.NO_SUCH_NUMBER, 484: Failure.NO_SUCH_NUMBER, 604: Failure.NO_SUCH_NUMBER,
    408: Failure.NO_ANSWER, 480: Failure.NO_ANSWER, 487: Failure.NO_ANSWER,
    486: Failure.BUSY, 600: Failure.BUSY,
    603: Failure.DECLINED, 607: Failure.DECLINED,
}  # fmt: skip


class Lines(Protocol):
    """What the dialler needs of LiveKit; `dial` raises DialFailed, `delete` whatever it likes."""

    async def trunk(self, name: str) -> OutboundTrunk: ...
    async def outbound(self) -> list[OutboundTrunk]: ...
    async def dial(
        self, trunk: OutboundTrunk, number: str, room: str, identity: str, ring_seconds: float, talk_seconds: float
    ) -> str: ...
    async def delete(self, room: str) -> None: ...
    async def remove(self, room: str, identity: str) -> None: ...


@dataclass(frozen=True)
class Ready:
    """A call that may be dialled now, once."""

    asked: Asked
    trunk: OutboundTrunk


@dataclass(frozen=True)
class Answered:
    """Somebody took the call; `callee` is their identity in the room."""

    sip_call_id: str
    callee: str


@dataclass(frozen=True)
class NotAnswered:
    """Nobody took it. `status` is the SIP status if there was one, `reason` what the other side said."""

    failure: Failure
    status: int | None
    reason: str


def callee_of(asked: Asked) -> str:
    """The callee's identity in the room."""
    return store.callee_of(asked.id)


class Dialler:
    """Calls out, one step after the other: `ask`, `dial`, `hang_up`."""

    def __init__(self, db: Database, lines: Lines) -> None:
        self._db = db
        self._lines = lines

    async def ask(self, order: Order) -> Ready | Refusal:
        """Ask the guard of the order's trunk. Raises NotFound, Conflict, ConnectionError."""
        trunk = await self._lines.trunk(order.trunk)
        async with self._db.transaction() as tx:
            asked = await flow.ask(tx, order, trunk.guard)
        return asked if isinstance(asked, Refusal) else Ready(asked, trunk)

    async def dial(self, ready: Ready) -> Answered | NotAnswered:
        """Send the INVITE and wait for the answer. Cancelled while it rings, the call is given up."""
        asked, order = ready.asked, ready.asked.order
        async with self._db.transaction() as tx:
            if not await flow.dialling(tx, asked):
                return NotAnswered(Failure.ABANDONED, None, "the call was dialled or given up already")
        try:
            sip_call_id = await self._lines.dial(
                ready.trunk, asked.number, asked.room, callee_of(asked), order.ring_seconds, order.talk_seconds
            )
            async with self._db.transaction() as tx:
                kept = await flow.answered(tx, asked, sip_call_id)
        except DialFailed as error:
            return await self._failed(asked, error)
        except BaseException:
            await uncut(self._give_up(asked))
            raise
        if not kept:
            await self._cut(asked)
            return NotAnswered(Failure.ABANDONED, None, "it was given up before it was answered")
        return Answered(sip_call_id, callee_of(asked))

    async def hang_up(self, asked: Asked, ending: Ending = Ending.HUNG_UP) -> None:
        """End the call, as far as it has come. Raises when LiveKit cannot be told: then a sweep ends it."""
        async with self._db.transaction() as tx:
            await store.time_is_up(tx, asked.id)
        await self._cut(asked)
        async with self._db.transaction() as tx:
            if not await flow.ended(tx, asked.id, ending):
                await flow.failed(tx, asked.id, Failure.ABANDONED)

    async def _cut(self, asked: Asked) -> None:
        """End the callee's leg, and the room with it where it is nobody else's."""
        if asked.shared:
            await self._lines.remove(asked.room, callee_of(asked))
        else:
            await self._lines.delete(asked.room)

    async def _failed(self, asked: Asked, error: DialFailed) -> NotAnswered:
        """What may still be under way counts as live until its time is up and a sweep has ended it for certain."""
        failure = Failure.UNREACHABLE if error.status is None else _FAILURES.get(error.status, Failure.REJECTED)
        with contextlib.suppress(Exception):
            await self._cut(asked)
        if not error.uncertain:
            async with self._db.transaction() as tx:
                await flow.failed(tx, asked.id, failure)
        return NotAnswered(failure, error.status, error.reason)

    async def _give_up(self, asked: Asked) -> None:
        async with self._db.transaction() as tx:
            await store.time_is_up(tx, asked.id)
        await self._cut(asked)
        async with self._db.transaction() as tx:
            await flow.given_up(tx, asked.id)
