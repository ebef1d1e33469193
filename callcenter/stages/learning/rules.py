"""What a lesson may say, what of a call it is drafted from, and how often a model is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from callcenter.platform.wire.base import Speaker

RETRY_SECONDS = (10.0, 60.0, 600.0, 3600.0)
MOST_LINES = 160
MOST_CHARACTERS = 24_000
LINES_BEFORE = 20  # what the caller wanted was said before the human came
LONGEST_QUESTION, LONGEST_ANSWER, LONGEST_WHEN = 500, 2000, 500


def _one_space(text: str) -> str:
    if "\x00" in text:
        raise ValueError("text without null characters")
    return " ".join(text.split())


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("some words")
    return text


def _each_once(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag.lower() for tag in tags))


Text = Annotated[str, AfterValidator(_one_space)]
Words = Annotated[Text, AfterValidator(_not_empty)]
Tag = Annotated[Words, Field(max_length=40)]


class LessonBody(BaseModel):
    """What a lesson says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: Words = Field(max_length=LONGEST_QUESTION, description="As callers put it.")
    answer: Words = Field(max_length=LONGEST_ANSWER, description="What is answered or done.")
    applies_when: Text = Field("", max_length=LONGEST_WHEN, description="When it applies; empty for always.")
    tags: Annotated[tuple[Tag, ...], AfterValidator(_each_once)] = Field((), max_length=20)
    expires_at: AwareDatetime | None = Field(None, description="From then on no agent finds it. Empty: never.")


@dataclass(frozen=True)
class Line:
    """One utterance of a call, as a lesson quotes it."""

    segment_id: str
    speaker: Speaker
    text: str
    said_at: datetime


@dataclass(frozen=True)
class Led:
    """A time in which a human led; `until` is None where they led to the end of the call."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Article:
    """An approved lesson, as an agent finds it."""

    id: str
    question: str
    answer: str
    applies_when: str


def told(found: Sequence[Article]) -> dict[str, Any]:
    """What the agent's model is told of the articles that were found."""
    if not found:
        return {"articles": [], "note": "Nothing is known about this."}
    plain = [{"question": a.question, "answer": a.answer, "applies_when": a.applies_when} for a in found]
    return {"articles": plain}


def led_times(changes: Sequence[tuple[datetime, str]]) -> list[Led]:
    """When humans led, from each change of the lead with whoever had it then."""
    found: list[Led] = []
    for at, lead in changes:
        led = lead == Speaker.SUPERVISOR
        if led and (not found or found[-1].until is not None):
            found.append(Led(at, None))
        elif not led and found and found[-1].until is None:
            found[-1] = Led(found[-1].since, at)
    return found


def excerpt(lines: Sequence[Line], led: Sequence[Led]) -> list[Line]:
    """What a model is shown: from some lines before the human first led, as much as it is good for. Nothing where no
    human said a word while one led."""
    if not led or not any(line.speaker is Speaker.SUPERVISOR and _within(line, led) for line in lines):
        return []
    first = next((n for n, line in enumerate(lines) if line.said_at >= led[0].since), 0)
    chosen: list[Line] = []
    room = MOST_CHARACTERS
    for line in lines[max(0, first - LINES_BEFORE) :][:MOST_LINES]:
        room -= len(line.text)
        if room < 0:
            break
        chosen.append(line)
    return chosen


def _within(line: Line, led: Sequence[Led]) -> bool:
    """A sentence that was begun just before the lead changed counts as well: it ends after it."""
    return any(line.said_at >= time.since and (time.until is None or line.said_at <= time.until) for time in led)


def retry_after(attempts: int) -> float | None:
    """Seconds until a model is asked again after so many attempts; None for never."""
    return RETRY_SECONDS[attempts - 1] if attempts <= len(RETRY_SECONDS) else None
