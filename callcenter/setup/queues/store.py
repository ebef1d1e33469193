"""All SQL of queues."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import NotFound
from callcenter.setup.queues.model import Queue
from callcenter.setup.queues.rules import QueueBody


async def find(tx: Tx, name: str) -> QueueBody | None:
    """The queue as it stands."""
    body = await tx.scalar(sa.select(Queue.body).where(Queue.name == name))
    return QueueBody.model_validate(body) if body is not None else None


async def get(tx: Tx, name: str) -> QueueBody:
    """The queue as it stands; NotFound when there is none of that name."""
    queue = await find(tx, name)
    if queue is None:
        raise NotFound(f"There is no queue '{name}'.")
    return queue


async def profiles_of(tx: Tx) -> dict[str, str]:
    """Every queue with the name of its profile."""
    rows = await tx.rows(sa.select(Queue.name, Queue.body["profile"].astext.label("profile")))
    return {row["name"]: row["profile"] for row in rows}


async def put(tx: Tx, name: str, body: QueueBody) -> None:
    values = {"body": body.model_dump(mode="json"), "changed_at": sa.func.clock_timestamp()}
    await tx.execute(
        insert(Queue).values(name=name, **values).on_conflict_do_update(index_elements=[Queue.name], set_=values)
    )
