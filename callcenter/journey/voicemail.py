"""A caller leaves a message: its sound is stored part by part, it is closed by whatever ends it, and written down."""

import logging

from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.base import SeatKind, Speaker
from callcenter.platform.wire.messages import Segment
from callcenter.platform.wire.telephone import RATE, from_ulaw, voiced_seconds
from callcenter.platform.wire.voicemail import PartAck, Record, VoicemailPart
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import Outcome
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.records.transcripts import store as transcripts
from callcenter.records.voicemails import store as voicemails
from callcenter.records.voicemails.model import VoicemailState
from callcenter.records.voicemails.rules import MOST_SECONDS, ended_at, has_voice, retry_after
from callcenter.records.voicemails.store import Kept
from callcenter.records.voicemails.words import words_of
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.model import OfferState
from callcenter.stages.waiting.treatment import Voicemail

log = logging.getLogger(__name__)


async def taking(tx: Tx, call_id: CallId, treatment: Voicemail, language: str) -> tuple[str, Record]:
    """What an attendant says and then records. After one that died in the middle of it, the caller is asked to go on:
    what had arrived is a message of its own."""
    words = words_of(language)
    interrupted = has_voice(await voicemails.voice_of_call(tx, call_id))
    record = Record(box=treatment.box, max_seconds=treatment.max_seconds, goodbye=words.goodbye, nothing=words.nothing)
    return words.go_on if interrupted else treatment.greeting, record


async def outcome(tx: Tx, call_id: CallId, otherwise: Outcome) -> Outcome:
    """How a call ends that may have left a message: silence is none."""
    return Outcome.VOICEMAIL if has_voice(await voicemails.voice_of_call(tx, call_id)) else otherwise


async def part_came(j: Journey, part: VoicemailPart) -> PartAck | None:
    """Store one part and acknowledge it. A number that leaves a gap is not stored: the answer names the last one that
    is, and the sender goes on from there. None when whoever says so was never in the call."""
    offer_id = OfferId(part.offer_id)
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None:
            return None
        call, offer = locked
        if offer.accepted_at is None or offer.kind is not SeatKind.ATTENDANT:
            log.warning("a message from somebody who was never in the call", extra={"offer_id": offer_id})
            return None
        kept = await voicemails.of_offer(tx, offer_id)
        stored = kept.parts if kept else 0
        if part.seq != stored + 1:
            return PartAck(offer_id=offer_id, seq=stored)
        if stored >= MOST_SECONDS or (kept and kept.samples >= MOST_SECONDS * RATE):
            log.warning("a message is longer than any call: the rest is not stored", extra={"offer_id": offer_id})
            return PartAck(offer_id=offer_id, seq=part.seq)
        await _store(tx, call, kept, part)
        return PartAck(offer_id=offer_id, seq=part.seq)


async def _store(tx: Tx, call: LockedCall, kept: Kept | None, part: VoicemailPart) -> None:
    if kept is None:
        kept = await voicemails.begin(tx, call.id, await calls.number_of(tx, call.id), part, call.arrived_at)
    voiced = voiced_seconds(from_ulaw(part.audio))
    await voicemails.add(tx, kept, part.audio, voiced)
    if kept.state is not VoicemailState.RECORDING:
        await voicemails.close(tx, kept.id, voice=has_voice(kept.voiced_seconds + voiced), more_may_come=True)


async def close_once(j: Journey) -> int:
    """Close the messages whose attendant takes them no more, whatever became of it; returns how many."""
    async with j.db.transaction() as tx:
        recording = await voicemails.recording(tx)
        states = await offers.states(tx, [offer_id for _, offer_id in recording])
    over = [offer_id for _, offer_id in recording if states.get(offer_id) is not OfferState.ACCEPTED]
    return sum([await _closed(j, offer_id) for offer_id in over])


async def _closed(j: Journey, offer_id: OfferId) -> bool:
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        kept = await voicemails.of_offer(tx, offer_id)
        if locked is None or kept is None or kept.state is not VoicemailState.RECORDING:
            return False
        call, offer = locked
        voice = has_voice(kept.voiced_seconds)
        await voicemails.close(tx, kept.id, voice=voice, more_may_come=offer.state is OfferState.LOST)
        if voice:
            await timeline.write(
                tx, call.id, EventType.VOICEMAIL_LEFT, "The caller left a message",
                {"voicemail_id": kept.id, "offer_id": offer_id, "seconds": round(kept.samples / RATE, 1)},
            )  # fmt: skip
        return True


async def transcribed(j: Journey, kept: Kept, text: str) -> bool:
    """Keep what was said in a message, and the first time also as the caller's words in the call's transcript. False
    when the message has become longer meanwhile: it comes again."""
    text = text.replace("\x00", "").strip()
    async with j.verb() as tx:
        call = await calls.lock(tx, kept.call_id)
        now = await voicemails.find(tx, kept.id)
        if call is None or now is None or now.state is not VoicemailState.STORED or now.parts != kept.parts:
            return False
        segment_id = now.segment_id or (await _as_words(tx, call, now, text) if text else None)
        await voicemails.transcribed(tx, kept.id, kept.parts, text, segment_id)
        await timeline.write(
            tx, call.id, EventType.VOICEMAIL_TRANSCRIBED, "The caller's message was written down",
            {"voicemail_id": kept.id, "segment_id": segment_id},
        )  # fmt: skip
        return True


async def _as_words(tx: Tx, call: LockedCall, kept: Kept, text: str) -> str | None:
    leg_id = await calls.leg_of(tx, call.id, None)
    if leg_id is None:
        return None
    segment = Segment(
        offer_id=kept.offer_id, speaker=Speaker.CALLER, text=text[:20_000], language=kept.language,
        seq=await transcripts.stored_up_to(tx, kept.offer_id, leg_id) + 1, started_at=kept.started_at,
        ended_at=ended_at(kept.started_at, kept.samples),
    )  # fmt: skip
    return await transcripts.insert_segment(tx, call.id, leg_id, segment, call.arrived_at)


async def not_transcribed(j: Journey, kept: Kept, error: str) -> bool:
    """The model failed: it is asked again later, or never. False when it is not."""
    again = retry_after(kept.attempts)
    async with j.db.transaction() as tx:
        await voicemails.not_transcribed(tx, kept.id, error, again)
    return again is not None
