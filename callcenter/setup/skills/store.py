"""All SQL of skills."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.queues.model import Queue
from callcenter.setup.skills.model import Skill


async def names(tx: Tx) -> frozenset[str]:
    return frozenset(row["name"] for row in await tx.rows(sa.select(Skill.name)))


async def seen(tx: Tx, skills: Collection[str]) -> None:
    """An agent has these."""
    if skills:
        rows = [{"name": name} for name in sorted(set(skills))]
        await tx.execute(insert(Skill).values(rows).on_conflict_do_nothing(index_elements=[Skill.name]))


async def every(tx: Tx) -> list[sa.RowMapping]:
    """Each with the time it was first known, in the order of their names."""
    return await tx.rows(sa.select(Skill.name, Skill.first_seen_at).order_by(sa.collate(Skill.name, "C")))


async def find(tx: Tx, name: str) -> sa.RowMapping | None:
    return await tx.row(sa.select(Skill.name, Skill.first_seen_at).where(Skill.name == name).with_for_update())


async def delete(tx: Tx, name: str) -> None:
    await tx.execute(sa.delete(Skill).where(Skill.name == name))


async def bodies_of_queues(tx: Tx) -> dict[str, Any]:
    """Every queue's plain body by its name."""
    return {row["name"]: row["body"] for row in await tx.rows(sa.select(Queue.name, Queue.body))}
