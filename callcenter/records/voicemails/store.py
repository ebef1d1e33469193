"""All writing of voicemails. Parts are added under the lock of their call; what the transcription writes says which
parts it was made of."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.platform.plumbing.ids import CallId, OfferId, new_id
from callcenter.platform.plumbing.states import move
from callcenter.platform.wire.voicemail import VoicemailPart as SentPart
from callcenter.records.voicemails.model import VOICEMAIL_TRANSITIONS, Voicemail, VoicemailPart, VoicemailState

SETTLING_SECONDS = 1.0  # a last part may be on its way when a call ends
LEFTOVERS_SECONDS = 8.0  # a worker looks once a second for what a dead attendant left, and delivers it
TRANSCRIPTION_SECONDS = 300.0  # then whoever took it is dead
EMPTY_KEPT_SECONDS = 24 * 3600.0
HEARD = (VoicemailState.STORED, VoicemailState.TRANSCRIBED, VoicemailState.FAILED)


@dataclass(frozen=True)
class Kept:
    """A message as it stands."""

    id: str
    call_id: CallId
    offer_id: OfferId
    state: VoicemailState
    language: str | None
    started_at: datetime
    parts: int
    samples: int
    voiced_seconds: float
    attempts: int
    segment_id: str | None


_KEPT = (
    Voicemail.id, Voicemail.call_id, Voicemail.offer_id, Voicemail.state, Voicemail.language, Voicemail.started_at,
    Voicemail.parts, Voicemail.samples, Voicemail.voiced_seconds, Voicemail.attempts, Voicemail.segment_id,
)  # fmt: skip


def _kept(row: sa.RowMapping | None) -> Kept | None:
    return Kept(**{**row, "state": VoicemailState(row["state"])}) if row else None


async def of_offer(tx: Tx, offer_id: OfferId) -> Kept | None:
    return _kept(await tx.row(sa.select(*_KEPT).where(Voicemail.offer_id == offer_id).with_for_update()))


async def find(tx: Tx, voicemail_id: str) -> Kept | None:
    return _kept(await tx.row(sa.select(*_KEPT).where(Voicemail.id == voicemail_id).with_for_update()))


async def begin(tx: Tx, call_id: CallId, caller: str, part: SentPart, not_before: datetime) -> Kept:
    """Open the message of this offer. When it began comes from another machine's clock: it is kept between
    `not_before` (the call's arrival) and now."""
    began = sa.func.least(sa.func.greatest(part.started_at, not_before), sa.func.clock_timestamp())
    row = await tx.row(
        sa.insert(Voicemail)
        .values(
            id=new_id(), call_id=call_id, offer_id=part.offer_id, box=part.box, caller=caller, language=part.language,
            state=VoicemailState.RECORDING, started_at=began,
        )
        .returning(*_KEPT)
    )  # fmt: skip
    kept = _kept(row)
    assert kept is not None
    return kept


async def add(tx: Tx, kept: Kept, audio: bytes, voiced_seconds: float) -> None:
    """Add the next part."""
    await tx.execute(
        sa.insert(VoicemailPart).values(
            voicemail_id=kept.id, seq=kept.parts + 1, first_sample=kept.samples, audio=audio
        )
    )
    await tx.execute(
        sa.update(Voicemail)
        .where(Voicemail.id == kept.id)
        .values(
            parts=kept.parts + 1, samples=kept.samples + len(audio),
            voiced_seconds=Voicemail.voiced_seconds + voiced_seconds, changed_at=sa.func.clock_timestamp(),
        )
    )  # fmt: skip


async def close(tx: Tx, voicemail_id: str, *, voice: bool, more_may_come: bool) -> bool:
    """The message is over, or a part came after its end: it is transcribed soon, or it is none. False when it is."""
    after = VoicemailState.STORED if voice else VoicemailState.EMPTY
    due = from_now(LEFTOVERS_SECONDS if more_may_come else SETTLING_SECONDS) if voice else None
    result = await tx.execute(
        move(Voicemail, VOICEMAIL_TRANSITIONS, after, or_still=voice)
        .where(Voicemail.id == voicemail_id)
        .values(due_at=due, attempts=0, error=None, changed_at=sa.func.clock_timestamp())
    )
    return result.rowcount == 1


async def recording(tx: Tx) -> list[tuple[str, OfferId]]:
    """Messages that are being taken, with their attendants' offers."""
    rows = await tx.rows(sa.select(Voicemail.id, Voicemail.offer_id).where(Voicemail.state == VoicemailState.RECORDING))
    return [(row["id"], OfferId(row["offer_id"])) for row in rows]


async def voice_of_call(tx: Tx, call_id: CallId) -> float:
    """How many seconds of voice this call has left, in all its messages."""
    return float(
        await tx.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(Voicemail.voiced_seconds), 0)).where(Voicemail.call_id == call_id)
        )
    )


