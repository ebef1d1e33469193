"""Taking personal data out of what is learned: what has a pattern is found here, names come from whoever knows them.

What a name is no pattern can tell: the drafting model names what it sees, the database knows the caller and the
supervisors, and whoever introduces themselves says so (docs/decisions/0030-lessons.md).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import phonenumbers

SHORTEST_NAME = 2
FEWEST_DIGITS = 6  # an order or a price has fewer; accounts, customers and telephones have more

_E_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[\w.+-]+ (?:at|ät|@) [\w-]+(?: (?:dot|punkt) |\.)[a-z]{2,}\b", re.I)
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")  # ISO 13616
_DIGITS = re.compile(rf"\d(?:[ -]?\d){{{FEWEST_DIGITS - 1},}}")
# STT writes names with a capital: "my name is John" is one, "my name is on the list" is none.
_INTRODUCED = re.compile(
    r"\b(?i:my name is|my name's|i am called|mein name ist|ich heiße|ich heisse)\s+"
    r"((?:[A-ZÄÖÜ][\w'’-]+)(?:\s+[A-ZÄÖÜ][\w'’-]+){0,2})"
)
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "the", "and", "und", "von", "van", "de"})


@dataclass(frozen=True)
class Found:
    """What looks like personal data, and of which kind."""

    kind: str
    text: str


def introduced(texts: Iterable[str]) -> list[str]:
    """The names under which people introduce themselves."""
    return [match[1] for text in texts for match in _INTRODUCED.finditer(text)]


def patterns(text: str, region: str | None = None) -> list[Found]:
    """E-mail addresses, accounts, telephone numbers and long numbers in a text. `region` (ISO 3166) is where telephone
    numbers without a country's code belong."""
    found = [Found("e-mail", match[0]) for match in _E_MAIL.finditer(text)]
    found += [Found("account number", match[0]) for match in _ACCOUNT.finditer(text) if _has_digits(match[0])]
    matcher = phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.POSSIBLE)
    found += [Found("phone number", match.raw_string) for match in matcher if _has_digits(match.raw_string)]
    found += [Found("number", match[0]) for match in _DIGITS.finditer(text)]
    return found


class Remover:
    """Takes out what patterns find, and these names: each whole, and each of its words by itself."""

    def __init__(self, names: Sequence[str], others: Sequence[str] = (), region: str | None = None) -> None:
        self._region = region
        self._others = _any_of(others, re.IGNORECASE)
        parts = [part for name in names for part in name.split() if part.strip(".").casefold() not in _TITLES]
        self._names = _any_of([*names, *parts])

    def clean(self, text: str) -> str:
        """The text with a word in square brackets in place of what was taken out."""
        for found in patterns(text, self._region):
            text = text.replace(found.text, f"[{found.kind}]")
        if self._others is not None:
            text = self._others.sub("[personal]", text)
        if self._names is not None:
            text = self._names.sub("[name]", text)
        return re.sub(r"\[name\](?:\s+\[name\])+", "[name]", text)


def _any_of(words: Iterable[str], flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str] | None:
    """Names are told from words such as "will" and "mark" by their capital."""
    long_enough = {word.strip(" .,;:!?") for word in words}
    known = sorted((word for word in long_enough if len(word) >= SHORTEST_NAME), key=len, reverse=True)
    if not known:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(word) for word in known)})(?!\w)", flags)


def _has_digits(text: str) -> bool:
    return sum(c.isdigit() for c in text) >= FEWEST_DIGITS
