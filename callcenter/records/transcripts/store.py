"""Storing segments: idempotent, in order, never refused once the offer existed."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId, LegId, OfferId, new_id
from callcenter.platform.wire import messages
from callcenter.platform.wire.base import Speaker
from callcenter.records.transcripts.model import Segment


@dataclass(frozen=True)
class Said:
    """One utterance of a call's past."""

    speaker: Speaker
    text: str
    started_at: datetime
    unfinished: bool = False


async def stored_up_to(tx: Tx, offer_id: OfferId, leg_id: LegId) -> int:
    """The highest number of a finished utterance of this offer and leg; 0 when there is none."""
    return await tx.scalar(  # type: ignore[no-any-return]
        sa.select(sa.func.coalesce(sa.func.max(Segment.seq), 0)).where(
            Segment.offer_id == offer_id, Segment.leg_id == leg_id, sa.not_(Segment.unfinished)
        )
    )


async def text_of(tx: Tx, offer_id: OfferId, leg_id: LegId, seq: int) -> str | None:
    """What is stored under this number."""
    return await tx.scalar(  # type: ignore[no-any-return]
        sa.select(Segment.text).where(Segment.offer_id == offer_id, Segment.leg_id == leg_id, Segment.seq == seq)
    )


async def insert_segment(
    tx: Tx, call_id: CallId, leg_id: LegId, said: messages.Segment, not_before: datetime, *, unfinished: bool = False
) -> str | None:
    """Store one utterance, or replace the unfinished one of its number; None when a finished one was stored before. Its
    times come from another machine's clock: they are kept between `not_before` (the call's arrival) and now."""

    def within(at: datetime) -> sa.ColumnElement[datetime]:
        return sa.func.least(sa.func.greatest(at, not_before), sa.func.clock_timestamp())

    words = {
        "text": said.text, "started_at": within(said.started_at),
        "ended_at": within(max(said.started_at, said.ended_at)), "interrupted": said.interrupted,
        "language": said.language, "unfinished": unfinished,
    }  # fmt: skip
    return await tx.scalar(  # type: ignore[no-any-return]
        insert(Segment)
        .values(
            id=new_id(), call_id=call_id, offer_id=said.offer_id, leg_id=leg_id, seq=said.seq, speaker=said.speaker,
            **words,
        )
        .on_conflict_do_update(
            index_elements=[Segment.offer_id, Segment.leg_id, Segment.seq],
            set_={**words, "stored_at": sa.func.clock_timestamp()},
            where=Segment.unfinished.is_(True),
        )
        .returning(Segment.id)
    )  # fmt: skip


async def said(tx: Tx, call_id: CallId, last: int) -> list[Said]:
    """The call's last utterances, oldest first."""
    rows = await tx.rows(
        sa.select(Segment.speaker, Segment.text, Segment.started_at, Segment.unfinished)
        .where(Segment.call_id == call_id)
        .order_by(Segment.started_at.desc(), Segment.id.desc())
        .limit(last)
    )
    return [Said(**{**row, "speaker": Speaker(row["speaker"])}) for row in reversed(rows)]


async def was_said(tx: Tx, call_id: CallId, speaker: Speaker, text: str) -> bool:
    """Whether this was said in this call, to its end."""
    row = await tx.scalar(
        sa.select(Segment.id).where(
            Segment.call_id == call_id, Segment.speaker == speaker, Segment.text == text,
            sa.not_(Segment.interrupted),
        ).limit(1)
    )  # fmt: skip
    return row is not None
