"""Calls that we make: every attempt, the refused ones too. The guard's caps are counted here."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, one_of


class Purpose(StrEnum):
    """What a call out is for. The column takes any text: who adds a purpose needs no migration."""

    TRIAL = "trial"  # an operator tries a trunk
    CALL_BACK = "call_back"  # a caller who asked for it
    TRANSFER = "transfer"  # a caller is connected with a number outside


class CallOutState(StrEnum):
    ASKED = "asked"  # the guard let it through; nothing was sent yet
    DIALLING = "dialling"  # the INVITE may have been sent
    ANSWERED = "answered"
    ENDED = "ended"  # it was answered, and is over
    REFUSED = "refused"  # the guard did not let it through
    FAILED = "failed"  # nobody answered it


CALL_OUT_TRANSITIONS: dict[CallOutState, frozenset[CallOutState]] = {
    CallOutState.ASKED: frozenset({CallOutState.DIALLING, CallOutState.FAILED}),
    CallOutState.DIALLING: frozenset({CallOutState.ANSWERED, CallOutState.FAILED}),
    CallOutState.ANSWERED: frozenset({CallOutState.ENDED}),
    CallOutState.ENDED: frozenset(),
    CallOutState.REFUSED: frozenset(),
    CallOutState.FAILED: frozenset(),
}
LIVE = (CallOutState.ASKED, CallOutState.DIALLING, CallOutState.ANSWERED)


class CallOut(Base):
    """`number` is E.164 for what was let through, and what was asked for where it was refused. After `live_until`
    whoever placed it is taken for dead."""

    __tablename__ = "calls_out"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    trunk: Mapped[str]
    number: Mapped[str]
    purpose: Mapped[str]
    state: Mapped[str]
    because: Mapped[str | None]  # sip.guard.Why, Failure or Ending
    room: Mapped[str]
    sip_call_id: Mapped[str | None]
    requested_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    live_until: Mapped[datetime | None]
    __table_args__ = (
        one_of("state", CallOutState),
        sa.CheckConstraint(
            "(state IN ('asked', 'dialling', 'answered')) = (ended_at IS NULL) AND"
            " (state IN ('asked', 'dialling', 'answered')) = (live_until IS NOT NULL)",
            name="live_or_ended",
        ),
        sa.Index("uq_calls_out_room", "room", unique=True, postgresql_where=sa.text("live_until IS NOT NULL")),
        sa.Index("ix_calls_out_used", "trunk", "requested_at", postgresql_where=sa.text("state <> 'refused'")),
        sa.Index("ix_calls_out_live", "live_until", postgresql_where=sa.text("live_until IS NOT NULL")),
    )


class Failure(StrEnum):
    """Why a call that was let through was not answered."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    NO_SUCH_NUMBER = "no_such_number"
    REJECTED = "rejected"  # another SIP status: the carrier, mostly
    UNREACHABLE = "unreachable"  # LiveKit could not be asked, or did not do it
    ABANDONED = "abandoned"  # who placed it died or gave up


class Ending(StrEnum):
    """How an answered call ended."""

    HUNG_UP = "hung_up"  # by us
    CALLEE_LEFT = "callee_left"
    TIME_IS_UP = "time_is_up"
