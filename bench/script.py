"""What the caller of a measured talk says, and when: drawn for each block, the same for every arm in it."""

import random
from dataclasses import dataclass

import numpy as np

from callcenter.platform.embedded.model_server import phrases
from callcenter.platform.embedded.phone.media.g711 import SAMPLE_RATE, Samples

# Each is long enough for an agent with LiveKit's defaults to fall silent before its end, and answered at length.
QUESTIONS = (
    "what are your opening hours",
    "how can i pay for my order",
    "i need a copy of my invoice",
    "how long does delivery take",
    "how can i return something",
)
LONG_QUESTION = "tell me about your company"
EARLY_QUESTION = "what is the status of order four seven one two"
ENOUGH = "wait a moment please"
HALVES = (
    ("where is my order", "four seven one two"),
    ("i have a problem with order", "four seven one one"),
    ("when will order", "four seven one two arrive"),
)
EARLY_AFTER_SECONDS = (0.4, 0.8)
INTERRUPT_AFTER_SECONDS = (0.7, 1.8)
LONG_ANSWER_SECONDS = 2.5
PAUSE_SECONDS = (0.4, 0.7)


@dataclass(frozen=True)
class Pause:
    """A sentence with a pause in its middle, seconds."""

    before: str
    after: str
    seconds: float


@dataclass(frozen=True)
class Script:
    """One talk. `turns`: each question with the time after which its answer is interrupted by the next, seconds."""

    early_after: float
    turns: tuple[tuple[str, float], ...]
    disturbed: bool
    pauses: tuple[Pause, ...]


def draw(block: int, seed: int, turns: int, *, disturbed: bool = True, pauses: int = 2) -> Script:
    """The script of a block: the same numbers draw the same script. `disturbed` adds a long answer with a cough and a
    hum in it."""
    dice = random.Random(f"{seed}/{block}")  # noqa: S311 (a draw, no secret)
    order: list[str] = []
    while len(order) < turns:
        order += [question for question in dice.sample(QUESTIONS, len(QUESTIONS)) if question not in order[-1:]]
    halves = dice.sample(HALVES, pauses)
    return Script(
        early_after=dice.uniform(*EARLY_AFTER_SECONDS),
        turns=tuple((question, dice.uniform(*INTERRUPT_AFTER_SECONDS)) for question in order[:turns]),
        disturbed=disturbed,
        pauses=tuple(Pause(before, after, dice.uniform(*PAUSE_SECONDS)) for before, after in halves),
    )


def answers() -> dict[str, str]:
    """What the embedded model answers to each question that needs no tool."""
    table = phrases.load()
    said = {say: name for name, intent in table.callers.items() for say in intent.say}
    return {question: table.answers[said[question]].answer for question in (*QUESTIONS, LONG_QUESTION)}


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * SAMPLE_RATE), dtype=np.int16)
