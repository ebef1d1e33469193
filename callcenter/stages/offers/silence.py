"""Whether anybody is to be given up, in one question: asked twice a second, nearly always answered with no."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.platform.plumbing.model import ControlProcess, ProcessKind
from callcenter.platform.wire.base import SeatKind
from callcenter.stages.offers import workers
from callcenter.stages.offers.model import ABSENT, LIVE, Offer, OfferState, Seat, Worker


@dataclass(frozen=True)
class Silence:
    """`heard`: there is a desk, and it is not so that all workers are silent at once; otherwise silence proves nothing.
    `overdue`: a worker or a job may have to be given up. `leftovers`: seats of absent workers may be freed."""

    heard: bool
    overdue: bool
    leftovers: bool


async def look(tx: Tx, asked: sa.Select[bool, bool, bool]) -> Silence:
    """How it stands now. What may be due is looked for again, and exactly, by whoever does it."""
    row = await tx.row(asked)
    assert row is not None
    return Silence(**row)


def question(
    silent_seconds: Mapping[SeatKind, float], desk_silent: float, gap_seconds: float
) -> sa.Select[bool, bool, bool]:
    """What `look` asks; made once, for making it costs more than asking. `gap_seconds`: a desk, or all workers, may be
    unheard for so long."""
    desk = sa.exists().where(
        ControlProcess.kind == ProcessKind.API, ControlProcess.last_beat_at > from_now(-gap_seconds)
    )
    all_silent = workers.all_silent(gap_seconds).scalar_subquery()
    overdue = sa.or_(workers.silent(silent_seconds).exists(), _unwatched(desk_silent).exists())
    return sa.select(
        sa.and_(desk, sa.not_(all_silent)).label("heard"),
        overdue.label("overdue"),
        sa.or_(_unreleased().exists(), _unfreed().exists()).label("leftovers"),
    )


def _unwatched(desk_silent: float) -> sa.Select[Any]:
    """Accepted offers whose attendant is lost, or whose job's desk has not beaten for so long."""
    watched = sa.exists().where(ControlProcess.name == Offer.desk, ControlProcess.last_beat_at > from_now(-desk_silent))
    absent = sa.exists().where(Worker.name == Offer.worker, Worker.state.in_(ABSENT))
    unwatched = sa.case((Offer.kind == SeatKind.ATTENDANT, absent), else_=sa.not_(watched))
    return sa.select(Offer.id).where(Offer.state == OfferState.ACCEPTED, unwatched)


def _unreleased() -> sa.Select[Any]:
    absent = sa.exists().where(Worker.name == Offer.worker, Worker.state.in_(ABSENT))
    return sa.select(Offer.id).where(Offer.released_at.is_(None), Offer.state.not_in(LIVE), absent)


def _unfreed() -> sa.Select[Any]:
    absent = sa.exists().where(Worker.name == Seat.worker, Worker.state.in_(ABSENT))
    over = sa.exists().where(Offer.id == Seat.offer_id, Offer.released_at.is_not(None))
    return sa.select(Seat.id).where(Seat.offer_id.is_not(None), absent, over)
