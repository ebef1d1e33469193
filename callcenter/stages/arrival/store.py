"""All SQL of webhook events."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx
from callcenter.stages.arrival.model import WebhookEvent


async def first_time(tx: Tx, event_id: str, event: str) -> bool:
    """Note this event in the transaction that acts on it; False when it was acted on before."""
    seen = await tx.scalar(
        insert(WebhookEvent)
        .values(id=event_id, event=event)
        .on_conflict_do_nothing(index_elements=[WebhookEvent.id])
        .returning(WebhookEvent.id)
    )
    return seen is not None


async def forget_old(tx: Tx, minutes: int = 60) -> int:
    """Forget events older than any that would still be accepted."""
    result = await tx.execute(
        sa.delete(WebhookEvent).where(
            WebhookEvent.received_at < sa.func.clock_timestamp() - sa.func.make_interval(0, 0, 0, 0, 0, minutes)
        )
    )
    return result.rowcount
