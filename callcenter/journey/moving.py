"""Which calls in line can be moved on now: the router's look asks for them four times a second."""

import sqlalchemy as sa

from callcenter.platform.wire.base import SeatKind
from callcenter.stages.offers import seats
from callcenter.stages.waiting import line


def movable(worker_silent_seconds: float) -> sa.Select[str]:
    """Calls that an agent's seat is free for (one of those that ask for the same skills), and those that an attendant
    is due for. While every seat is taken, the line is not looked through for every waiting caller again and again."""
    return line.movable(seats.free_by_skills(SeatKind.AGENT, worker_silent_seconds))
