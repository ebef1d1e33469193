"""All SQL of webhook events and of test calls."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.platform.plumbing.ids import CallId
from callcenter.records.calls.model import Call, CallState, Channel
from callcenter.stages.arrival.browser import Booking
from callcenter.stages.arrival.model import BrowserCall, WebhookEvent


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


async def one_at_a_time(tx: Tx, person: str) -> None:
    """Bookings of one person take turns until the transaction ends."""
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"test call {person}", 0))))


async def live_test_call(tx: Tx, person: str) -> str | None:
    """The test call that this person has going on."""
    found = await tx.scalar(
        sa.select(BrowserCall.id)
        .join(Call, Call.id == BrowserCall.id)
        .where(BrowserCall.person == person, Call.state != CallState.ENDED)
        .limit(1)
    )
    return None if found is None else str(found)


async def book(tx: Tx, person: str, booking: Booking) -> None:
    """Keep what was asked for. What this person asked for before and did not begin is not to begin any more."""
    begun = sa.exists().where(Call.id == BrowserCall.id)
    await tx.execute(sa.delete(BrowserCall).where(BrowserCall.person == person, ~begun))
    await tx.execute(
        sa.insert(BrowserCall).values(
            id=booking.call_id, room=booking.room, person=person, profile=booking.profile, to_number=booking.to,
            from_number=booking.from_,
        )
    )  # fmt: skip


async def booked_by(tx: Tx, call_id: CallId) -> str | None:
    """Who asked for this test call; None when it is not to begin (any more)."""
    return await tx.scalar(sa.select(BrowserCall.person).where(BrowserCall.id == call_id))  # type: ignore[no-any-return]


def overlong_test_calls(limit_seconds: float) -> sa.Select[str]:
    """Live test calls older than this."""
    # Literals: a partial index is only used for what the statement says.
    return sa.select(Call.id).where(
        Call.channel == sa.literal_column(f"'{Channel.BROWSER}'"),
        Call.state != sa.literal_column(f"'{CallState.ENDED}'"),
        Call.arrived_at < from_now(-limit_seconds),
    )
