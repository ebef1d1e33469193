"""The country that a telephone number belongs to."""

from functools import lru_cache

import phonenumbers

NANP = 1  # the North American Numbering Plan, which many countries share


@lru_cache(maxsize=65_536)
def country_of(number: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of an E.164 number's country, None for what is no number. Where countries share a
    code and the numbering plan does not tell which it is, the largest (+15550100 is nobody's and counts as US)."""
    digits = number[1:]
    if number[:1] != "+" or not digits.isascii() or not digits.isdigit():
        return None
    for length in (1, 2, 3):
        code = int(digits[:length])
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code)
        if regions is not None:
            return str(regions[0]) if len(regions) == 1 else _shared(code, digits[length:])
    return None


def _shared(code: int, national: str) -> str:
    """Asking the numbering plans takes a tenth of a millisecond; in North America the area code alone decides."""
    if code == NANP:
        return _north_american(national[:3])
    return _by_plan(f"+{code}{national}", code)


@lru_cache(maxsize=1024)
def _north_american(area: str) -> str:
    return _by_plan(f"+1{area}2345678", NANP)


def _by_plan(number: str, code: int) -> str:
    try:
        found = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        found = None
    return str(found or phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code][0])
