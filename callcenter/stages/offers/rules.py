"""Which call gets which worker: pure, over a snapshot. Whoever reads the snapshot locks calls before and seats after.

What a call asks of a worker, and in which order workers are asked, is decided here and nowhere else.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heapreplace

from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.setup.deployments.rules import bucket, preferred, rank


@dataclass(frozen=True)
class Wish:
    """A call at the front of the line, and the offer that would bind it to a seat."""

    offer_id: OfferId
    call_id: CallId
    required_skills: frozenset[str] = frozenset()
    preferred_skills: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Loaded:
    """A worker that takes calls and has `free` seats, the first of them `first_seat`; `failed_at` only if that was
    lately."""

    name: str
    skills: frozenset[str]
    deployment: str
    failed_at: datetime | None
    busy: int
    free: int
    first_seat: int


# Whether and when it failed, how many preferred skills it lacks, its deployment's rank, its load, its first free seat,
# its place in the snapshot: the lowest is asked first.
Turn = tuple[bool, float, int, int, int, int, int]


def share_out(wishes: Iterable[Wish], workers: Sequence[Loaded], shares: Mapping[str, int]) -> list[tuple[Wish, str]]:
    """Each call, in this order, with a worker that has all its required skills and a free seat: one that did not fail
    lately before one that did, then who lacks the fewest of its preferred skills, then of the deployment that it
    prefers, then the least loaded, those before it counted. A call that no free seat is left for is left out.
    `shares`: of deployments in percent, by name."""
    taken: Counter[int] = Counter()
    turns: dict[tuple[frozenset[str], frozenset[str], str | None], list[Turn]] = {}
    found = []
    for wish in wishes:
        favourite = preferred(bucket(wish.call_id), shares) if shares else None
        key = (wish.required_skills, wish.preferred_skills, favourite)
        if key not in turns:
            turns[key] = _turns(workers, wish, favourite, shares)
        place = _first(turns[key], workers, taken)
        if place is not None:
            taken[place] += 1
            found.append((wish, workers[place].name))
    return found


def _turns(workers: Sequence[Loaded], wish: Wish, favourite: str | None, shares: Mapping[str, int]) -> list[Turn]:
    """A heap of the workers that can serve such a call."""
    turns = [
        (
            worker.failed_at is not None, worker.failed_at.timestamp() if worker.failed_at else 0.0,
            len(wish.preferred_skills - worker.skills),
            rank(worker.deployment, favourite, shares), worker.busy, worker.first_seat, place,
        )
        for place, worker in enumerate(workers)
        if wish.required_skills <= worker.skills
    ]  # fmt: skip
    heapify(turns)
    return turns


def _first(turns: list[Turn], workers: Sequence[Loaded], taken: Counter[int]) -> int | None:
    """The place of the worker whose turn it is. Loads only grow meanwhile: the front is right as soon as its own
    load is up to date."""
    while turns:
        failed, when, lacks, ranked, load, seat, place = turns[0]
        now = workers[place].busy + taken[place]
        if taken[place] >= workers[place].free:
            heappop(turns)
        elif load != now:
            heapreplace(turns, (failed, when, lacks, ranked, now, seat, place))
        else:
            return place
    return None
