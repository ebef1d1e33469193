"""Reading offers for pages and reports; what decides is in the stage's own files."""

from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.platform.wire.base import SeatKind
from callcenter.stages.offers.model import Offer, OfferState
from callcenter.stages.offers.seats import by_skills, free_by_skills

LEFTOVER_GRACE_SECONDS = 5.0  # workers look once a second for what dead jobs left


async def offers(tx: Tx, call_ids: Sequence[str]) -> dict[str, list[sa.RowMapping]]:
    """Each call's offers in the order of making."""
    query = sa.select(Offer.__table__).where(Offer.call_id.in_(call_ids)).order_by(Offer.offered_at, Offer.id)
    found: dict[str, list[sa.RowMapping]] = defaultdict(list)
    for row in await tx.rows(query):
        found[row["call_id"]].append(row)
    return found


async def all_words_in(tx: Tx, call_id: str) -> bool:
    """Whether nobody adds a segment to this call any more: every offer's job is confirmed gone, and what a lost one
    left behind has had its time to be delivered. A worker's machine that is down for longer may still have some."""
    outstanding = sa.or_(
        Offer.released_at.is_(None),
        sa.and_(Offer.state == OfferState.LOST, Offer.released_at > from_now(-LEFTOVER_GRACE_SECONDS)),
    )
    held = sa.select(Offer.id).where(Offer.call_id == call_id, outstanding)
    return not await tx.scalar(sa.select(held.exists()))


async def free_seats(
    tx: Tx, kind: SeatKind, silent_seconds: float, *, busy_too: bool = False
) -> dict[frozenset[str], int]:
    """How many seats are free of workers that take calls, or all of them, by the skills of their workers."""
    rows = await tx.rows((by_skills if busy_too else free_by_skills)(kind, silent_seconds))
    found: dict[frozenset[str], int] = defaultdict(int)
    for row in rows:
        found[frozenset(row["skills"])] += row["seats"]
    return dict(found)
