"""All SQL of limits."""

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import FieldError
from callcenter.setup.audit.model import Thing
from callcenter.setup.entries.rules import Kind
from callcenter.setup.limits.model import Limit
from callcenter.setup.limits.rules import LimitBody
from callcenter.setup.queues.store import unknown_queue

_LOCK = sa.func.hashtext("limits")


async def _unknown_names(tx: Tx, body: LimitBody) -> list[FieldError]:
    return await unknown_queue(tx, "then.queue", body.then)


LIMITS = Kind(Thing.LIMIT, Limit, LimitBody, "limits", check=_unknown_names)


async def every(tx: Tx) -> dict[str, LimitBody]:
    rows = await tx.rows(sa.select(Limit.name, Limit.body))
    return {row["name"]: LimitBody.model_validate(row["body"]) for row in rows}


async def one_at_a_time(tx: Tx, counted: str) -> None:
    """Who counts these calls, and may become one of them, waits for others who do: until the transaction ends."""
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK, sa.func.hashtext(counted))))
