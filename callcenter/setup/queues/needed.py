"""What of the set-up, besides rules, and of what was promised to callers needs a queue."""

from collections.abc import Iterator

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import FieldError
from callcenter.setup.entries.naming import places_of
from callcenter.setup.limits.model import Limit
from callcenter.setup.queues.model import Queue

MOST_NAMED = 10  # of call-backs: there may be thousands
# The set-up knows nothing of call-backs but this; their store (stages/callbacks) is above it.
_CALL_BACKS = sa.table("call_backs", sa.column("id"), sa.column("queue"), sa.column("ended_at"), sa.column("asked_at"))


async def needed_by(tx: Tx, name: str) -> list[FieldError]:
    """Every place in limits and other queues that sends calls to this one, and the call-backs that are open in it."""
    return [*await _named_by_set_up(tx, name), *await _open_call_backs(tx, name)]


async def _named_by_set_up(tx: Tx, name: str) -> list[FieldError]:
    limits = await tx.rows(sa.select(Limit.name, Limit.body).order_by(Limit.name))
    queues = await tx.rows(sa.select(Queue.name, Queue.body).where(Queue.name != name).order_by(Queue.name))
    places = [*_places("limits", limits, name), *_places("queues", queues, name)]
    return [FieldError(place, name, "another queue, or none") for place in places]


def _places(section: str, rows: list[sa.RowMapping], name: str) -> Iterator[str]:
    for row in rows:
        for place in places_of(row["body"], frozenset({"queue"}), name):
            yield f"{section}.{row['name']}.{place}"


async def _open_call_backs(tx: Tx, name: str) -> list[FieldError]:
    open_ones = sa.select(_CALL_BACKS.c.id).where(_CALL_BACKS.c.queue == name, _CALL_BACKS.c.ended_at.is_(None))
    rows = await tx.rows(open_ones.order_by(_CALL_BACKS.c.asked_at).limit(MOST_NAMED))
    expected = "a call-back that is over, or cancelled"
    return [FieldError(f"call_backs.{row['id']}.queue", name, expected) for row in rows]
