"""The outbound guard: which numbers a trunk may call, and how many of them. Pure; whoever dials asks it first.

Toll fraud is done with a few hours of calls to expensive numbers, mostly at night: international premium services,
satellites, Caribbean numbers behind +1, ranges that nobody has been given. A number that is not surely harmless is
refused, and what is allowed is dialled in the form in which it was judged.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_SHORT_REGIONS, PhoneNumber, PhoneNumberType

from sip.config import Guard


class Why(StrEnum):
    """Why a call is refused."""

    NO_GUARD = "no_guard"
    UNREADABLE = "unreadable"  # not written as E.164
    EMERGENCY = "emergency"
    SHORT = "short"
    PREMIUM = "premium"  # whoever is called earns by it, or may charge what they like
    GLOBAL = "global"  # satellites and other country codes that belong to no country
    INVALID = "invalid"  # nobody can have been given this number
    OUTSIDE = "outside_prefixes"
    CONCURRENT = "concurrent"
    HOUR = "calls_per_hour"
    DAY = "calls_per_day"


@dataclass(frozen=True)
class Placed:
    """Calls that the trunk has been used for: begun in the last 60 minutes, in the last 24 hours, and live now."""

    last_hour: int = 0
    last_day: int = 0
    live: int = 0


@dataclass(frozen=True)
class Allowed:
    """`number` is what is to be dialled, in E.164: never the text that was asked for."""

    number: str


@dataclass(frozen=True)
class Refusal:
    """`sentence` says which number (masked), what is wrong with it and what would be right."""

    why: Why
    sentence: str


_WRITTEN = re.compile(r"\+[0-9][0-9 ()./-]{0,31}")
_SHORT = re.compile(r"[0-9*#]{1,6}")
_PREFIX = re.compile(r"\+[1-9][0-9]*")
_SHORT_DIGITS = 6

_COSTLY = {
    PhoneNumberType.PREMIUM_RATE: "a premium-rate number",
    PhoneNumberType.SHARED_COST: "a shared-cost number",
    PhoneNumberType.UAN: "a company number (UAN) with a price of its own",
    PhoneNumberType.PERSONAL_NUMBER: "a personal number, which is forwarded at the caller's cost",
    PhoneNumberType.PAGER: "a pager",
    PhoneNumberType.VOICEMAIL: "a voicemail access number",
}
# Country codes without a country (ITU-T, list of E.164 assigned country codes). 800, international freephone, is free
# to the caller and left to the prefixes.
_GLOBAL = {
    808: "international shared cost",
    870: "Inmarsat satellites",
    878: "universal personal numbers",
    881: "satellite networks",
    882: "international networks, satellites among them",
    883: "international networks, satellites among them",
    888: "a code that is no longer assigned",
    979: "international premium rate",
}
_NANP = 1
_HOME_OF_NANP = ("US", "CA")


def decide(number: str, guard: Guard | None, placed: Placed) -> Allowed | Refusal:
    """Whether a trunk with this guard, used so far as `placed` says, may call this number.

    `number` is E.164 (ITU-T), separators allowed. What kind of number it is comes from libphonenumber's metadata
    (`phonenumbers`). The number is judged before the caps, so that a refusal tells what lasts.
    """
    if guard is None:
        return Refusal(
            Why.NO_GUARD, "the trunk has no guard; expected one in its file (guard: prefixes, caps), then apply"
        )
    read = _read(number)
    if isinstance(read, Refusal):
        return read
    return (
        _of_a_kind_never_called(read)
        or _outside(read, guard.prefixes)
        or _too_many(read, guard, placed)
        or Allowed(_e164(read))
    )


def masked(number: str) -> str:
    """The number for sentences and logs: enough to recognise it, too little to call it."""
    kept = re.sub(r"[^+0-9*#]", "", number)
    if not kept:
        return "(no digits)"
    return kept if len(kept) <= _SHORT_DIGITS else f"{kept[:3]}…{kept[-2:]}"


def _read(text: str) -> PhoneNumber | Refusal:
    text = text.strip()
    if _SHORT.fullmatch(text):
        return _emergency(text) if _is_emergency(_digits(text), SUPPORTED_SHORT_REGIONS) else _short(text)
    if not _WRITTEN.fullmatch(text):
        sentence = f"{masked(text)} is not written as E.164; expected + and 7 to 15 digits, such as +493023125001"
        return Refusal(Why.UNREADABLE, sentence)
    try:
        return phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return _emergency(text) if _is_emergency(_digits(text), SUPPORTED_SHORT_REGIONS) else _invalid(text)


def _of_a_kind_never_called(number: PhoneNumber) -> Refusal | None:
    shown, regions = _e164(number), _regions(number)
    national = phonenumbers.national_significant_number(number)
    if number.country_code in _GLOBAL:
        return Refusal(
            Why.GLOBAL,
            f"{masked(shown)} belongs to +{number.country_code} ({_GLOBAL[number.country_code]}), which is never "
            "called; expected a number of a country",
        )
    if _is_emergency(national, regions) or _is_emergency(_without_area(number), regions):
        return _emergency(shown)
    if not phonenumbers.is_valid_number(number):
        return _why_not_valid(number, shown, national, regions)
    if (costly := _COSTLY.get(phonenumbers.number_type(number))) is not None:
        return Refusal(
            Why.PREMIUM, f"{masked(shown)} is {costly}, which is never called; expected an ordinary line or a mobile"
        )
    return None


def _why_not_valid(number: PhoneNumber, shown: str, national: str, regions: tuple[str, ...]) -> Refusal:
    # Some networks connect what only begins like an emergency number, others what has a plus in front of one.
    begins = any(phonenumbers.connects_to_emergency_number(national, region) for region in regions)
    if begins or _is_emergency(shown[1:], SUPPORTED_SHORT_REGIONS):
        return _emergency(shown)
    return _short(shown) if phonenumbers.is_valid_short_number(number) else _invalid(shown)


def _outside(number: PhoneNumber, prefixes: tuple[str, ...]) -> Refusal | None:
    shown = _e164(number)
    within = [prefix for prefix in prefixes if _PREFIX.fullmatch(prefix) and shown.startswith(prefix)]
    if not within:
        return Refusal(
            Why.OUTSIDE,
            f"{masked(shown)} is outside the trunk's prefixes; expected a number that begins with "
            f"{' or '.join(prefixes)}",
        )
    region = phonenumbers.region_code_for_number(number)
    if number.country_code == _NANP and region not in _HOME_OF_NANP and set(within) == {f"+{_NANP}"}:
        return Refusal(
            Why.OUTSIDE,
            f"{masked(shown)} is in {region or 'no country'}, for which +1 alone is not enough (it means the United "
            f"States and Canada); expected a prefix with its area code, such as {shown[:5]}, in the trunk's guard",
        )
    return None


def _too_many(number: PhoneNumber, guard: Guard, placed: Placed) -> Refusal | None:
    caps = (
        (Why.CONCURRENT, placed.live, guard.concurrent, "calls at the same time"),
        (Why.HOUR, placed.last_hour, guard.calls_per_hour, "calls in an hour"),
        (Why.DAY, placed.last_day, guard.calls_per_day, "calls in a day"),
    )
    for why, used, cap, what in caps:
        if used >= cap:
            shown = masked(_e164(number))
            return Refusal(
                why,
                f"{shown} is not called now: the trunk's cap of {cap} {what} is reached; expected fewer, or a higher "
                f"{why} in its guard",
            )
    return None


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _regions(number: PhoneNumber) -> tuple[str, ...]:
    return COUNTRY_CODE_TO_REGION_CODE.get(number.country_code or 0, ())


def _without_area(number: PhoneNumber) -> str:
    """What is dialled within the town: 112 behind an area code reaches that town's fire brigade in some networks."""
    area = phonenumbers.length_of_geographical_area_code(number)
    return phonenumbers.national_significant_number(number)[area:] if area else ""


def _is_emergency(digits: str, regions: Iterable[str]) -> bool:
    return len(digits) <= _SHORT_DIGITS and any(_is_emergency_in(digits, region) for region in regions)


@cache
def _is_emergency_in(digits: str, region: str) -> bool:
    return bool(phonenumbers.is_emergency_number(digits, region))


def _emergency(text: str) -> Refusal:
    return Refusal(
        Why.EMERGENCY,
        f"{masked(text)} reaches an emergency service, which this product never calls; expected a telephone that knows "
        "where it stands",
    )


def _short(text: str) -> Refusal:
    return Refusal(
        Why.SHORT,
        f"{masked(text)} is a short number, which means something else in each network; expected E.164, such as "
        "+493023125001",
    )


def _invalid(text: str) -> Refusal:
    return Refusal(
        Why.INVALID,
        f"{masked(text)} is no number that anybody can have; expected E.164 with country and area code, such as "
        "+493023125001",
    )
