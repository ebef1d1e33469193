"""Every word: segments are stored as they are said, in order, once."""

import logging

from callcenter.journey.ruled import by_words
from callcenter.journey.told import attendants_fade
from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import LegId, OfferId
from callcenter.platform.wire.base import SeatKind, Speaker
from callcenter.platform.wire.messages import Ack, Saying, Segment
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import LegKind
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.records.transcripts import store as transcripts
from callcenter.stages.offers.model import OfferState

log = logging.getLogger(__name__)


async def said(j: Journey, segment: Segment) -> Ack | None:
    """Store one utterance and acknowledge it. A number that leaves a gap is not stored: the answer names the last one
    that is, and the sender goes on from there (I5). None when whoever says so was never in the call.

    An agent that speaks needs no attendant beside it, should the first word of that have been lost."""
    offer_id = OfferId(segment.offer_id)
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None:
            return None
        call, offer = locked
        if offer.accepted_at is None or not _may_tell(offer.kind, segment.speaker):
            log.warning("words of somebody who was never in the call", extra={"offer_id": offer_id})
            return None
        leg_id = await _leg_of(tx, call, offer_id, segment)
        if leg_id is None:
            return None
        stored = await transcripts.stored_up_to(tx, offer_id, leg_id)
        if segment.seq == stored + 1:
            await _store(tx, call, leg_id, segment)
            stored += 1
            if call.live:
                await by_words(tx, call, segment.speaker, segment.text)
            if segment.speaker is Speaker.AGENT and offer.state is OfferState.ACCEPTED and offer.suspect_since is None:
                await attendants_fade(tx, call.id)
        elif segment.seq <= stored and await transcripts.text_of(tx, offer_id, leg_id, segment.seq) != segment.text:
            about = {"offer_id": offer_id, "speaker": segment.speaker, "seq": segment.seq}
            log.warning("a segment came again with another text; the first is kept", extra=about)
        return Ack(offer_id=segment.offer_id, speaker=segment.speaker, seq=stored, identity=segment.identity)


def _may_tell(kind: SeatKind, speaker: Speaker) -> bool:
    """Whose words somebody in the call may tell: their own, the caller's, and an agent those of supervisors."""
    if speaker is Speaker.SUPERVISOR:
        return kind is SeatKind.AGENT
    return speaker in (Speaker.CALLER, Speaker(kind))


async def _leg_of(tx: Tx, call: LockedCall, offer_id: OfferId, segment: Segment) -> LegId | None:
    """None also for a supervisor of whom it is not known yet that they are there: the words will come again."""
    if segment.speaker is Speaker.SUPERVISOR:
        return await calls.leg_of_participant(tx, call.id, segment.identity, LegKind.SUPERVISOR)
    return await calls.leg_of(tx, call.id, None if segment.speaker is Speaker.CALLER else offer_id)


async def broke_off(j: Journey, offer_id: OfferId, saying: Saying) -> bool:
    """Nothing is heard any more of the agent of this offer: store what was heard of its sentence, as unfinished. Should
    it come back, or have left the whole sentence behind, that one replaces it. False when it was finished already."""
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        leg_id = await calls.leg_of(tx, locked[0].id, offer_id) if locked else None
        if locked is None or leg_id is None or await transcripts.stored_up_to(tx, offer_id, leg_id) >= saying.seq:
            return False
        segment = Segment(
            offer_id=offer_id, speaker=Speaker.AGENT, seq=saying.seq, text=saying.text, interrupted=True,
            started_at=saying.started_at, ended_at=saying.heard_at,
        )  # fmt: skip
        await _store(tx, locked[0], leg_id, segment, unfinished=True)
        return True


async def _store(tx: Tx, call: LockedCall, leg_id: LegId, segment: Segment, *, unfinished: bool = False) -> None:
    segment_id = await transcripts.insert_segment(tx, call.id, leg_id, segment, call.arrived_at, unfinished=unfinished)
    await timeline.write(
        tx, call.id, EventType.SEGMENT_STORED, f"The {segment.speaker} said something",
        {"segment_id": segment_id, "speaker": segment.speaker, "seq": segment.seq},
    )  # fmt: skip
