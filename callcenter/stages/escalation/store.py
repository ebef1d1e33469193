"""All SQL of escalations and their offers. The call's row is locked before an escalation is changed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.platform.plumbing.ids import CallId, new_id
from callcenter.platform.plumbing.states import move
from callcenter.records.calls.model import Call
from callcenter.setup.users.model import User
from callcenter.stages.escalation.model import (
    ASKING,
    ESCALATION_OFFER_TRANSITIONS,
    ESCALATION_TRANSITIONS,
    OPEN,
    AskingRule,
    Escalation,
    EscalationOffer,
    EscalationOfferState,
    EscalationState,
    Failure,
    Trigger,
)

Position = tuple[datetime, str]
_NOW = sa.func.clock_timestamp()


@dataclass(frozen=True)
class EscalationRow:
    """An escalation as it stands; `overdue` when its deadline is over."""

    id: str
    call_id: CallId
    state: EscalationState
    trigger: Trigger
    reason: str
    skill: str | None
    supervisor_id: str | None
    overdue: bool

    @property
    def open(self) -> bool:
        return self.state in OPEN


_COLUMNS = (
    Escalation.id, Escalation.call_id, Escalation.state, Escalation.trigger, Escalation.reason, Escalation.skill,
    Escalation.supervisor_id, sa.func.coalesce(Escalation.deadline_at <= _NOW, sa.false()).label("overdue"),
)  # fmt: skip


def _row(row: sa.RowMapping | None) -> EscalationRow | None:
    return None if row is None else EscalationRow(
        **{**row, "state": EscalationState(row["state"]), "trigger": Trigger(row["trigger"])}
    )  # fmt: skip


async def request(
    tx: Tx,
    call_id: CallId,
    *,
    trigger: Trigger,
    reason: str,
    summary: str,
    skill: str | None,
    within_seconds: float,
    rule: AskingRule | None = None,
) -> str | None:
    """Open an escalation; its id, or None when the call has an open one (I6), or had one by this rule."""
    statement = insert(Escalation).values(
        id=new_id(), call_id=call_id, state=EscalationState.REQUESTED, trigger=trigger, reason=reason, summary=summary,
        skill=skill, rule=rule, deadline_at=from_now(within_seconds),
    )  # fmt: skip
    fresh = statement.on_conflict_do_nothing()
    return await tx.scalar(fresh.returning(Escalation.id))  # type: ignore[no-any-return]


async def find(tx: Tx, escalation_id: str) -> EscalationRow | None:
    return _row(await tx.row(sa.select(*_COLUMNS).where(Escalation.id == escalation_id)))


async def open_of(tx: Tx, call_id: CallId) -> EscalationRow | None:
    """The call's open escalation."""
    return _row(await tx.row(sa.select(*_COLUMNS).where(Escalation.call_id == call_id, Escalation.state.in_(OPEN))))


async def advance(tx: Tx, escalation_id: str, after: EscalationState, deadline_seconds: float | None) -> bool:
    """The next state with the deadline that it has, or the one before; False where the table of transitions has no such
    arrow."""
    changed = move(Escalation, ESCALATION_TRANSITIONS, after).where(Escalation.id == escalation_id)
    if deadline_seconds is not None:
        changed = changed.values(deadline_at=from_now(deadline_seconds))
    return (await tx.execute(changed)).rowcount == 1


async def asked_by(tx: Tx, call_id: CallId) -> frozenset[AskingRule]:
    """The rules that have asked for a human in this call."""
    query = sa.select(Escalation.rule).where(Escalation.call_id == call_id, Escalation.rule.is_not(None))
    return frozenset(AskingRule(row["rule"]) for row in await tx.rows(query))


async def accept(tx: Tx, escalation_id: str, user_id: str, join_seconds: float) -> bool:
    """Give it to this supervisor; False when it asks no more (I6: accepted once)."""
    taken = move(Escalation, ESCALATION_TRANSITIONS, EscalationState.ACCEPTED).where(Escalation.id == escalation_id)
    values = {"supervisor_id": user_id, "accepted_at": _NOW, "deadline_at": from_now(join_seconds)}
    return (await tx.execute(taken.values(values))).rowcount == 1


async def joined(tx: Tx, escalation_id: str, deadline_seconds: float) -> bool:
    """Whoever accepted is in the room."""
    arrived = move(Escalation, ESCALATION_TRANSITIONS, EscalationState.JOINED, only_from=(EscalationState.ACCEPTED,))
    values = {"joined_at": _NOW, "deadline_at": from_now(deadline_seconds)}
    return (await tx.execute(arrived.where(Escalation.id == escalation_id).values(values))).rowcount == 1


async def over(tx: Tx, escalation_id: str, after: EscalationState, failure: Failure | None = None) -> bool:
    """It ends, handed back or closed; False when it was over."""
    ended = move(Escalation, ESCALATION_TRANSITIONS, after).where(Escalation.id == escalation_id)
    return (await tx.execute(ended.values(deadline_at=None, ended_at=_NOW, failure=failure))).rowcount == 1


# --- offers ----------------------------------------------------------------------------------------------------------


async def offer(tx: Tx, escalation_id: str, user_ids: Sequence[str], ring_seconds: float) -> list[str]:
    """Let it ring at these supervisors'; returns at whose it does. Left out are those who were asked already, and those
    at whom another one rings (the indexes say so)."""
    rows = [
        {"id": new_id(), "escalation_id": escalation_id, "user_id": user_id,
         "state": EscalationOfferState.OFFERED, "expires_at": from_now(ring_seconds)}
        for user_id in user_ids
    ]  # fmt: skip
    made = insert(EscalationOffer).values(rows).on_conflict_do_nothing().returning(EscalationOffer.user_id)
    return [row["user_id"] for row in await tx.rows(made)]


