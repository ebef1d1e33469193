"""Those who wait are told where they stand."""

from callcenter.journey.measured import wait_at
from callcenter.journey.planned import language_of
from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire.asking import Announce
from callcenter.platform.wire.base import SeatKind
from callcenter.records.calls.store import LockedCall
from callcenter.setup.queues import store as queues
from callcenter.setup.queues.rules import Announcements, QueueBody
from callcenter.stages.callbacks import store as call_backs
from callcenter.stages.offers.model import OfferState
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.words import position_words, wait_words


async def announcement_due(j: Journey, offer_id: OfferId) -> Announce | None:
    """What the caller of this attendant is told now; None when nothing can be told, or an agent is just asked."""
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None or locked[1].kind is not SeatKind.ATTENDANT or locked[1].state is not OfferState.ACCEPTED:
            return None
        call = locked[0]
        entry = await waiting.entry(tx, call.id)
        position = await waiting.position(tx, call.id) if call.live else None
        queue = await queues.find(tx, entry.queue) if entry and entry.queue and position else None
        if entry is None or position is None or queue is None or queue.announce is None:
            return None
        position += await call_backs.ahead(tx, entry.queue or "", entry.priority, entry.entered_at)
        waited = (await tx.now() - entry.entered_at).total_seconds()
        told = await _told(tx, j, call, entry.queue or "", queue, position)
        texts = (*told, _next_text(queue.announce, waited))
        found = tuple(text for text in texts if text)
        return Announce(offer_id=offer_id, texts=found) if found else None


async def _told(
    tx: Tx, j: Journey, call: LockedCall, name: str, queue: QueueBody, position: int
) -> tuple[str, ...]:  # fmt: skip
    language = await language_of(tx, call)
    told = []
    if queue.announce and queue.announce.position:
        told.append(position_words(language, position))
    if queue.announce and queue.announce.expected_wait:
        expected = await wait_at(j.timing.worker_silent, tx, name, queue, position)
        told.append("" if expected is None else wait_words(language, expected))
    return tuple(told)


def _next_text(announce: Announcements, waited_seconds: float) -> str:
    """The texts in their turn, by the time waited: whichever attendant says them."""
    turn = max(0, round(waited_seconds / announce.every_seconds) - 1)
    return announce.texts[turn % len(announce.texts)] if announce.texts else ""
