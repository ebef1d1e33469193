"""The demo company's words, read from `phrases.yaml`: what is said, what it means and what is answered."""

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

FILE = Path(__file__).with_name("phrases.yaml")
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SLOT = re.compile(r"\{(\w+)\}")

Words = Annotated[str, Field(pattern=r"^[a-z{}' ]+$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Slot(_Part):
    """A number inside a phrase: this many digits, spoken one by one."""

    digits: int = Field(gt=0, le=12)
    example: Words


class Intent(_Part):
    """Phrases with one meaning."""

    means: str
    say: tuple[Words, ...] = Field(min_length=1)


class Answer(_Part):
    """What an intent is answered; see the comment in the file."""

    answer: str = ""
    tools: tuple[str, ...] = ()
    arguments: dict[str, str] = {}
    without_tool: str = ""


class Instruction(_Part):
    words: tuple[str, ...]
    answer: str


class Phrases(_Part):
    """Everything in the file."""

    slots: dict[str, Slot]
    decoys: tuple[Words, ...] = ()
    callers: dict[str, Intent]
    supervisors: dict[str, Intent]
    answers: dict[str, Answer]
    not_understood: str
    nothing_to_repeat: str
    lookup_failed: str
    instructions: tuple[Instruction, ...]

    @property
    def intents(self) -> dict[str, Intent]:
        return {**self.callers, **self.supervisors}

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word that can be said."""
        said = {word for intent in self.intents.values() for phrase in intent.say for word in phrase.split()}
        said |= {word for decoy in self.decoys for word in decoy.split()}
        return frozenset({word for word in said if not SLOT.fullmatch(word)} | set(DIGITS))

    def grammar(self) -> str:
        """All phrases as one JSGF grammar (W3C note, JSpeech Grammar Format), with decoys and numbers of any length.

        What is recognised as a decoy, or as a number of a wrong length, is then known not to be a phrase.
        """
        rules = [f"<{name}> = {' '.join(['<digit>'] * slot.digits)};" for name, slot in self.slots.items()]
        phrases = [SLOT.sub(r"<\1>", phrase) for intent in self.intents.values() for phrase in intent.say]
        public = f"public <phrase> = {' | '.join([*phrases, *self.decoys, '<digits>'])};"
        digits = [f"<digit> = {' | '.join(DIGITS)};", "<digits> = <digit> [<digits>];"]
        return "\n".join(["#JSGF V1.0;", "grammar shop;", *digits, *rules, public, ""])

    def complete(self, words: str) -> bool:
        """Whether these words are a whole phrase. A recogniser's best guess may break off in the middle of one."""
        return self._whole.fullmatch(words) is not None

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        digit = f"(?:{'|'.join(DIGITS)})"

        def pattern(phrase: str) -> str:
            return SLOT.sub(lambda slot: " ".join([digit] * self.slots[slot[1]].digits), phrase)

        return re.compile("|".join(pattern(phrase) for intent in self.intents.values() for phrase in intent.say))

    def example(self, phrase: str) -> str:
        """The phrase as somebody could say it, slots filled by their examples."""
        return SLOT.sub(lambda slot: self.slots[slot[1]].example, phrase)


def load(file: Path = FILE) -> Phrases:
    """Read and check the file. Raises ValueError that says which entry is wrong."""
    phrases = Phrases.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    unanswered = phrases.intents.keys() - phrases.answers.keys()
    if unanswered:
        raise ValueError(f"{file.name}: no answer for {', '.join(sorted(unanswered))}")
    used = {name for i in phrases.intents.values() for phrase in i.say for name in SLOT.findall(phrase)}
    if used - phrases.slots.keys():
        raise ValueError(f"{file.name}: slots not described: {', '.join(sorted(used - phrases.slots.keys()))}")
    return phrases


def written(words: str) -> str:
    """Spoken words as they are written down: digits in a row become one number ("four seven" → "47")."""
    merged: list[str] = []
    in_number = False
    for word in words.split():
        digit = str(DIGITS.index(word)) if word in DIGITS else None
        if digit and in_number:
            merged[-1] += digit
        else:
            merged.append(digit or word)
        in_number = digit is not None
    return " ".join(merged)