async def claim_due(tx: Tx) -> Kept | None:
    """The next message that is to be transcribed; nobody else takes it for a while."""
    first = (
        sa.select(Voicemail.id)
        .where(Voicemail.state == VoicemailState.STORED, Voicemail.due_at <= sa.func.clock_timestamp())
        .order_by(Voicemail.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    row = await tx.row(
        sa.update(Voicemail)
        .where(Voicemail.id == first)
        .values(due_at=from_now(TRANSCRIPTION_SECONDS), attempts=Voicemail.attempts + 1)
        .returning(*_KEPT)
    )
    return _kept(row)


async def transcribed(tx: Tx, voicemail_id: str, parts: int, text: str, segment_id: str | None) -> bool:
    """Keep what was said; False when the message has become longer meanwhile, or is gone."""
    result = await tx.execute(
        move(Voicemail, VOICEMAIL_TRANSITIONS, VoicemailState.TRANSCRIBED)
        .where(Voicemail.id == voicemail_id, Voicemail.parts == parts)
        .values(
            transcript=text, due_at=None, error=None, segment_id=segment_id,
            changed_at=sa.func.clock_timestamp(),
        )
    )  # fmt: skip
    return result.rowcount == 1


async def not_transcribed(tx: Tx, voicemail_id: str, error: str, again_seconds: float | None) -> None:
    """It did not work: it is tried again after so many seconds, or never."""
    if again_seconds is not None:
        await tx.execute(
            sa.update(Voicemail)
            .where(Voicemail.id == voicemail_id, Voicemail.state == VoicemailState.STORED)
            .values(due_at=from_now(again_seconds), error=error)
        )
        return
    await tx.execute(
        move(Voicemail, VOICEMAIL_TRANSITIONS, VoicemailState.FAILED)
        .where(Voicemail.id == voicemail_id)
        .values(due_at=None, error=error, changed_at=sa.func.clock_timestamp())
    )


async def set_heard(tx: Tx, voicemail_id: str, by: str | None) -> None:
    """Somebody has heard it (their name as the timeline has it), or it counts as new again (None). Who heard it first
    stays."""
    heard = Voicemail.heard_at.is_(None) if by else sa.true()
    at = sa.func.clock_timestamp() if by else None
    await tx.execute(sa.update(Voicemail).where(Voicemail.id == voicemail_id, heard).values(heard_at=at, heard_by=by))


async def delete(tx: Tx, voicemail_id: str) -> bool:
    """Delete a message with its sound; False when there is none."""
    return (await tx.execute(sa.delete(Voicemail).where(Voicemail.id == voicemail_id))).rowcount == 1


async def forget_old(tx: Tx, days: int) -> int:
    """Delete messages that are older than this (0 days: none is too old), and what was none; returns how many."""
    over = sa.and_(Voicemail.state == VoicemailState.EMPTY, Voicemail.changed_at < from_now(-EMPTY_KEPT_SECONDS))
    if days:
        old = sa.and_(Voicemail.state != VoicemailState.RECORDING, Voicemail.started_at < from_now(-days * 24 * 3600.0))
        over = sa.or_(over, old)
    some = sa.select(Voicemail.id).where(over).limit(1000)
    return (await tx.execute(sa.delete(Voicemail).where(Voicemail.id.in_(some)))).rowcount
