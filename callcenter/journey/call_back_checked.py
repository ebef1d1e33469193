"""Whoever answered a call-back is asked whether they are the one: who confirms is connected; a machine does not."""

from callcenter.journey import effects
from callcenter.journey.call_back_asked import NO, YES
from callcenter.journey.call_back_missed import told
from callcenter.journey.called_back import kept_seat
from callcenter.journey.ended import end, withdraw
from callcenter.journey.offered import taking
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.wire.base import SeatKind
from callcenter.records.calls.model import EndedBy, Outcome
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline.model import EventType
from callcenter.setup.queues import store as queues
from callcenter.stages.callbacks import store as call_backs
from callcenter.stages.callbacks.model import CallBackState
from callcenter.stages.callbacks.rules import Missed
from callcenter.stages.callbacks.words import words_of
from callcenter.stages.offers import store as offers
from callcenter.stages.waiting import places
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.treatment import CallBackCheck, Message

PROMPTS = 2


async def answered(
    tx: Tx, j: Journey, call: LockedCall, check: CallBackCheck, key: str | None, language: str
) -> None:  # fmt: skip
    """A key or a word, or nothing in time."""
    row = await call_backs.of_call(tx, call.id)
    if row is None:
        await end(tx, call, Outcome.FAILED, EndedBy.SYSTEM, "nobody is to be called back any more")
    elif key == YES:
        await _confirmed(tx, j, call)
        await told(tx, row, call.id, EventType.CALL_BACK_CONFIRMED, "The caller confirmed and stands at their place")
    elif key == NO:
        await call_backs.over(tx, row.id, CallBackState.CANCELLED, "declined")
        await told(tx, row, call.id, EventType.CALL_BACK_CANCELLED, "The caller needs no call-back any more")
        await _only_told(tx, call, Message(text=words_of(language).not_wanted))
    elif check.asked + 1 < PROMPTS:
        await places.keep_treatment(tx, call.id, check.model_copy(update={"asked": check.asked + 1}))
    else:
        await call_backs.missed(tx, row.id, Missed.MACHINE)
        if check.announce:
            await _only_told(tx, call, Message(text=check.announce, outcome=Outcome.FAILED))
        else:
            await end(tx, call, Outcome.FAILED, EndedBy.SYSTEM, "nobody confirmed: a machine, or nobody there")


async def _only_told(tx: Tx, call: LockedCall, message: Message) -> None:
    """A sentence, and the end: the seat that was kept is somebody else's while it is said."""
    if (kept := await kept_seat(tx, call, SeatKind.AGENT)) is not None:
        await withdraw(tx, kept, "nobody is to be connected")
    await waiting.treat(tx, call.id, message, told=True)


async def _confirmed(tx: Tx, j: Journey, call: LockedCall) -> None:
    """Into the line at the old place; the seat that was kept is asked at once."""
    queue = await queues.find(tx, call.queue) if call.queue else None
    await places.resume(tx, call.id, queue.max_wait_seconds if queue else None)
    kept = await kept_seat(tx, call, SeatKind.AGENT)
    if kept is None or not await offers.renew(tx, kept.id, j.timing.offer_lease):
        return
    await waiting.offered(tx, call.id)
    await effects.record_takes(tx, [taking(SeatKind.AGENT, call, kept.id, kept.worker)], j.timing.offer_lease)
