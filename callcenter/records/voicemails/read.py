"""Reading voicemails."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import NotFound
from callcenter.records.voicemails.model import Voicemail, VoicemailPart, VoicemailState

Position = tuple[datetime, str]
SHOWN = tuple(state for state in VoicemailState if state is not VoicemailState.EMPTY)


class UnknownVoicemail(NotFound):
    """There is no voicemail with this id."""


async def voicemails(
    tx: Tx, limit: int, before: Position | None, box: str | None, state: VoicemailState | None, call_id: str | None
) -> list[sa.RowMapping]:
    """Latest first; `before` is the last one of the page before."""
    query = (
        sa.select(Voicemail.__table__)
        .where(Voicemail.state.in_([state] if state else SHOWN))
        .order_by(Voicemail.started_at.desc(), Voicemail.id.desc())
        .limit(limit)
    )
    if box is not None:
        query = query.where(Voicemail.box == box)
    if call_id is not None:
        query = query.where(Voicemail.call_id == call_id)
    if before is not None:
        place = sa.tuple_(sa.literal(before[0]), sa.literal(before[1], Voicemail.id.type))
        query = query.where(sa.tuple_(Voicemail.started_at, Voicemail.id) < place)
    return await tx.rows(query)


async def voicemail(tx: Tx, voicemail_id: str) -> sa.RowMapping:
    """One message. Raises UnknownVoicemail."""
    row = await tx.row(sa.select(Voicemail.__table__).where(Voicemail.id == voicemail_id, Voicemail.state.in_(SHOWN)))
    if row is None:
        raise UnknownVoicemail()
    return row


async def sound(tx: Tx, voicemail_id: str, first: int, count: int) -> bytes:
    """The samples from `first` on, µ-law, up to the end of what is stored."""
    end = VoicemailPart.first_sample + sa.func.length(VoicemailPart.audio)
    rows = await tx.rows(
        sa.select(VoicemailPart.first_sample, VoicemailPart.audio)
        .where(VoicemailPart.voicemail_id == voicemail_id, VoicemailPart.first_sample < first + count, end > first)
        .order_by(VoicemailPart.seq)
    )
    return _joined(rows)[max(0, first - rows[0]["first_sample"]) :][:count] if rows else b""


def _joined(rows: Sequence[sa.RowMapping]) -> bytes:
    return b"".join(bytes(row["audio"]) for row in rows)


async def to_be_transcribed(tx: Tx, call_id: str) -> bool:
    """Whether words of this call are still only sound."""
    pending = (VoicemailState.RECORDING, VoicemailState.STORED)
    return bool(
        await tx.scalar(
            sa.select(
                sa.select(Voicemail.id).where(Voicemail.call_id == call_id, Voicemail.state.in_(pending)).exists()
            )
        )
    )
