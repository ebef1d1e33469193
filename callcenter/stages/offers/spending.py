"""What agents' talking costs today, by profile. A day's calls are not added up while the line waits: the router
measures every few seconds and the matcher reads the sum. Calls that have an agent go on to their end: a budget may be
passed by what they cost after it was reached, and by what is talked from one measurement to the next."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base, Database, Tx, seconds
from callcenter.platform.wire.base import SeatKind
from callcenter.records.calls.model import Call
from callcenter.setup.profiles.model import Profile
from callcenter.stages.offers.model import Offer

MEASURE_SECONDS = 5.0
LONGEST_CALL_SECONDS = 86_400.0


class Spending(Base):
    """How long a profile's agents have talked on this day, in its zone."""

    __tablename__ = "spending"
    profile: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date)
    seconds: Mapped[float] = mapped_column(sa.Float)
    measured_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())


ZONE = sa.func.coalesce(Profile.body["budget_zone"].astext, "UTC")
BUDGET = Profile.body["daily_budget"].astext.cast(sa.Float)
PRICE = sa.func.coalesce(Profile.body["cost_per_minute"].astext.cast(sa.Float), 0)
TODAY = sa.cast(sa.func.timezone(ZONE, sa.func.statement_timestamp()), sa.Date)


async def measure_once(db: Database) -> int:
    """Add up the day so far of every profile with a budget; returns how many have one."""
    async with db.transaction() as tx:
        rows = await tx.rows(sa.select(Profile.name, ZONE.label("zone")).where(BUDGET.is_not(None)))
        for row in rows:
            await _measure(tx, row["name"], row["zone"])
        return len(rows)


async def _measure(tx: Tx, profile: str, zone: str) -> None:
    now = sa.func.statement_timestamp()
    midnight = sa.func.timezone(zone, sa.func.date_trunc("day", sa.func.timezone(zone, now)))
    talked = sa.func.least(sa.func.coalesce(Offer.ended_at, now), now) - sa.func.greatest(Offer.accepted_at, midnight)
    total = (
        sa.select(sa.func.coalesce(sa.func.sum(sa.extract("epoch", talked)), 0))
        .join(Call, Call.id == Offer.call_id)
        .where(
            Offer.kind == sa.literal_column(f"'{SeatKind.AGENT}'"),
            Offer.accepted_at > midnight - seconds(LONGEST_CALL_SECONDS),
            sa.func.coalesce(Offer.ended_at, now) > midnight,
            Call.profile == profile,
        )
    )
    values = {
        "day": sa.cast(sa.func.timezone(zone, now), sa.Date), "seconds": total.scalar_subquery(), "measured_at": now,
    }  # fmt: skip
    await tx.execute(
        insert(Spending)
        .values(profile=profile, **values)
        .on_conflict_do_update(index_elements=[Spending.profile], set_=values)
    )
