"""Every word: segments are stored as they are said, in order, once."""

from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire.messages import Ack, Segment, Speaker
from callcenter.records.calls import store as calls
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.records.transcripts import store as transcripts


async def said(j: Journey, segment: Segment) -> Ack | None:
    """Store one utterance and acknowledge it. A number that leaves a gap is not stored: the answer names the last one
    that is, and the sender goes on from there (I5). None when there is no such offer or leg."""
    offer_id = OfferId(segment.offer_id)
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None:
            return None
        call, _ = locked
        leg_id = await calls.leg_of(tx, call.id, None if segment.speaker is Speaker.CALLER else offer_id)
        if leg_id is None:
            return None
        stored = await transcripts.stored_up_to(tx, offer_id, leg_id)
        if segment.seq == stored + 1:
            segment_id = await transcripts.insert_segment(tx, call.id, leg_id, segment, call.arrived_at)
            await timeline.write(
                tx, call.id, EventType.SEGMENT_STORED, f"The {segment.speaker} said something",
                {"segment_id": segment_id, "speaker": segment.speaker, "seq": segment.seq},
            )  # fmt: skip
            stored += 1
        return Ack(offer_id=segment.offer_id, speaker=segment.speaker, seq=stored)
