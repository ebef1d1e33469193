"""The timeline: append-only, one event for every change of a call, written in the change's own transaction."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base


class EventType(StrEnum):
    CALL_ARRIVED = "call_arrived"
    CALL_ROUTED = "call_routed"
    CALL_WAITING = "call_waiting"
    CALL_OVERFLOWED = "call_overflowed"
    CALL_ANSWERED = "call_answered"
    OFFER_MADE = "offer_made"
    OFFER_ACCEPTED = "offer_accepted"
    OFFER_REFUSED = "offer_refused"
    OFFER_EXPIRED = "offer_expired"
    OFFER_WITHDRAWN = "offer_withdrawn"
    OFFER_ENDED = "offer_ended"
    AGENT_SUSPECT = "agent_suspect"
    AGENT_RECOVERED = "agent_recovered"
    AGENT_LOST = "agent_lost"
    AGENT_RELIEVED = "agent_relieved"
    ATTENDANT_LOST = "attendant_lost"
    ATTENDANT_RELIEVED = "attendant_relieved"
    LEAD_CHANGED = "lead_changed"
    KEY_PRESSED = "key_pressed"
    TOOL_CALLED = "tool_called"
    MODEL_TROUBLE = "model_trouble"
    SEGMENT_STORED = "segment_stored"
    VOICEMAIL_LEFT = "voicemail_left"
    VOICEMAIL_TRANSCRIBED = "voicemail_transcribed"
    ESCALATION_REQUESTED = "escalation_requested"
    ESCALATION_ACCEPTED = "escalation_accepted"
    ESCALATION_FAILED = "escalation_failed"
    ESCALATION_OFFERED = "escalation_offered"
    ESCALATION_DECLINED = "escalation_declined"
    HANDED_BACK = "handed_back"
    SUPERVISOR_JOINED = "supervisor_joined"
    SUPERVISOR_LEFT = "supervisor_left"
    MODE_CHANGED = "mode_changed"
    CALLER_HELD = "caller_held"
    WHISPERED = "whispered"
    WHISPER_HEARD = "whisper_heard"
    ASSISTED = "assisted"
    CALL_NOTED = "call_noted"
    CALL_BACK_PROMISED = "call_back_promised"
    CALL_BACK_DIALLED = "call_back_dialled"
    CALL_BACK_CONFIRMED = "call_back_confirmed"
    CALL_BACK_MISSED = "call_back_missed"
    CALL_BACK_CANCELLED = "call_back_cancelled"
    TRANSFER_DIALLED = "transfer_dialled"
    TRANSFER_CONNECTED = "transfer_connected"
    TRANSFER_FAILED = "transfer_failed"
    CALL_ENDED = "call_ended"
    KNOWLEDGE_USED = "knowledge_used"
    LESSONS_DRAFTED = "lessons_drafted"
    LESSONS_FAILED = "lessons_failed"


# What the live board warns of: few among many, so that they are found without reading the others.
TROUBLES_SQL = "type IN ('offer_expired', 'agent_lost', 'attendant_lost', 'model_trouble')"


class TimelineEvent(Base):
    """`seq` counts within the call. `stream_id` counts over all calls, but not in commit order: a transaction that took
    its number early may commit late. Readers of the stream therefore follow (`xid`, `stream_id`) and stop before the
    oldest transaction still running (see read.py). `xid` is the transaction's id after the number of the cluster's
    generation (see generations.py)."""

    __tablename__ = "timeline_events"
    stream_id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    xid: Mapped[int] = mapped_column(sa.BigInteger, server_default=sa.text("stream_xid()"))
    call_id: Mapped[str] = mapped_column(sa.ForeignKey("calls.id", ondelete="CASCADE"))
    seq: Mapped[int]
    type: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    actor: Mapped[str]
    summary: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=sa.text("'{}'"))
    __table_args__ = (
        sa.Index("uq_timeline_events_call_id_seq", "call_id", "seq", unique=True),
        sa.Index("ix_timeline_events_xid_stream_id", "xid", "stream_id"),
        sa.Index("ix_timeline_events_troubles", "at", postgresql_where=sa.text(TROUBLES_SQL)),
    )


class StreamGeneration(Base):
    """One row: in which cluster the events are written now, and the how manieth that is. Each cluster counts its
    transactions from the beginning, so the generation stands before them."""

    __tablename__ = "stream_generation"
    one_row: Mapped[bool] = mapped_column(primary_key=True, server_default=sa.true())
    number: Mapped[int]
    cluster: Mapped[str]
    since: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    __table_args__ = (sa.CheckConstraint("one_row", name="one_row"),)
