"""All SQL of deployments."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.deployments.model import Deployment


async def shares(tx: Tx) -> dict[str, int]:
    """Every deployment that has a share, in percent of new calls."""
    rows = await tx.rows(sa.select(Deployment.name, Deployment.share).order_by(Deployment.name))
    return {row["name"]: row["share"] for row in rows}


async def lock(tx: Tx) -> None:
    """Nobody else changes a share until this transaction ends: together they are at most 100 percent."""
    await tx.execute(sa.text("LOCK TABLE deployments IN SHARE ROW EXCLUSIVE MODE"))


async def put(tx: Tx, name: str, share: int) -> None:
    values = {"share": share, "changed_at": sa.func.clock_timestamp()}
    await tx.execute(
        insert(Deployment)
        .values(name=name, **values)
        .on_conflict_do_update(index_elements=[Deployment.name], set_=values)
    )


async def forget(tx: Tx, name: str) -> bool:
    """The deployment has no share of its own any more; False when it had none."""
    result = await tx.execute(sa.delete(Deployment).where(Deployment.name == name))
    return result.rowcount == 1
