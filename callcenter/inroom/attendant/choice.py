"""Which key of a question the caller means by what they said: pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\w+|[*#]")
# Recognisers write "press one" as often as "press 1".
_NUMBERS = {
    "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "null": "0", "eins": "1", "zwei": "2", "drei": "3", "vier": "4",
    "fünf": "5", "sechs": "6", "sieben": "7", "acht": "8", "neun": "9",
    "star": "*", "stern": "*", "hash": "#", "pound": "#", "raute": "#",
}  # fmt: skip


@dataclass(frozen=True)
class Pressed:
    """A key that the caller pressed, or named."""

    key: str
    spoken: bool = False


def meant(keys: Mapping[str, Sequence[str]], heard: str) -> str | None:
    """The key whose words were said, or whose name was; None when nothing fits, or several keys do.

    Words of a key count where they are said one after the other; those that are part of another key's longer words
    do not count beside them ("a new order" is not "order").
    """
    said = _words(heard)
    found = {key: max((len(phrase) for phrase in map(_words, phrases) if _holds(said, phrase)), default=0)
             for key, phrases in keys.items()}  # fmt: skip
    longest = max(found.values(), default=0)
    if longest:
        best = [key for key, length in found.items() if length == longest]
        return best[0] if len(best) == 1 else None
    named = {_NUMBERS.get(word, word) for word in said} & keys.keys()
    return named.pop() if len(named) == 1 else None


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _holds(said: Sequence[str], phrase: Sequence[str]) -> bool:
    length = len(phrase)
    return length > 0 and any(said[start : start + length] == phrase for start in range(len(said) - length + 1))
