"""A caller is connected with a number outside: it is dialled into their room. Both talk, or a sentence says why not."""

from dataclasses import dataclass
from enum import StrEnum

from callcenter.journey import tried
from callcenter.journey.ended import end
from callcenter.journey.gave_up import last_words
from callcenter.journey.replanned import replanned
from callcenter.journey.told import attendants_fade
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.plumbing.livekit_calls import OutboundTrunk
from callcenter.platform.wire.base import SeatKind
from callcenter.records.calls import out
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import CallState, EndedBy, Lead, Outcome
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.queues import store as queues
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.model import OfferState
from callcenter.stages.outbound import flow as calls_out
from callcenter.stages.outbound import store as calls_out_store
from callcenter.stages.outbound.flow import Asked, Order
from callcenter.stages.outbound.model import CallOutState, Ending, Purpose
from callcenter.stages.waiting import places
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.model import WaitingState
from callcenter.stages.waiting.store import Entry
from callcenter.stages.waiting.treatment import Transfer
from sip.guard import Refusal

RING_SECONDS = 40.0
END_GRACE_SECONDS = 60.0  # our own limit ends the call before that of the call out does
HUNG_UP = "the other side hung up"


class Step(StrEnum):
    """What is to be done about a transfer."""

    DIAL = "dial"
    CONNECT = "connect"
    FAIL = "fail"
    END = "end"


@dataclass(frozen=True)
class Seen:
    """A transfer about which something is to be done."""

    call_id: CallId
    step: Step
    transfer: Transfer
    because: str = ""


async def under_way(j: Journey) -> list[Seen]:
    """Transfers of live calls about which something is to be done: nobody dials yet, or the call out has come further
    than the call knows, for whoever placed it died."""
    async with j.db.transaction() as tx:
        found = [(each, await _call_out(tx, each.transfer)) for each in await places.transfers(tx)]
    steps = ((each, _step(each.state, call_out), call_out) for each, call_out in found)
    return [
        Seen(each.call_id, step, each.transfer, (call_out[1] or "") if call_out else "")
        for each, step, call_out in steps
        if step is not None
    ]


def _step(state: WaitingState, call_out: tuple[CallOutState, str | None] | None) -> Step | None:
    waits = state is WaitingState.WAITING
    if call_out is None:
        return Step.DIAL if waits else None
    if call_out[0] is CallOutState.ENDED:
        return Step.END
    if not waits:
        return None
    failed = (CallOutState.FAILED, CallOutState.REFUSED)
    return {CallOutState.ANSWERED: Step.CONNECT, **dict.fromkeys(failed, Step.FAIL)}.get(call_out[0])


async def _call_out(tx: Tx, transfer: Transfer) -> tuple[CallOutState, str | None] | None:
    return None if transfer.call_out_id is None else await calls_out_store.state_of(tx, transfer.call_out_id)


async def begins(j: Journey, call_id: CallId, trunk: OutboundTrunk | Refusal) -> Asked | None:
    """Ask the guard, and dial after the commit what is returned; None when nothing is to be dialled (yet): no attendant
    is with the caller, somebody else does it, or it may not be called."""
    async with j.verb() as tx:
        found = await _transferring(tx, call_id)
        if found is None or found[2].call_out_id is not None or not await _attended(tx, call_id):
            return None
        call, entry, transfer = found
        if await tried.is_test(tx, call_id):
            await _failed(tx, call, entry, "test calls are not connected with numbers outside")
            return None
        asked: Asked | Refusal = trunk if isinstance(trunk, Refusal) else await calls_out.ask(
            tx,
            Order(trunk.name, transfer.number, Purpose.TRANSFER, RING_SECONDS, j.timing.max_call + END_GRACE_SECONDS),
            trunk.guard,
            call.room,
        )  # fmt: skip
        if isinstance(asked, Refusal):
            await _failed(tx, call, entry, f"refused_{asked.why}")
            return None
        await places.keep_treatment(tx, call_id, transfer.model_copy(update={"call_out_id": asked.id}))
        await timeline.write(
            tx, call_id, EventType.TRANSFER_DIALLED, "A number outside is called for the caller",
            {"call_out_id": asked.id, "trunk": asked.order.trunk},
        )  # fmt: skip
        return asked


