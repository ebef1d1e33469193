"""How queues stand at this instant, for rules that ask."""

from collections.abc import Mapping

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.wire.base import SeatKind
from callcenter.setup.queues import store as queues
from callcenter.setup.queues.rules import QueueBody
from callcenter.stages.escalation import presences
from callcenter.stages.offers import read as offers
from callcenter.stages.routing.facts import QueueFigures
from callcenter.stages.waiting import places
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.rules import expected_wait


async def measured(worker_silent: float, tx: Tx, names: frozenset[str]) -> Mapping[str, QueueFigures]:
    """Of each of these queues that exists: the calls in its line, and the free seats of agents who have the skills that
    all of its calls require, on workers that beat within `worker_silent` seconds; and how long one more call would
    wait; and the supervisors who could be asked into its calls."""
    bodies = await queues.bodies(tx, names)
    lengths = await places.lengths(tx, names)
    free = await offers.free_seats(tx, SeatKind.AGENT, worker_silent)
    found = {}
    for name, body in bodies.items():
        waiting_now = lengths.get(name, 0)
        free_now = sum(count for skills, count in free.items() if skills.issuperset(body.required_skills))
        at_once = free_now > 0 and not waiting_now
        found[name] = QueueFigures(
            waiting=waiting_now,
            free_seats=free_now,
            supervisors=await presences.available(tx, body.supervisors.skill),
            expected_wait_seconds=0 if at_once else await wait_at(worker_silent, tx, name, body, waiting_now + 1),
        )
    return found


async def wait_at(worker_silent: float, tx: Tx, name: str, queue: QueueBody, position: int) -> float | None:
    """Seconds that a call at this position of the queue waits for an agent; None where nothing tells."""
    seats = await offers.free_seats(tx, SeatKind.AGENT, worker_silent, busy_too=True)
    able = sum(count for skills, count in seats.items() if skills.issuperset(queue.required_skills))
    return expected_wait(position, await waiting.answers(tx, name), able, await tx.now())
