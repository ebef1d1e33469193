"""How many calls more the agents of a profile may have: by its ceiling and by its budget for the day.

A router that is about to offer calls of such a profile holds it until it has committed; others leave it alone
meanwhile, so that no two of them count the same last place. Nobody waits.
"""

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.sets import among
from callcenter.platform.wire.base import SeatKind
from callcenter.records.calls.model import Call
from callcenter.setup.profiles.model import Profile
from callcenter.stages.offers.model import LIVE, Offer
from callcenter.stages.offers.spending import BUDGET, PRICE, TODAY, Spending

_LOCK = sa.func.hashtext("ceilings of profiles")
_MOST = Profile.body["max_calls"].astext.cast(sa.Integer)
ENDLESS = 1_000_000
# Written out, as the partial index has them.
_LIVE = Offer.state.in_([sa.literal_column(f"'{state}'") for state in LIVE])


async def room(tx: Tx) -> dict[str, int]:
    """Of every profile with a ceiling or a budget, how many calls more its agents may be offered in this transaction;
    0 where another router is at it."""
    spent = sa.func.coalesce(Spending.seconds, 0) / 60 * PRICE
    held = sa.func.pg_try_advisory_xact_lock(_LOCK, sa.func.hashtext(Profile.name))
    rows = await tx.rows(
        sa.select(
            Profile.name,
            sa.func.coalesce(_MOST, ENDLESS).label("most"),
            sa.func.coalesce(spent >= BUDGET, sa.false()).label("spent"),
            held.label("held"),
        )
        .outerjoin(Spending, sa.and_(Spending.profile == Profile.name, Spending.day == TODAY))
        .where(sa.or_(_MOST.is_not(None), BUDGET.is_not(None)))
    )
    found = {row["name"]: 0 if row["spent"] or not row["held"] else row["most"] for row in rows}
    limited = [name for name, most in found.items() if 0 < most < ENDLESS]
    taken = await _taken(tx, limited) if limited else {}
    return {name: max(0, most - taken.get(name, 0)) for name, most in found.items()}


async def _taken(tx: Tx, profiles: list[str]) -> dict[str, int]:
    """How many calls their agents have or are asked for: a statement after the lock, so that it sees what those who had
    it before have done."""
    rows = await tx.rows(
        sa.select(Call.profile, sa.func.count().label("calls"))
        .select_from(Offer)
        .join(Call, Call.id == Offer.call_id)
        .where(_LIVE, Offer.kind == SeatKind.AGENT, among(Call.profile, profiles))
        .group_by(Call.profile)
    )
    return {row["profile"]: row["calls"] for row in rows}
