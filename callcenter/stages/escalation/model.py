"""Escalations: somebody asks for a human, supervisors are offered the call, one of them takes part in it."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of


class EscalationState(StrEnum):
    REQUESTED = "requested"  # somebody asked; no supervisor is offered it yet
    OFFERING = "offering"  # at least one supervisor was offered it
    ACCEPTED = "accepted"  # one took it, and is on the way into the room
    JOINED = "joined"  # that one is in the room; the AI leads
    LEADING = "leading"  # that one leads, the AI listens
    HANDED_BACK = "handed_back"  # done: the AI leads again
    CLOSED = "closed"  # over: failed, or the call ended or the supervisor left in it


ESCALATION_TRANSITIONS: dict[EscalationState, frozenset[EscalationState]] = {
    EscalationState.REQUESTED: frozenset({EscalationState.OFFERING, EscalationState.ACCEPTED, EscalationState.CLOSED}),
    EscalationState.OFFERING: frozenset({EscalationState.ACCEPTED, EscalationState.CLOSED}),
    EscalationState.ACCEPTED: frozenset({EscalationState.JOINED, EscalationState.CLOSED}),
    EscalationState.JOINED: frozenset(
        {EscalationState.LEADING, EscalationState.HANDED_BACK, EscalationState.CLOSED}
    ),
    EscalationState.LEADING: frozenset(
        {EscalationState.JOINED, EscalationState.HANDED_BACK, EscalationState.CLOSED}
    ),
    EscalationState.HANDED_BACK: frozenset(),
    EscalationState.CLOSED: frozenset(),
}  # fmt: skip
ASKING = (EscalationState.REQUESTED, EscalationState.OFFERING)
OPEN = (*ASKING, EscalationState.ACCEPTED, EscalationState.JOINED, EscalationState.LEADING)
OPEN_SQL = "state IN ('requested', 'offering', 'accepted', 'joined', 'leading')"


class Failure(StrEnum):
    NO_SUPERVISOR = "no_supervisor"  # nobody was available in time
    DECLINED = "declined"  # whoever was asked said no
    OFFER_TIMEOUT = "offer_timeout"  # whoever was asked did not answer
    CALLER_LEFT = "caller_left"  # the call ended before a supervisor was in it
    JOIN_FAILED = "join_failed"  # one accepted and never came


class Trigger(StrEnum):
    """Who or what asked."""

    AGENT = "agent"  # the AI's tool, of itself or because the caller asked
    CALLER = "caller"  # key 0
    RULE = "rule"  # of the profile (setup/profiles/rules.py, EscalationRules)
    HUMAN_FIRST = "human_first"  # of the routing rules: before any agent
    API = "api"
    SUPERVISOR = "supervisor"  # one steps in who was not asked


class AskingRule(StrEnum):
    """Which rule of the profile asked."""

    MISUNDERSTANDINGS = "misunderstandings"
    KEYWORD = "keyword"
    CALLER_LIST = "caller_list"
    LENGTH = "length"


class Mode(StrEnum):
    """What a supervisor does in a room (design.md, decision 9)."""

    MONITOR = "monitor"  # hidden, hears all
    WHISPER = "whisper"  # heard by the AI alone
    BARGE = "barge"  # heard by all, the AI leads
    TAKE_OVER = "take_over"  # heard by all, the AI is silent and listens


class Escalation(Base):
    __tablename__ = "escalations"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    call_id: Mapped[str] = mapped_column(sa.ForeignKey("calls.id", ondelete="CASCADE"))
    state: Mapped[str]
    failure: Mapped[str | None]
    trigger: Mapped[str]
    rule: Mapped[str | None]
    reason: Mapped[str]
    summary: Mapped[str]
    skill: Mapped[str | None]
    supervisor_id: Mapped[str | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))
    requested_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    deadline_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    joined_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        one_of("state", EscalationState),
        one_of("failure", Failure),
        one_of("trigger", Trigger),
        one_of("rule", AskingRule),
        # Each rule asks once in a call.
        sa.Index("uq_escalations_rule", "call_id", "rule", unique=True, postgresql_where=sa.text("rule IS NOT NULL")),
        # I6: a call has one open escalation, and who accepted it is kept in its own row: it is accepted once.
        sa.Index("uq_escalations_open", "call_id", unique=True, postgresql_where=sa.text(OPEN_SQL)),
        sa.CheckConstraint(f"({OPEN_SQL}) = (deadline_at IS NOT NULL)", name="open_has_deadline"),
        sa.CheckConstraint(f"({OPEN_SQL}) = (ended_at IS NULL)", name="over_has_end"),
        sa.Index("ix_escalations_call_id", "call_id"),
        sa.Index("ix_escalations_requested_at", sa.text("requested_at DESC"), sa.text("id DESC")),
        sa.Index("ix_escalations_deadline_at", "deadline_at", postgresql_where=sa.text(OPEN_SQL)),
    )


class EscalationOfferState(StrEnum):
    OFFERED = "offered"  # rings in this supervisor's browser
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"  # not answered in time
    WITHDRAWN = "withdrawn"  # somebody else took it, or the caller left


ESCALATION_OFFER_TRANSITIONS: dict[EscalationOfferState, frozenset[EscalationOfferState]] = {
    EscalationOfferState.OFFERED: frozenset(
        {
            EscalationOfferState.ACCEPTED, EscalationOfferState.DECLINED, EscalationOfferState.EXPIRED,
            EscalationOfferState.WITHDRAWN,
        }
    ),
    EscalationOfferState.ACCEPTED: frozenset(),
    EscalationOfferState.DECLINED: frozenset(),
    EscalationOfferState.EXPIRED: frozenset(),
    EscalationOfferState.WITHDRAWN: frozenset(),
}  # fmt: skip


class EscalationOffer(Base):
    __tablename__ = "escalation_offers"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    escalation_id: Mapped[str] = mapped_column(sa.ForeignKey("escalations.id", ondelete="CASCADE"))
    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    state: Mapped[str]
    offered_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        one_of("state", EscalationOfferState),
        # One at a time rings at a supervisor's.
        sa.Index("uq_escalation_offers_live", "user_id", unique=True, postgresql_where=sa.text("state = 'offered'")),
        sa.Index("uq_escalation_offers_asked", "escalation_id", "user_id", unique=True),
        sa.Index("ix_escalation_offers_expires_at", "expires_at", postgresql_where=sa.text("state = 'offered'")),
    )


class SupervisionState(StrEnum):
    INVITED = "invited"  # has a token, and is not in the room yet
    PRESENT = "present"
    LEFT = "left"


SUPERVISION_TRANSITIONS: dict[SupervisionState, frozenset[SupervisionState]] = {
    SupervisionState.INVITED: frozenset({SupervisionState.PRESENT, SupervisionState.LEFT}),
    SupervisionState.PRESENT: frozenset({SupervisionState.LEFT}),
    SupervisionState.LEFT: frozenset(),
}
THERE_SQL = "state IN ('invited', 'present')"


class Supervision(Base):
    """One supervisor's part in one call, from the token to the leaving, in a mode that may change."""

    __tablename__ = "supervisions"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    call_id: Mapped[str] = mapped_column(sa.ForeignKey("calls.id", ondelete="CASCADE"))
    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    state: Mapped[str]
    mode: Mapped[str]
    invited_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    join_by: Mapped[datetime]
    looked_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    joined_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    # The console's own line: its last beat, or None where there is none (a program that only speaks LiveKit has none).
    beat_at: Mapped[datetime | None]
    line_closed_at: Mapped[datetime | None]
    because: Mapped[str | None]
    held: Mapped[bool] = mapped_column(server_default=sa.false())  # who leads has put the caller on hold
    __table_args__ = (
        one_of("state", SupervisionState),
        one_of("mode", Mode),
        sa.Index("uq_supervisions_there", "call_id", "user_id", unique=True, postgresql_where=sa.text(THERE_SQL)),
        # Exactly one leads.
        sa.Index(
            "uq_supervisions_leading", "call_id", unique=True,
            postgresql_where=sa.text("state = 'present' AND mode = 'take_over'"),
        ),
        sa.Index("ix_supervisions_live", "state", postgresql_where=sa.text(THERE_SQL)),
        sa.Index("ix_supervisions_user_id", "user_id"),
    )  # fmt: skip


class Status(StrEnum):
    """How a supervisor stands; the first three are chosen, the others follow from what happens."""

    AVAILABLE = "available"
    BUSY = "busy"  # chosen, or in a call
    AWAY = "away"
    WRAP_UP = "wrap_up"  # after a call in which they led
    OFFLINE = "offline"  # no console of theirs is open


CHOICES = (Status.AVAILABLE, Status.BUSY, Status.AWAY)


class SupervisorPresence(Base):
    """`reachable_until` is moved on by an open console; a closed one is noticed when it is over."""

    __tablename__ = "supervisor_presence"
    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    chosen: Mapped[str]
    skills: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default=sa.text("'{}'"))
    reachable_until: Mapped[datetime]
    idle_since: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    wrap_until: Mapped[datetime | None]
    __table_args__ = (sa.CheckConstraint("chosen IN ('available', 'busy', 'away')", name="chosen"),)
