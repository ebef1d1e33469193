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


def preferred(bucket: int) -> sa.ScalarSelect[str]:
    """The deployment into whose share this call's number falls, or null."""
    laid = sa.select(
        Deployment.name, Deployment.share, sa.func.sum(Deployment.share).over(order_by=Deployment.name).label("upto")
    ).subquery()
    return sa.select(laid.c.name).where(laid.c.upto > bucket, laid.c.upto - laid.c.share <= bucket).scalar_subquery()


def rank(bucket: int) -> sa.ColumnElement[int]:
    """How gladly a call of this number goes to the workers of a deployment: 0 as meant, 1 where that has no free seat,
    2 as the last resort. For the statement that takes the seat, which joins Deployment, if there is one, to each
    worker: no preference and no share of its own belong together."""
    return sa.case((Deployment.share == 0, 2), (Deployment.name.is_not_distinct_from(preferred(bucket)), 0), else_=1)
