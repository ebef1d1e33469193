"""Segments: one finished utterance each, stored the moment it is said."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of
from callcenter.platform.wire.base import Speaker


class Segment(Base):
    """Evidence: accepted even when the offer has ended, and never updated. Only an `unfinished` sentence, what was
    heard of it before its speaker died or hung, is replaced by the real one, should that come after all. I5: one row
    for each (offer, leg, seq)."""

    __tablename__ = "segments"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    call_id: Mapped[str] = mapped_column(sa.ForeignKey("calls.id", ondelete="CASCADE"))
    offer_id: Mapped[str] = mapped_column(sa.ForeignKey("offers.id", ondelete="CASCADE"))
    leg_id: Mapped[str] = mapped_column(sa.ForeignKey("legs.id", ondelete="CASCADE"))
    seq: Mapped[int]
    speaker: Mapped[str]
    text: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    interrupted: Mapped[bool]
    unfinished: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    language: Mapped[str | None]
    stored_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    __table_args__ = (
        one_of("speaker", Speaker),
        sa.Index("uq_segments_offer_id_leg_id_seq", "offer_id", "leg_id", "seq", unique=True),
        sa.Index("ix_segments_call_id_started_at", "call_id", "started_at", "id"),
        # What is searched (records/history/read.py): each segment's words as its own language inflects them.
        sa.Index("ix_segments_words", sa.text("to_tsvector(segment_config(language), text)"), postgresql_using="gin"),
    )
