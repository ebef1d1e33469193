"""Public holidays by country and subdivision, from the `holidays` library (https://holidays.readthedocs.io)."""

import warnings
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache

import holidays

LANGUAGE = "en_US"  # the words of a verdict must not depend on the language of the machine


@cache
def subdivisions() -> Mapping[str, frozenset[str]]:
    """Countries by ISO 3166-1 alpha-2 code, each with its subdivisions (mostly ISO 3166-2)."""
    known = holidays.list_supported_countries(include_aliases=False)
    return {country: frozenset(found) for country, found in known.items()}


@lru_cache(maxsize=512)
def names(country: str, subdivision: str | None, year: int) -> Mapping[date, str]:
    """The holidays of a year with their names in English, days in lieu ("observed") included.

    Empty for a year, country or subdivision that the library knows nothing of: what was valid when a calendar was
    stored must not stop a call after an upgrade of the library.
    """
    if subdivision is not None and subdivision not in subdivisions().get(country, frozenset()):
        return {}
    if country not in subdivisions():
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some lunar calendars are known for some decades only
        found = holidays.country_holidays(country, subdiv=subdivision, years=year, expand=False, language=LANGUAGE)
    return dict(found)
