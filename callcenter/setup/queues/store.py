"""All SQL of queues."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import NotFound
from callcenter.setup.queues.model import Queue
from callcenter.setup.queues.rules import QueueBody


async def get(tx: Tx, name: str) -> QueueBody:
    """The queue as it stands; NotFound when there is none of that name."""
    body = await tx.scalar(sa.select(Queue.body).where(Queue.name == name))
    if body is None:
        raise NotFound(f"There is no queue '{name}'.")
    return QueueBody.model_validate(body)


async def names(tx: Tx) -> set[str]:
    return {row["name"] for row in await tx.rows(sa.select(Queue.name))}


async def put(tx: Tx, name: str, body: QueueBody) -> None:
    values = {"body": body.model_dump(mode="json"), "changed_at": sa.func.clock_timestamp()}
    await tx.execute(
        insert(Queue).values(name=name, **values).on_conflict_do_update(index_elements=[Queue.name], set_=values)
    )