async def _transferring(tx: Tx, call_id: CallId) -> tuple[LockedCall, Entry, Transfer] | None:
    """The locked call that still waits for a number outside."""
    call = await calls.lock(tx, call_id)
    entry = await waiting.entry(tx, call_id)
    if call is None or not call.live or entry is None or entry.state is not WaitingState.WAITING:
        return None
    return (call, entry, entry.treatment) if isinstance(entry.treatment, Transfer) else None


async def _attended(tx: Tx, call_id: CallId) -> bool:
    live = await offers.live_of(tx, call_id)
    return any(each.kind is SeatKind.ATTENDANT and each.state is OfferState.ACCEPTED for each in live)


async def connected(j: Journey, call_id: CallId, call_out_id: str) -> bool:
    """The number outside has answered: both hear one another, and the attendant leaves. False when whoever answered is
    not to be in this call (any more): the caller has left, or is to be connected with nobody."""
    async with j.verb() as tx:
        found, callee = await _transferring(tx, call_id), calls_out_store.callee_of(call_out_id)
        if found is None or found[2].call_out_id != call_out_id or not await waiting.served(tx, call_id):
            return await out.phone_in(tx, call_id, callee)  # known already
        call = found[0]
        await out.phone_joined(tx, call_id, callee)
        await calls.set_lead(tx, call, Lead.NONE)
        await calls.set_state(tx, call_id, CallState.TALKING)
        await timeline.write(
            tx, call_id, EventType.TRANSFER_CONNECTED, "The caller talks with a number outside",
            {"call_out_id": call_out_id},
        )  # fmt: skip
        await attendants_fade(tx, call_id)
        return True


async def failed(j: Journey, call_id: CallId, because: str, call_out_id: str | None) -> bool:
    """Nobody outside took this call out (None: none was placed): back into the line for who came from there, a sentence
    and the end for everybody else. False when the call waits for another, or for none."""
    async with j.verb() as tx:
        found = await _transferring(tx, call_id)
        if found is None or found[2].call_out_id != call_out_id:
            return False
        await _failed(tx, found[0], found[1], because)
        return True


async def _failed(tx: Tx, call: LockedCall, entry: Entry, because: str) -> None:
    await timeline.write(
        tx, call.id, EventType.TRANSFER_FAILED, f"The number outside was not reached: {because}", {"failure": because}
    )
    queue = await queues.find(tx, entry.queue) if entry.queue else None
    if queue is None:
        text = entry.treatment.failed if isinstance(entry.treatment, Transfer) else ""
        await last_words(tx, call, text)
        return
    await places.resume(tx, call.id, queue.max_wait_seconds)
    await replanned(tx, call.id)


async def other_side_left(j: Journey, room: str, identity: str) -> bool:
    """Somebody outside who was connected with a caller has hung up: the call ends. False for everybody else."""
    async with j.verb() as tx:
        call = await calls.lock_by_room(tx, room)
        if call is None or not call.live or not await out.phone_in(tx, call.id, identity):
            return False
        await calls_out.ended(tx, identity.removeprefix(calls_out_store.CALLEE), Ending.CALLEE_LEFT)
        return await end(tx, call, Outcome.COMPLETED, EndedBy.SYSTEM, HUNG_UP)


async def over(j: Journey, call_id: CallId) -> bool:
    """The call out of a transfer is over, as a sweep found."""
    async with j.verb() as tx:
        call = await calls.lock(tx, call_id)
        return call is not None and call.live and await end(tx, call, Outcome.COMPLETED, EndedBy.SYSTEM, HUNG_UP)
