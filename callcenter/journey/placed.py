"""A call gets its place: in a queue's line, or at the beginning of what only an attendant can do. Whoever has decided
so, rules at the arrival, a caller by a key, or the time that a call has waited."""

from datetime import datetime

from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.queues.rules import QueueBody
from callcenter.setup.rule_sets.actions import InQueue
from callcenter.stages.waiting import overflow
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.rules import skills
from callcenter.stages.waiting.treatment import Treatment


async def treat(tx: Tx, call_id: CallId, treatment: Treatment) -> None:
    """What only an attendant can do begins at once."""
    await waiting.enter(
        tx, call_id, queue=None, priority=0, attendant_after_seconds=0,
        gives_up_after_seconds=waiting.LAST_WORDS_SECONDS, treatment=treatment,
    )  # fmt: skip


async def stand_in_line(
    tx: Tx, j: Journey, call_id: CallId, line: InQueue, queue: QueueBody, because: str, *, goes_on: bool = False,
    place: datetime | None = None,
) -> None:  # fmt: skip
    """The locked call waits in this line. Its arrival is kept, and so is an attendant that it has; one that only rings
    rings `answer_after` before an attendant answers. Fallbacks are counted from now on; with `goes_on` those that the
    call has are kept where the new line brings none. `place`: the arrival of an earlier call that this one goes on
    with."""
    after = queue.answer_after_seconds
    await waiting.enter(
        tx, call_id, queue=line.queue, priority=line.priority, profile=line.profile or queue.profile,
        skills=skills([*line.required_skills, *queue.required_skills], line.preferred_skills, line.prefer_seconds),
        prefer_seconds=line.prefer_seconds,
        attendant_after_seconds=j.timing.answer_after if after is None else after,
        gives_up_after_seconds=queue.max_wait_seconds, entered_at=place,
    )  # fmt: skip
    if line.fallbacks or not goes_on:
        await overflow.keep_fallbacks(tx, call_id, line.fallbacks, anew=True)
    await timeline.write(tx, call_id, EventType.CALL_WAITING, because, {"queue": line.queue})
