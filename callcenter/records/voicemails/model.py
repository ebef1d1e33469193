"""Voicemail: what callers leave in a box, as sound and as text."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of


class VoicemailState(StrEnum):
    RECORDING = "recording"  # the caller speaks
    EMPTY = "empty"  # nothing but silence: shown to nobody, deleted by sweep
    STORED = "stored"  # whole; to be transcribed
    TRANSCRIBED = "transcribed"
    FAILED = "failed"  # it can be heard; no model could write it down


# A late part, from the disk of an attendant that died, makes a message longer, which is then transcribed again.
VOICEMAIL_TRANSITIONS: dict[VoicemailState, frozenset[VoicemailState]] = {
    VoicemailState.RECORDING: frozenset({VoicemailState.STORED, VoicemailState.EMPTY}),
    VoicemailState.EMPTY: frozenset({VoicemailState.STORED}),
    VoicemailState.STORED: frozenset({VoicemailState.TRANSCRIBED, VoicemailState.FAILED}),
    VoicemailState.TRANSCRIBED: frozenset({VoicemailState.STORED}),
    VoicemailState.FAILED: frozenset({VoicemailState.STORED}),
}


class Voicemail(Base):
    """One message. An attendant's offer takes one at most; a caller who is asked again by the next attendant leaves
    another. `parts`, `seconds` and `voiced_seconds` sum up what is stored; `due_at` is when it is transcribed."""

    __tablename__ = "voicemails"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    call_id: Mapped[str] = mapped_column(sa.ForeignKey("calls.id", ondelete="CASCADE"))
    offer_id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False))
    box: Mapped[str]
    caller: Mapped[str]
    language: Mapped[str | None]
    state: Mapped[str]
    started_at: Mapped[datetime]
    parts: Mapped[int] = mapped_column(default=0, server_default="0")
    samples: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    voiced_seconds: Mapped[float] = mapped_column(default=0, server_default="0")
    transcript: Mapped[str | None]
    segment_id: Mapped[str | None] = mapped_column(sa.Uuid(as_uuid=False))
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    due_at: Mapped[datetime | None]
    error: Mapped[str | None]
    heard_at: Mapped[datetime | None]
    heard_by: Mapped[str | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    __table_args__ = (
        one_of("state", VoicemailState),
        sa.CheckConstraint("(state = 'stored') = (due_at IS NOT NULL)", name="due_while_stored"),
        sa.CheckConstraint("state <> 'transcribed' OR transcript IS NOT NULL", name="transcribed_has_transcript"),
        sa.Index("uq_voicemails_offer_id", "offer_id", unique=True),
        sa.Index("ix_voicemails_call_id", "call_id"),
        sa.Index("ix_voicemails_box", "box", sa.text("started_at DESC"), sa.text("id DESC")),
        sa.Index("ix_voicemails_started_at", sa.text("started_at DESC"), sa.text("id DESC")),
        sa.Index("ix_voicemails_due", "due_at", postgresql_where=sa.text("state = 'stored'")),
        sa.Index("ix_voicemails_unheard", "box", postgresql_where=sa.text("heard_at IS NULL AND state <> 'empty'")),
        sa.Index("ix_voicemails_recording", "offer_id", postgresql_where=sa.text("state = 'recording'")),
    )


class VoicemailPart(Base):
    """About a second of sound, 8 kHz µ-law; its first sample is the message's `first_sample`-th."""

    __tablename__ = "voicemail_parts"
    voicemail_id: Mapped[str] = mapped_column(sa.ForeignKey("voicemails.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_sample: Mapped[int] = mapped_column(sa.BigInteger)
    audio: Mapped[bytes] = mapped_column(BYTEA)
