"""What a model is asked in order to draft lessons from a call, and how its answer is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.knowledge import DRAFT_LESSONS
from callcenter.stages.learning.personal import Remover, introduced
from callcenter.stages.learning.rules import (
    LONGEST_ANSWER,
    LONGEST_QUESTION,
    LONGEST_WHEN,
    LessonBody,
    Line,
)

MOST_LESSONS = 8

INSTRUCTIONS = """\
You read a telephone call in which a human colleague (the supervisor) helped a caller whom an automatic agent could not
help. Find what the agent can learn from the colleague for the next caller, whoever that is.
Write one lesson for each question that the colleague answered or each thing that the colleague did:
- question: the question as the caller put it, in the caller's own words as far as they make one whole question;
- answer: what the colleague answered or did, as the agent can say or do it next time;
- applies_when: for which callers and cases it holds, as far as the call tells; empty if for all;
- lines: the numbers of the lines it comes from, those of the caller and of the colleague.
Write in the language of the call. Leave out what only this caller is concerned with (their name, address, numbers,
order): say it in general words. No small talk, no promises of a kind that the colleague alone may make. No lessons are
better than invented ones.
In personal, list every name, address and other personal detail of anybody in the call, spelled as in the lines."""

SCHEMA: dict[str, Any] = {
    "name": DRAFT_LESSONS,
    "description": "Hand in the lessons of the call.",
    "parameters": {
        "type": "object",
        "properties": {
            "lessons": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "question": {"type": "string"},
                        "answer": {"type": "string"},
                        "applies_when": {"type": "string"},
                        "lines": {"type": "array", "items": {"type": "integer"}},
                    },
                    "required": ["question", "answer", "applies_when", "lines"],
                },
            },
            "personal": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "text": {"type": "string"},
                        "kind": {"type": "string", "enum": ["name", "address", "other"]},
                    },
                    "required": ["text", "kind"],
                },
            },
        },
        "required": ["lessons", "personal"],
    },
}


class NoLessons(Exception):
    """What the model answered is no list of lessons."""


class _Lesson(BaseModel):
    question: str
    answer: str
    applies_when: str = ""
    lines: list[int] = Field(default_factory=list)


class _Personal(BaseModel):
    text: str
    kind: Literal["name", "address", "other"] | str = "other"


class _Lessons(BaseModel):
    lessons: list[_Lesson]
    personal: list[_Personal] = Field(default_factory=list)


@dataclass(frozen=True)
class Drafted:
    """A lesson without personal data, and the lines that it comes from, without it as well."""

    body: LessonBody
    quotes: tuple[Line, ...]


def question_for(lines: Sequence[Line], profile_instructions: str) -> list[dict[str, Any]]:
    """The messages for the model: what the agent knows already, and the call line by line."""
    call = "\n".join(
        f"[{number}] {line.speaker}: {' '.join(line.text.split())}" for number, line in enumerate(lines, 1)
    )
    known = f"What the agent has been told already and need not learn:\n{profile_instructions}"
    return [
        {"role": "system", "content": f"{INSTRUCTIONS}\n\n{known}"},
        {"role": "user", "content": f"The call:\n{call}"},
    ]


def read(arguments: dict[str, Any], lines: Sequence[Line], names: Sequence[str], region: str | None) -> list[Drafted]:
    """The lessons that a model hands in. One without a line of the human is left out: it would be made up.

    `names` are those that the database knows. Raises NoLessons.
    """
    try:
        handed_in = _Lessons.model_validate(arguments)
    except ValidationError as error:
        raise NoLessons(f"{error.error_count()} fields of the lessons are wrong") from error
    texts = [line.text for line in lines]
    told = [found.text for found in handed_in.personal if found.kind == "name"]
    others = [found.text for found in handed_in.personal if found.kind != "name"]
    remover = Remover([*names, *told, *introduced(texts)], others, region)
    drafted = (_drafted(lesson, lines, remover) for lesson in handed_in.lessons[:MOST_LESSONS])
    return [lesson for lesson in drafted if lesson is not None]


def _drafted(lesson: _Lesson, lines: Sequence[Line], remover: Remover) -> Drafted | None:
    numbers = sorted({number for number in lesson.lines if 1 <= number <= len(lines)})
    quoted = [lines[number - 1] for number in numbers]
    if not any(line.speaker is Speaker.SUPERVISOR for line in quoted):
        return None
    quotes = tuple(Line(q.segment_id, q.speaker, remover.clean(q.text), q.said_at) for q in quoted)
    try:
        body = LessonBody(
            question=_cut(remover.clean(lesson.question), LONGEST_QUESTION),
            answer=_cut(remover.clean(lesson.answer), LONGEST_ANSWER),
            applies_when=_cut(remover.clean(lesson.applies_when), LONGEST_WHEN),
        )
    except ValidationError:
        return None  # a question or an answer without words
    return Drafted(body, quotes)


def _cut(text: str, most: int) -> str:
    text = " ".join(text.replace("\x00", "").split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
