"""Nobody will come, or it is enough: the caller hears so in a sentence, and the call ends."""

from callcenter.journey import chose, effects
from callcenter.journey.ended import end, outcome_now, withdraw
from callcenter.journey.replanned import replanned
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.messages import SayAndEnd
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import EndedBy, Outcome
from callcenter.records.calls.store import LockedCall
from callcenter.setup.queues import store as queues
from callcenter.setup.queues.rules import QueueBody
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.model import OfferState
from callcenter.stages.offers.store import OfferRow
from callcenter.stages.waiting import places
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.model import WaitingState
from callcenter.stages.waiting.treatment import AskHuman, CallBackOffer, Menu, Message, Transfer, Treatment

TOO_LONG: str = QueueBody.model_fields["too_long"].default


async def gave_up(j: Journey, call_id: CallId) -> bool:
    """The time in line is over; or that of saying so, when nobody was there to say it."""
    async with j.verb() as tx:
        call = await calls.lock(tx, call_id)
        entry = await waiting.entry(tx, call_id)
        if call is None or not call.live or entry is None or entry.state is not WaitingState.WAITING:
            return False
        if isinstance(entry.treatment, Menu):
            await chose.nothing(tx, j, call, entry.treatment)
            return True
        if entry.queue and _not_begun(entry.treatment):  # a place is worth more than nothing
            await places.resume(tx, call_id, (await queues.get(tx, entry.queue)).max_wait_seconds)
            return True
        if entry.treatment is not None:
            outcome = await outcome_now(tx, call, Outcome.FAILED)
            return await end(tx, call, outcome, EndedBy.SYSTEM, "nobody was there to carry out what was decided")
        await last_words(tx, call, (await queues.get(tx, entry.queue or "")).gave_up)
        return True


def _not_begun(treatment: Treatment | None) -> bool:
    """Whether a caller in line was to be called back, connected or taken by a human, and nobody began with it."""
    return isinstance(treatment, CallBackOffer | AskHuman) or (
        isinstance(treatment, Transfer) and treatment.call_out_id is None
    )


async def last_words(tx: Tx, call: LockedCall, text: str, outcome: Outcome = Outcome.FAILED) -> None:
    """From now on the call only gets this sentence, from the attendant that is there or from the next one."""
    for offer in await _treat(tx, call, Message(text=text, outcome=outcome)):
        await effects.command(tx, call.id, offer.worker, SayAndEnd(offer_id=offer.id, text=text))


async def begin(tx: Tx, call: LockedCall, treatment: Treatment) -> None:
    """The call leaves the line for this, with the attendant that is there or with the next one."""
    if isinstance(treatment, Message) and treatment.audio is None:
        await last_words(tx, call, treatment.text, Outcome(treatment.outcome))
        return
    await _treat(tx, call, treatment)
    await replanned(tx, call.id)


async def _treat(tx: Tx, call: LockedCall, treatment: Treatment) -> list[OfferRow]:
    """The attendants that are there and are still to be told."""
    attendants = [offer for offer in await offers.live_of(tx, call.id) if offer.kind is SeatKind.ATTENDANT]
    await waiting.treat(tx, call.id, treatment, told=bool(attendants))
    there = [offer for offer in attendants if offer.state is OfferState.ACCEPTED]
    if there:
        await waiting.attendant_there(tx, call.id)
    return there


async def too_long(j: Journey, call_id: CallId) -> bool:
    """The call has reached the longest that is allowed: whoever talks to the caller says so and ends it. False when its
    last sentence is already on the way."""
    async with j.verb() as tx:
        call = await calls.lock(tx, call_id)
        entry = await waiting.entry(tx, call_id)
        if call is None or not call.live or entry is None or isinstance(entry.treatment, Message):
            return False
        queue = await queues.find(tx, entry.queue) if entry.queue else None
        text = queue.too_long if queue else TOO_LONG
        agents = [offer for offer in await offers.live_of(tx, call_id) if offer.kind is SeatKind.AGENT]
        for offer in agents:
            if offer.state is OfferState.OFFERED:
                await withdraw(tx, offer, "the call reached the maximum length")
            elif offer.suspect_since is None:
                await waiting.treat(tx, call_id, Message(text=text, outcome=_after_talking(call)), told=True)
                await effects.command(tx, call_id, offer.id, SayAndEnd(offer_id=offer.id, text=text))
                return True
        await last_words(tx, call, text, _after_talking(call))
        return True


async def cut_off(j: Journey, call_id: CallId) -> bool:
    """Nobody has said the last sentence of a call over the maximum length in time: it ends all the same."""
    return await _end_now(j, call_id, "it reached the maximum length")


async def never_answered(j: Journey, call_id: CallId) -> bool:
    """It has rung for longer than any network lets it ring, and nobody is there to answer."""
    return await _end_now(j, call_id, "nobody answered in time")


async def _end_now(j: Journey, call_id: CallId, because: str) -> bool:
    async with j.verb() as tx:
        call = await calls.lock(tx, call_id)
        return call is not None and await end(tx, call, _after_talking(call), EndedBy.SYSTEM, because)


def _after_talking(call: LockedCall) -> Outcome:
    return Outcome.COMPLETED if call.answered_at else Outcome.FAILED
