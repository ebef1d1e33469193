"""A call: one caller's contact, from INVITE to after-call, and the legs of those who took part."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of


class Channel(StrEnum):
    SIP = "sip"
    BROWSER = "browser"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CallState(StrEnum):
    RINGING = "ringing"  # the INVITE has a room, nobody has answered
    WAITING = "waiting"  # answered, the attendant keeps the caller company
    TALKING = "talking"  # answered, an agent or a supervisor leads
    ENDED = "ended"


TRANSITIONS: dict[CallState, frozenset[CallState]] = {
    CallState.RINGING: frozenset({CallState.WAITING, CallState.TALKING, CallState.ENDED}),
    CallState.WAITING: frozenset({CallState.TALKING, CallState.ENDED}),
    CallState.TALKING: frozenset({CallState.WAITING, CallState.ENDED}),
    CallState.ENDED: frozenset(),
}


class Lead(StrEnum):
    NONE = "none"
    ATTENDANT = "attendant"
    AGENT = "agent"
    SUPERVISOR = "supervisor"


class Outcome(StrEnum):
    COMPLETED = "completed"
    ABANDONED = "abandoned"
    REFUSED = "refused"
    VOICEMAIL = "voicemail"
    CALL_BACK = "call_back"
    FAILED = "failed"


class EndedBy(StrEnum):
    CALLER = "caller"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    SYSTEM = "system"


class LegKind(StrEnum):
    CALLER = "caller"
    AGENT = "agent"
    ATTENDANT = "attendant"
    SUPERVISOR = "supervisor"
    PHONE = "phone"


class Call(Base):
    """One row a call. Its row lock is the lock of the call: every verb of the journey takes it first."""

    __tablename__ = "calls"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    sip_call_id: Mapped[str]
    room: Mapped[str] = mapped_column(unique=True)
    caller_identity: Mapped[str]
    channel: Mapped[str]
    direction: Mapped[str]
    from_number: Mapped[str]
    to_number: Mapped[str]
    trunk: Mapped[str]
    state: Mapped[str]
    lead: Mapped[str]
    lead_epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    queue: Mapped[str | None]
    profile: Mapped[str | None]
    profile_version: Mapped[int | None]  # the version by which the last agent that took the call talks
    priority: Mapped[int] = mapped_column(default=0, server_default="0")
    rule_set_version: Mapped[int | None]
    rule: Mapped[str | None]
    trace: Mapped[list[Any]] = mapped_column(JSONB, server_default=sa.text("'[]'"))
    # What the rules knew when they routed the call, and what they decided (stages/routing/kept.py); a replay asks
    # other rules about the same. None: the call came before this was kept, or was not routed.
    routing_facts: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    arrived_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    ended_by: Mapped[str | None]
    __table_args__ = (
        one_of("channel", Channel),
        one_of("direction", Direction),
        one_of("state", CallState),
        one_of("lead", Lead),
        one_of("outcome", Outcome),
        one_of("ended_by", EndedBy),
        # I1: an ended call has exactly one outcome, a live one has none.
        sa.CheckConstraint(
            "(state = 'ended') = (outcome IS NOT NULL) AND (state = 'ended') = (ended_at IS NOT NULL)",
            name="ended_has_outcome",
        ),
        sa.Index("ix_calls_sip_call_id", "sip_call_id"),
        sa.Index("ix_calls_arrived_at", sa.text("arrived_at DESC"), sa.text("id DESC")),
        sa.Index("ix_calls_from_number", "from_number", sa.text("arrived_at DESC"), sa.text("id DESC")),
        sa.Index("ix_calls_from_number_begins", "from_number", postgresql_ops={"from_number": "text_pattern_ops"}),
        sa.Index("ix_calls_to_number_begins", "to_number", postgresql_ops={"to_number": "text_pattern_ops"}),
        sa.Index("ix_calls_live_trunk", "trunk", postgresql_where=sa.text("state <> 'ended'")),
        sa.Index("ix_calls_live_from", "from_number", postgresql_where=sa.text("state <> 'ended'")),
        sa.Index(
            "ix_calls_live_browser",
            "arrived_at",
            postgresql_where=sa.text("channel = 'browser' AND state <> 'ended'"),
        ),
        sa.Index("ix_calls_live", "state", postgresql_where=sa.text("state <> 'ended'")),
    )


class Leg(Base):
    """One participant's media in the room."""

    __tablename__ = "legs"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    call_id: Mapped[str] = mapped_column(sa.ForeignKey("calls.id", ondelete="CASCADE"))
    kind: Mapped[str]
    identity: Mapped[str]
    offer_id: Mapped[str | None] = mapped_column(sa.Uuid(as_uuid=False))
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    __table_args__ = (
        one_of("kind", LegKind),
        sa.Index("uq_legs_call_id_identity", "call_id", "identity", unique=True),
        sa.Index("ix_legs_agents", "joined_at", postgresql_where=sa.text("kind = 'agent'")),
    )