async def offers_of(tx: Tx, escalation_id: str) -> tuple[EscalationOfferState, ...]:
    rows = await tx.rows(sa.select(EscalationOffer.state).where(EscalationOffer.escalation_id == escalation_id))
    return tuple(EscalationOfferState(row["state"]) for row in rows)


async def answer(tx: Tx, escalation_id: str, user_id: str, after: EscalationOfferState) -> bool:
    """This supervisor's live offer is answered; False when there is none."""
    mine = (EscalationOffer.escalation_id == escalation_id, EscalationOffer.user_id == user_id)
    answered = move(EscalationOffer, ESCALATION_OFFER_TRANSITIONS, after).where(*mine)
    return (await tx.execute(answered.values(ended_at=_NOW))).rowcount == 1


async def expire(tx: Tx, escalation_id: str) -> int:
    """Offers that nobody answered in time."""
    over_time = (EscalationOffer.escalation_id == escalation_id, EscalationOffer.expires_at <= _NOW)
    expired = move(EscalationOffer, ESCALATION_OFFER_TRANSITIONS, EscalationOfferState.EXPIRED).where(*over_time)
    return (await tx.execute(expired.values(ended_at=_NOW))).rowcount


async def withdraw(tx: Tx, escalation_id: str) -> int:
    """It rings nowhere any more; returns at how many supervisors it did."""
    withdrawn = move(EscalationOffer, ESCALATION_OFFER_TRANSITIONS, EscalationOfferState.WITHDRAWN)
    return (
        await tx.execute(withdrawn.where(EscalationOffer.escalation_id == escalation_id).values(ended_at=_NOW))
    ).rowcount


# --- reading ---------------------------------------------------------------------------------------------------------


def asking() -> sa.Select[str]:
    """Escalations to look after: those that ask, and those whose supervisor should have come."""
    late = sa.and_(Escalation.state == EscalationState.ACCEPTED, Escalation.deadline_at <= _NOW)
    return sa.select(Escalation.id).where(sa.or_(Escalation.state.in_(ASKING), late))


async def to_look_after(tx: Tx) -> list[str]:
    """All of `asking`, whoever has waited longest first."""
    return [row["id"] for row in await tx.rows(asking().order_by(Escalation.requested_at))]


async def page(
    tx: Tx, limit: int, after: Position | None, states: Collection[EscalationState], call_id: str | None = None
) -> list[sa.RowMapping]:
    """Latest request first, each with who took it and a few words about its call."""
    query = (
        sa.select(
            Escalation.__table__, User.email.label("supervisor"), User.name.label("supervisor_name"),
            Call.from_number, Call.queue, Call.state.label("call_state"),
        )
        .join(Call, Call.id == Escalation.call_id)
        .outerjoin(User, User.id == Escalation.supervisor_id)
        .order_by(Escalation.requested_at.desc(), Escalation.id.desc())
        .limit(limit)
    )  # fmt: skip
    if after is not None:
        place = sa.tuple_(sa.literal(after[0]), sa.literal(after[1], Escalation.id.type))
        query = query.where(sa.tuple_(Escalation.requested_at, Escalation.id) < place)
    if states:
        query = query.where(Escalation.state.in_(states))
    if call_id is not None:
        query = query.where(Escalation.call_id == call_id)
    return await tx.rows(query)


async def of_calls(tx: Tx, call_ids: Sequence[str]) -> dict[str, list[sa.RowMapping]]:
    """Each call's escalations in the order in which they were asked for."""
    rows = await tx.rows(
        sa.select(
            Escalation.id, Escalation.call_id, Escalation.state, Escalation.failure, Escalation.requested_at,
            User.email.label("supervisor"),
        )
        .outerjoin(User, User.id == Escalation.supervisor_id)
        .where(Escalation.call_id.in_(call_ids))
        .order_by(Escalation.requested_at, Escalation.id)
    )  # fmt: skip
    found: dict[str, list[sa.RowMapping]] = {}
    for row in rows:
        found.setdefault(row["call_id"], []).append(row)
    return found


async def live_offers(tx: Tx, escalation_ids: Sequence[str]) -> dict[str, list[sa.RowMapping]]:
    """At whose it rings now, and until when, by escalation."""
    rows = await tx.rows(
        sa.select(EscalationOffer.escalation_id, EscalationOffer.user_id, EscalationOffer.expires_at, User.email)
        .join(User, User.id == EscalationOffer.user_id)
        .where(
            EscalationOffer.escalation_id.in_(escalation_ids), EscalationOffer.state == EscalationOfferState.OFFERED
        )
    )  # fmt: skip
    found: dict[str, list[sa.RowMapping]] = {}
    for row in rows:
        found.setdefault(row["escalation_id"], []).append(row)
    return found


async def human_first_failure(tx: Tx, call_id: CallId) -> Failure | None:
    """Why no human came to a call that was to be a human's first; None when it was not, or one came."""
    failed = (Escalation.call_id == call_id, Escalation.trigger == Trigger.HUMAN_FIRST, Escalation.failure.is_not(None))
    found = await tx.scalar(sa.select(Escalation.failure).where(*failed))
    return Failure(found) if found is not None else None
