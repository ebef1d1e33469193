"""What becomes of an attempt to call somebody back, and how numbers are said and read. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers

from callcenter.setup.queues.rules import CallBackPolicy
from sip.numbers import normalise

OURS_SECONDS = 10.0  # after what was no fault of the number's: a router that died, a media server that was away
CAP_SECONDS = 60.0  # until a trunk's caps are asked again, or whether the trunk is there


class Missed(StrEnum):
    """Why an attempt reached nobody, besides what stages/outbound tells (`Failure`) and `refused_…` of the guard."""

    MACHINE = "machine"  # answered, and nobody confirmed: a machine, or nobody who listened
    HUNG_UP = "hung_up"  # answered, and hung up before confirming
    LOST = "lost"  # whoever placed the call died, or its room was lost
    NO_LINE = "no_line"  # LiveKit could not be asked for its trunks


NOT_THEIRS = frozenset({"unreachable", "abandoned", Missed.LOST})
NOT_NOW = frozenset({"refused_concurrent", "refused_calls_per_hour", "refused_calls_per_day", "refused_no_guard"})


@dataclass(frozen=True)
class Again:
    """Try again after so many seconds; `counts`: it was one of the attempts."""

    after_seconds: float
    counts: bool


def after_failure(failure: str, attempts: int, policy: CallBackPolicy) -> Again | None:
    """What follows an attempt that reached nobody; None when that was the last. `attempts` counts this one. What the
    trunk held back was none; what was our own fault is repeated soon, and counts, so that it ends."""
    if failure in NOT_NOW:
        return Again(CAP_SECONDS, counts=False)
    if failure == Missed.NO_LINE:
        return Again(OURS_SECONDS, counts=False)
    if attempts >= policy.attempts or failure.startswith("refused_"):
        return None
    if failure in NOT_THEIRS:
        return Again(OURS_SECONDS, counts=True)
    pauses = policy.after_seconds
    return Again(pauses[min(attempts, len(pauses)) - 1], counts=True)


def spoken(number: str) -> str:
    """The number as it is said, digit by digit, with short pauses."""
    digits = re.sub(r"[^0-9]", "", number)
    groups = [" ".join(digits[at : at + 3]) for at in range(0, len(digits), 3)]
    return ", ".join(groups)


def entered(digits: str, region: str | None) -> str | None:
    """The number that a caller keyed in, E.164, or None where it is none. `00` stands for the plus, as people dial; one
    without a country belongs to `region` (ISO 3166-1 alpha-2), if that is known."""
    written = f"+{digits[2:]}" if digits.startswith("00") else digits
    try:
        number = phonenumbers.parse(normalise(written, region))
    except ValueError:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)  # one spelling for each
