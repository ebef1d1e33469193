"""What is looked for among past calls, what of a snippet is a hit, and what may stand in a table's cell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from callcenter.platform.plumbing.errors import FieldError, Invalid
from callcenter.records.calls.model import Outcome
from callcenter.records.calls.read import StateFilter

# Postgres puts these around a hit. They are of no language (Unicode's private use area), and are taken out of the text
# before, so nothing that was said can pretend to be a hit.
HIT_BEGINS, HIT_ENDS = "\ue000", "\ue001"
_HIT = re.compile(f"{HIT_BEGINS}([^{HIT_ENDS}]*){HIT_ENDS}")

# What a spreadsheet takes for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_TELEPHONE = re.compile(r"\+?[0-9]{1,20}", re.ASCII)


class NotARange(Invalid):
    """The end of the range lies before its beginning."""


@dataclass(frozen=True)
class Wanted:
    """Which calls; what is None or empty restricts nothing. Durations are in seconds, from the arrival to the end."""

    words: str | None = None
    number: str | None = None
    queues: Sequence[str] = ()
    outcomes: Sequence[Outcome] = ()
    states: Sequence[StateFilter] = ()
    arrived_from: datetime | None = None
    arrived_until: datetime | None = None
    min_seconds: int | None = None
    max_seconds: int | None = None

    def __post_init__(self) -> None:
        if self.arrived_from and self.arrived_until and self.arrived_until < self.arrived_from:
            wanted = f"an instant not before arrived_from ({self.arrived_from.isoformat()})"
            raise NotARange(errors=(FieldError("query.arrived_until", self.arrived_until.isoformat(), wanted),))
        if self.min_seconds is not None and self.max_seconds is not None and self.max_seconds < self.min_seconds:
            wanted = f"not less than min_seconds ({self.min_seconds})"
            raise NotARange(errors=(FieldError("query.max_seconds", self.max_seconds, wanted),))

    @property
    def number_beginnings(self) -> tuple[str, ...]:
        """How numbers in E.164 and in other forms may begin with what was typed."""
        if self.number is None:
            return ()
        return (self.number,) if self.number.startswith("+") else (self.number, f"+{self.number}")

    @property
    def excludes(self) -> bool:
        """Whether a word is excluded ("-refund"): then what matches in one language's forms must not in its own."""
        return re.search(r"(^|\s)-\S", self.words or "") is not None


@dataclass(frozen=True)
class Fragment:
    text: str
    hit: bool


def fragments(headline: str) -> list[Fragment]:
    """A headline of Postgres taken apart: plain pieces and hits, in their order."""
    found, at = [], 0
    for hit in _HIT.finditer(headline):
        found += [Fragment(headline[at : hit.start()], hit=False), Fragment(hit[1], hit=True)]
        at = hit.end()
    found.append(Fragment(headline[at:], hit=False))
    return [piece for piece in found if piece.text]


def cell(value: object) -> str:
    """A value as it may stand in a CSV file: what a spreadsheet would run as a formula gets an apostrophe before it. A
    telephone number of digits stays as it is: no formula can be made of it."""
    text = "" if value is None else str(value)
    if not text.startswith(_FORMULA) or _TELEPHONE.fullmatch(text):
        return text
    return f"'{text}"
