"""The verbs of a call out: asked for, and either refused by the trunk's guard or let through; dialled; over."""

from dataclasses import dataclass

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import new_id
from callcenter.stages.outbound import store
from callcenter.stages.outbound.model import CallOutState, Ending, Failure, Purpose
from sip import Guard
from sip.guard import Refusal, Why, decide

# How long whoever does the next step may take before it counts as dead.
ASKED_SECONDS = 15.0
DIAL_GRACE_SECONDS = 8.0  # LiveKit's answer comes up to 2 s after the ringing has ended
HANG_UP_GRACE_SECONDS = 3.0
KEPT_CHARACTERS = 40  # of a number that was refused


@dataclass(frozen=True)
class Order:
    """A call that somebody wants. `number` as it was given; it rings for `ring_seconds` at most and, once answered,
    lasts for `talk_seconds` at most."""

    trunk: str
    number: str
    purpose: Purpose
    ring_seconds: float
    talk_seconds: float


@dataclass(frozen=True)
class Asked:
    """A call that the guard let through. `number` is what is dialled."""

    id: str
    room: str
    number: str
    order: Order

    @property
    def shared(self) -> bool:
        """Whether the room is a call's, which goes on when this call out is over."""
        return store.is_shared(self.room)


async def ask(tx: Tx, order: Order, guard: Guard | None, room: str | None = None) -> Asked | Refusal:
    """Let the guard decide and record the attempt: into the room of a call, or one of its own. The trunk stays locked
    until the end of the transaction, so that many processes together keep its caps."""
    await store.lock_trunk(tx, order.trunk)
    placed = await store.placed(tx, order.trunk)
    answer = decide(order.number, guard, placed)
    call_out_id = new_id()
    if isinstance(answer, Refusal):
        await _refused(tx, call_out_id, order, answer.why)
        return answer
    room = room or store.room_of(call_out_id)
    await store.insert_asked(tx, call_out_id, order.trunk, answer.number, order.purpose, room, ASKED_SECONDS)
    return Asked(call_out_id, room, answer.number, order)


async def _refused(tx: Tx, call_out_id: str, order: Order, why: Why) -> None:
    number = order.number.replace("\x00", "")[:KEPT_CHARACTERS]
    await store.insert_refused(tx, call_out_id, order.trunk, number, order.purpose, why)


async def dialling(tx: Tx, asked: Asked) -> bool:
    """From now on the INVITE may be on its way; True for one caller only."""
    return await store.dialling(tx, asked.id, asked.order.ring_seconds + DIAL_GRACE_SECONDS)


async def answered(tx: Tx, asked: Asked, sip_call_id: str) -> bool:
    """The callee took it; False when it was given up meanwhile."""
    return await store.answered(tx, asked.id, sip_call_id, asked.order.talk_seconds + HANG_UP_GRACE_SECONDS)


async def failed(tx: Tx, call_out_id: str, failure: Failure) -> bool:
    """Nobody answered it."""
    return await store.over(tx, call_out_id, CallOutState.FAILED, failure)


async def ended(tx: Tx, call_out_id: str, ending: Ending) -> bool:
    """It was answered and is over."""
    return await store.over(tx, call_out_id, CallOutState.ENDED, ending)


async def given_up(tx: Tx, call_out_id: str) -> bool:
    """Its time is up and its room is gone: free what it held. False when somebody has moved it on meanwhile."""
    if not await store.still_overdue(tx, call_out_id):
        return False
    return await ended(tx, call_out_id, Ending.TIME_IS_UP) or await failed(tx, call_out_id, Failure.ABANDONED)
