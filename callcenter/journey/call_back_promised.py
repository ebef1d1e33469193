"""A caller is to be called back: the number is confirmed, or keyed in, and the place in line is kept."""

import phonenumbers

from callcenter.journey import tried
from callcenter.journey.call_back_asked import NO, YES, number_of
from callcenter.journey.call_back_missed import told
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.plumbing.livekit_calls import OutboundTrunk
from callcenter.records.calls import read as past_calls
from callcenter.records.calls.model import Outcome
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline.model import EventType
from callcenter.setup.numbers import store as numbers
from callcenter.setup.queues import store as queues
from callcenter.setup.queues.rules import CallBackPolicy, QueueBody
from callcenter.stages.callbacks import store as call_backs
from callcenter.stages.callbacks.rules import entered
from callcenter.stages.callbacks.words import words_of
from callcenter.stages.offers import store as offers
from callcenter.stages.outbound.rules import choose
from callcenter.stages.waiting import places
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.store import Entry
from callcenter.stages.waiting.treatment import CallBackOffer, Message
from sip.guard import Refusal

MOST_MISSED = 2
MOST_A_DAY = 3  # promises to one number, and to one caller


async def trunks_for(j: Journey, offer_id: OfferId) -> list[OutboundTrunk] | None:
    """The outbound trunks, when this attendant's caller is being asked for a number: whoever may not be called must not
    be promised it. None when nothing is being asked, or the trunks cannot be told."""
    async with j.db.transaction() as tx:
        offer = await offers.find(tx, offer_id)
        entry = await waiting.entry(tx, offer.call_id) if offer else None
    if j.lines is None or entry is None or not isinstance(entry.treatment, CallBackOffer):
        return None
    try:
        return await j.lines.outbound()
    except ConnectionError:
        return None


async def answered(
    tx: Tx, call: LockedCall, entry: Entry, offer: CallBackOffer, key: str | None, digits: str | None,
    language: str, trunks: list[OutboundTrunk] | None,
) -> None:  # fmt: skip
    """The caller confirmed a number, wants another, keyed one in, or did nothing of that."""
    number = await number_of(tx, call, offer)
    now = offer.model_copy(update={"asked": offer.asked + 1, "missed": 0, "refused": False})
    if number and key == YES:
        await _promise(tx, call, entry, now, number, trunks)
    elif number and key == NO:
        await places.keep_treatment(tx, call.id, now.model_copy(update={"number": ""}))
    elif not number and digits and (keyed := entered(digits, await _region(tx, call))):
        await places.keep_treatment(tx, call.id, now.model_copy(update={"number": keyed}))
    elif offer.missed + 1 >= MOST_MISSED:
        await _without(tx, call, entry, words_of(language).nothing_chosen)
    else:
        await places.keep_treatment(tx, call.id, now.model_copy(update={"missed": offer.missed + 1}))


async def _promise(
    tx: Tx, call: LockedCall, entry: Entry, offer: CallBackOffer, number: str, trunks: list[OutboundTrunk] | None
) -> None:
    queue = await queues.find(tx, offer.queue)
    policy = queue.call_back if queue else CallBackPolicy()
    refused = trunks is not None and isinstance(choose(trunks, policy.trunk, number), Refusal)
    if queue is None or refused or await _too_often(tx, call, number) or await numbers.is_entered(tx, number):
        again = offer.model_copy(update={"number": "", "missed": offer.missed + 1, "refused": True})
        await places.keep_treatment(tx, call.id, again)
        return
    if await tried.is_test(tx, call.id):  # said, and not done: nobody is to be called for having tried it
        await waiting.treat(tx, call.id, Message(text=offer.text, outcome=Outcome.CALL_BACK), told=True)
        return
    in_line = entry.queue == offer.queue
    call_back_id = await call_backs.plan(
        tx, number=number, queue=offer.queue, profile=offer.profile or queue.profile,
        priority=entry.priority if in_line else offer.priority, required_skills=_skills(entry, queue, in_line=in_line),
        entered_at=entry.entered_at, origin_call_id=call.id,
    )  # fmt: skip
    row = await call_backs.find(tx, call_back_id)
    assert row is not None
    await told(tx, row, call.id, EventType.CALL_BACK_PROMISED, "The caller is to be called back and keeps their place")
    await waiting.treat(tx, call.id, Message(text=offer.text, outcome=Outcome.CALL_BACK), told=True)


async def _too_often(tx: Tx, call: LockedCall, number: str) -> bool:
    """Whether this number, or whoever asks, was promised enough: nobody has others rung through us."""
    routing = await past_calls.routing(tx, call.id)
    asks = routing.from_ if routing else ""
    return await call_backs.promised_lately(tx, number, asks) >= MOST_A_DAY


def _skills(entry: Entry, queue: QueueBody, *, in_line: bool) -> tuple[str, ...]:
    return entry.required_skills if in_line else tuple(sorted(queue.required_skills))


async def _without(tx: Tx, call: LockedCall, entry: Entry, goodbye: str) -> None:
    """No call-back: back to the line, for whoever came from there."""
    queue = await queues.find(tx, entry.queue) if entry.queue else None
    if queue is None:
        await waiting.treat(tx, call.id, Message(text=goodbye), told=True)
    else:
        await places.resume(tx, call.id, queue.max_wait_seconds)


async def _region(tx: Tx, call: LockedCall) -> str | None:
    """The country that the caller dialled: what they key in without a country is there."""
    routing = await past_calls.routing(tx, call.id)
    try:
        dialled = phonenumbers.parse(routing.to if routing else "", None)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.region_code_for_country_code(dialled.country_code or 0)
