"""After a call in which a human led: what lessons are drafted from, and drafts that are kept, once for each call."""

from collections.abc import Sequence
from dataclasses import dataclass

import phonenumbers

from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.records.calls import store as calls
from callcenter.records.timeline import read as past
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.records.transcripts import read as transcripts
from callcenter.setup.callers import store as callers
from callcenter.setup.profiles import store as profiles
from callcenter.setup.profiles.rules import ReadyProfile
from callcenter.stages.escalation import supervisions
from callcenter.stages.learning import store
from callcenter.stages.learning.drafting import Drafted
from callcenter.stages.learning.rules import Line, excerpt, led_times, retry_after
from callcenter.stages.learning.store import Task

MOST_SEGMENTS = 5000
DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True)
class Material:
    """What a model needs to draft lessons; no `lines` where there is nothing to learn from. `names` are those that the
    database knows, `region` where the caller's telephone numbers belong."""

    lines: list[Line]
    endpoint: ModelEndpoint
    instructions: str
    language: str
    profile: str | None
    names: list[str]
    region: str | None


async def material(tx: Tx, call_id: CallId) -> Material:
    """What was said around the times in which a human led, and who draft lessons from it."""
    name = await calls.profile_of(tx, call_id)
    profile = await profiles.find(tx, name) if name else None
    default: ModelEndpoint = ReadyProfile.model_fields["llm"].get_default()
    said = [
        Line(row["id"], Speaker(row["speaker"]), row["text"], row["started_at"])
        for row in await transcripts.segments(tx, call_id, MOST_SEGMENTS)
    ]
    number = await calls.number_of(tx, call_id)
    known = [await callers.name_of(tx, number), *await supervisions.names_of(tx, call_id)]
    return Material(
        lines=excerpt(said, led_times(await past.leads(tx, call_id))),
        endpoint=profile.llm if profile else default,
        instructions=profile.instructions if profile else "",
        language=(profile.language if profile else DEFAULT_LANGUAGE).partition("-")[0],
        profile=name,
        names=[known_name for known_name in known if known_name],
        region=_region(number),
    )


async def drafted(j: Journey, task: Task, about: Material, lessons: Sequence[Drafted]) -> int | None:
    """Keep the lessons of a call, each as a new draft or as one more case of a lesson that says the same; how many
    drafts are new. None when this had been done before, or the call is gone."""
    async with j.verb() as tx:
        call = await calls.lock(tx, task.call_id)
        if call is None or not await store.finish(tx, call.id):
            return None
        await store.lock_all(tx)
        new: list[str] = []
        known: list[str] = []
        for lesson in lessons:
            near = await store.nearest(tx, lesson.body, about.language)
            if near is not None and near.same:
                lesson_id = near.id
                known += [] if lesson_id in new else [lesson_id]
            else:
                similar_to = near.id if near else None
                lesson_id = await store.add_draft(tx, lesson, about.language, about.profile, similar_to)
                new.append(lesson_id)
            await store.quote(tx, lesson_id, call.id, lesson.quotes)
        if new or known:
            await timeline.write(
                tx, call.id, EventType.LESSONS_DRAFTED, _words(len(new), len(set(known))),
                {"lesson_ids": new, "known_lesson_ids": sorted(set(known))},
            )  # fmt: skip
        return len(new)


async def not_drafted(j: Journey, task: Task, error: str) -> bool:
    """The model failed: it is asked again later, or never, which the timeline says. False when it is not."""
    again = retry_after(task.attempts)
    async with j.verb() as tx:
        call = await calls.lock(tx, task.call_id)
        if call is not None and await store.fail(tx, call.id, error, again) and again is None:
            about = {"error": error, "attempts": task.attempts}
            sentence = "No lessons could be drafted from this call"
            await timeline.write(tx, call.id, EventType.LESSONS_FAILED, sentence, about)
    return again is not None


def _words(new: int, known: int) -> str:
    drafts = f"{new} {'lesson was' if new == 1 else 'lessons were'} drafted from this call" if new else ""
    cases = f"{known} known {'lesson' if known == 1 else 'lessons'} came up again in it" if known else ""
    return "; ".join(words for words in (drafts, cases) if words)


def _region(number: str) -> str | None:
    """The country (ISO 3166) of a number in E.164, whether or not anybody has it."""
    try:
        return phonenumbers.region_code_for_country_code(phonenumbers.parse(number).country_code or 0)
    except phonenumbers.NumberParseException:
        return None
