"""All SQL of how supervisors stand: who may be asked now, and whose console is open."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.setup.users.model import Role, User
from callcenter.stages.escalation.model import (
    CHOICES,
    EscalationOffer,
    EscalationOfferState,
    Status,
    Supervision,
    SupervisionState,
    SupervisorPresence,
)
from callcenter.stages.escalation.rules import Standing

SUPERVISING = (Role.SUPERVISOR, Role.ADMIN)
_NOW = sa.func.clock_timestamp()
_IN_CALL = sa.exists().where(
    Supervision.user_id == SupervisorPresence.user_id,
    Supervision.state.in_([SupervisionState.INVITED, SupervisionState.PRESENT]),
)
_RINGS = sa.exists().where(
    EscalationOffer.user_id == SupervisorPresence.user_id, EscalationOffer.state == EscalationOfferState.OFFERED
)


async def candidates(tx: Tx, escalation_id: str, skill: str | None) -> tuple[str, ...]:
    """Who could be asked for this escalation and was not, whoever has been idle longest first. Their rows are locked;
    those that somebody else decides about at this moment are left out."""
    asked = sa.exists().where(
        EscalationOffer.escalation_id == escalation_id, EscalationOffer.user_id == SupervisorPresence.user_id
    )
    wrapping = sa.and_(SupervisorPresence.wrap_until.is_not(None), SupervisorPresence.wrap_until > _NOW)
    query = (
        sa.select(SupervisorPresence.user_id)
        .join(User, User.id == SupervisorPresence.user_id)
        .where(
            SupervisorPresence.chosen == Status.AVAILABLE, SupervisorPresence.reachable_until > _NOW,
            User.disabled_at.is_(None), User.role.in_(SUPERVISING),
            sa.not_(wrapping), sa.not_(_IN_CALL), sa.not_(_RINGS), sa.not_(asked),
        )
        .order_by(SupervisorPresence.idle_since, SupervisorPresence.user_id)
        .with_for_update(of=SupervisorPresence, skip_locked=True)
    )  # fmt: skip
    if skill is not None:
        query = query.where(SupervisorPresence.skills.contains([skill]))
    return tuple(row["user_id"] for row in await tx.rows(query))


async def choose(tx: Tx, user_id: str, chosen: Status, seconds: float) -> None:
    """What a supervisor says of themselves; it holds without an open console for so many seconds."""
    if chosen not in CHOICES:
        raise AssertionError(f"{chosen} is not for them to choose")
    values = {"chosen": chosen, "reachable_until": from_now(seconds), "wrap_until": None}
    statement = insert(SupervisorPresence).values(user_id=user_id, **values)
    fresh = sa.case((SupervisorPresence.chosen == chosen, SupervisorPresence.idle_since), else_=_NOW)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[SupervisorPresence.user_id], set_={**values, "idle_since": fresh}
        )
    )


async def reachable(tx: Tx, user_id: str, seconds: float) -> None:
    """An open console speaks. Who was never heard of before is available from now on."""
    statement = insert(SupervisorPresence).values(
        user_id=user_id, chosen=Status.AVAILABLE, reachable_until=from_now(seconds)
    )
    still = sa.func.greatest(SupervisorPresence.reachable_until, statement.excluded.reachable_until)
    await tx.execute(
        statement.on_conflict_do_update(index_elements=[SupervisorPresence.user_id], set_={"reachable_until": still})
    )


async def unreachable(tx: Tx, user_id: str) -> None:
    """Their console was closed. Another one of theirs says so within its next beat."""
    gone = sa.update(SupervisorPresence).where(SupervisorPresence.user_id == user_id)
    await tx.execute(gone.values(reachable_until=_NOW))


async def freed(tx: Tx, user_id: str, wrap_up_seconds: float) -> None:
    """They are out of a call: idle from now on, and not asked before they have had this time."""
    wrap = from_now(wrap_up_seconds) if wrap_up_seconds > 0 else None
    done = sa.update(SupervisorPresence).where(SupervisorPresence.user_id == user_id)
    await tx.execute(done.values(idle_since=_NOW, wrap_until=wrap))


async def set_skills(tx: Tx, user_id: str, skills: list[str]) -> None:
    """What this supervisor may be asked for."""
    statement = insert(SupervisorPresence).values(
        user_id=user_id, chosen=Status.AWAY, reachable_until=_NOW, skills=skills
    )
    await tx.execute(
        statement.on_conflict_do_update(index_elements=[SupervisorPresence.user_id], set_={"skills": skills})
    )


async def standing(tx: Tx, user_id: str) -> tuple[Standing, sa.RowMapping] | None:
    """How this supervisor stands; None for one who was never heard of."""
    query = sa.select(SupervisorPresence.__table__, _IN_CALL.label("in_call"))
    row = await tx.row(query.where(SupervisorPresence.user_id == user_id))
    if row is None:
        return None
    return _standing(row), row


async def supervisors(tx: Tx) -> list[tuple[sa.RowMapping, Standing | None]]:
    """Everybody who may supervise, by name, each with how they stand; None for one who was never heard of."""
    query = (
        sa.select(
            User.id, User.email, User.name, SupervisorPresence.chosen, SupervisorPresence.skills,
            SupervisorPresence.reachable_until, SupervisorPresence.wrap_until, _IN_CALL.label("in_call"),
        )
        .outerjoin(SupervisorPresence, SupervisorPresence.user_id == User.id)
        .where(User.disabled_at.is_(None), User.role.in_(SUPERVISING))
        .order_by(User.name, User.id)
    )  # fmt: skip
    return [(row, _standing(row) if row["chosen"] else None) for row in await tx.rows(query)]


def _standing(row: sa.RowMapping) -> Standing:
    return Standing(Status(row["chosen"]), row["reachable_until"], row["wrap_until"], row["in_call"])


async def available(tx: Tx, skill: str | None = None) -> int:
    """How many supervisors, with this skill if any, could be asked now."""
    able = sa.true() if skill is None else SupervisorPresence.skills.contains([skill])
    wrapping = sa.and_(SupervisorPresence.wrap_until.is_not(None), SupervisorPresence.wrap_until > _NOW)
    return int(
        await tx.scalar(
            sa.select(sa.func.count())
            .select_from(SupervisorPresence)
            .join(User, User.id == SupervisorPresence.user_id)
            .where(
                SupervisorPresence.chosen == Status.AVAILABLE, SupervisorPresence.reachable_until > _NOW, able,
                User.disabled_at.is_(None), User.role.in_(SUPERVISING), sa.not_(wrapping), sa.not_(_IN_CALL),
            )
        )
    )  # fmt: skip
