"""All SQL of what happens to calls in line by the time they have waited: fallbacks, and preferred skills that are not
insisted on any more."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from pydantic import TypeAdapter

from callcenter.platform.plumbing.db import Channel, Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.setup.rule_sets.actions import Fallback
from callcenter.stages.waiting.model import WaitingEntry, WaitingState
from callcenter.stages.waiting.rules import Skills
from callcenter.stages.waiting.store import FIRST_AFTER

AT_ONCE = 500
_FALLBACKS: TypeAdapter[tuple[Fallback, ...]] = TypeAdapter(tuple[Fallback, ...])


@dataclass(frozen=True)
class Waiter:
    """A call in line whose first fallback is due, and what is still to come after that one."""

    queue: str
    priority: int
    skills: Skills
    due: Fallback
    later: tuple[Fallback, ...]


def overflowing() -> sa.Select[str]:
    """Calls in line with a fallback that is due."""
    return sa.select(WaitingEntry.call_id).where(
        WaitingEntry.state == WaitingState.WAITING, WaitingEntry.next_fallback_at <= sa.func.clock_timestamp()
    )


async def due(tx: Tx, limit: int = 100) -> list[CallId]:
    """Those of `overflowing` that have been due longest."""
    rows = await tx.rows(overflowing().order_by(WaitingEntry.next_fallback_at).limit(limit))
    return [row["call_id"] for row in rows]


async def waiter(tx: Tx, call_id: CallId) -> Waiter | None:
    """The place of a locked call with its due fallback, locked as well, for `relax` locks no call; None when nothing is
    due, or somebody is just asked for it."""
    row = await tx.row(
        sa.select(
            WaitingEntry.queue, WaitingEntry.priority, WaitingEntry.required_skills, WaitingEntry.preferred_skills,
            WaitingEntry.prefer_until, WaitingEntry.fallbacks,
        )
        .where(
            WaitingEntry.call_id == call_id, WaitingEntry.treatment.is_(None),
            WaitingEntry.call_id.in_(overflowing()),
        )
        .with_for_update(of=WaitingEntry)
    )  # fmt: skip
    if row is None:
        return None
    first, *later = _FALLBACKS.validate_python(row["fallbacks"])
    skills = Skills(
        tuple(row["required_skills"]), tuple(row["preferred_skills"]), insisted=row["prefer_until"] is not None
    )
    return Waiter(row["queue"], row["priority"], skills, first, tuple(later))


async def keep_fallbacks(tx: Tx, call_id: CallId, fallbacks: Sequence[Fallback], *, anew: bool) -> None:
    """These are still to come, counted from now on (`anew`) or from when they were before."""
    counted = sa.func.clock_timestamp() if anew else WaitingEntry.counted_from
    kept = _FALLBACKS.dump_python(tuple(fallbacks), mode="json")
    of_call = WaitingEntry.call_id == call_id
    await tx.execute(sa.update(WaitingEntry).where(of_call).values(fallbacks=kept, counted_from=counted))
    await tx.execute(
        sa.update(WaitingEntry).where(of_call).values(next_fallback_at=WaitingEntry.counted_from + FIRST_AFTER)
    )


async def widen(tx: Tx, call_id: CallId, skills: Skills) -> None:
    """From now on these skills are asked for."""
    tx.news.add(Channel.LINE)
    values = {"required_skills": list(skills.required)} | ({} if skills.insisted else {"prefer_until": None})
    await tx.execute(sa.update(WaitingEntry).where(WaitingEntry.call_id == call_id).values(values))


def relaxing() -> sa.Select[str]:
    """Calls that have waited long enough for their preferred skills."""
    return sa.select(WaitingEntry.call_id).where(WaitingEntry.prefer_until <= sa.func.clock_timestamp())


async def relax(tx: Tx) -> int:
    """Those calls do with their required skills from now on; returns how many. One that somebody works on at this
    moment is left for the next time."""
    some = relaxing().order_by(WaitingEntry.prefer_until).limit(AT_ONCE).with_for_update(skip_locked=True)
    skill = sa.func.unnest(WaitingEntry.required_skills).column_valued("skill")
    left = sa.select(skill).where(skill != sa.all_(WaitingEntry.preferred_skills)).order_by(skill)
    result = await tx.execute(
        sa.update(WaitingEntry)
        .where(WaitingEntry.call_id.in_(some))
        .values(required_skills=sa.func.array(left.scalar_subquery()), prefer_until=None)
    )
    if result.rowcount:
        tx.news.add(Channel.LINE)
    return int(result.rowcount)
