"""The order of the line, what waiting changes, and how long it takes: pure, on plain values.

The order: aged priority, highest first; then the original arrival, which is kept through every return to the line and
through other queues; then the call's id. `line.py` says the same in SQL, and tests hold both together. An expected wait
comes from what was measured: nothing rather than a wrong number. Durations in seconds.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import floor, sqrt
from statistics import fmean, pstdev

from callcenter.platform.plumbing.ids import CallId
from callcenter.setup.queues.rules import Ageing

PERIOD_SECONDS = 1800.0
FEWEST = 3
WIDEST = 0.75  # of the estimate: its standard deviation


@dataclass(frozen=True)
class Standing:
    """A call in line, as its order needs it."""

    call_id: CallId
    priority: int
    entered_at: datetime
    ageing: Ageing | None = None


def aged_priority(priority: int, waited: float, ageing: Ageing | None) -> int:
    """The priority after so much waiting: some points more for each whole interval, at most so many in all."""
    if ageing is None or waited <= 0:
        return priority
    return priority + min(ageing.at_most, floor(waited / ageing.every_seconds) * ageing.points)


def in_order(line: Collection[Standing], now: datetime) -> list[Standing]:
    """Who is served first when anybody could serve anyone."""

    def place(one: Standing) -> tuple[int, datetime, CallId]:
        waited = (now - one.entered_at).total_seconds()
        return -aged_priority(one.priority, waited, one.ageing), one.entered_at, one.call_id

    return sorted(line, key=place)


@dataclass(frozen=True)
class Skills:
    """What a worker must have now, and what it is preferred for beside that. Preferred skills that are insisted on are
    among the required ones as well."""

    required: tuple[str, ...]
    preferred: tuple[str, ...] = ()
    insisted: bool = False


def skills(required: Collection[str], preferred: Collection[str], prefer_seconds: float) -> Skills:
    """The skills of a call that comes into line. Preferred ones are insisted on for so long."""
    wished = tuple(sorted({*preferred} - {*required}))
    insisted = bool(wished) and prefer_seconds > 0
    return Skills(tuple(sorted({*required, *(wished if insisted else ())})), wished, insisted)


def widened(now: Skills, drop: Collection[str] | None) -> Skills:
    """Without these required skills, or (None) without any: then preferred ones are not insisted on any more either."""
    if drop is None:
        return Skills((), now.preferred)
    left = tuple(skill for skill in now.required if skill not in drop)
    return Skills(left, now.preferred, now.insisted and not {*now.preferred}.isdisjoint(left))


@dataclass(frozen=True)
class Answer:
    """When a call of the queue came to the line, and when an agent took it."""

    entered_at: datetime
    answered_at: datetime


def expected_wait(position: int, answers: Sequence[Answer], seats: int, now: datetime) -> float | None:
    """Seconds until an agent takes the call at this position of a queue (1 is the next), or None.

    Measured is the time from one answer to the next while somebody was waiting: with a line, seats are the limit, and
    whatever they do besides (other queues, calls of all lengths) is in it; without one, the time between answers is
    that between callers, and says nothing. Nothing is said without `seats`, with fewer than 3 such times in the last
    30 minutes, or where the estimate's standard deviation is more than three quarters of it.
    """
    recent = sorted(
        (each for each in answers if now - each.answered_at <= timedelta(seconds=PERIOD_SECONDS)),
        key=lambda each: each.answered_at,
    )
    gaps = [
        (later.answered_at - before.answered_at).total_seconds()
        for before, later in pairwise(recent)
        if later.entered_at <= before.answered_at
    ]
    if seats < 1 or position < 1 or len(gaps) < FEWEST or (mean := fmean(gaps)) <= 0:
        return None
    spread = pstdev(gaps) / mean * sqrt(1 / position + 1 / len(gaps))
    return None if spread > WIDEST else mean * position
