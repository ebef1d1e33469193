"""Telephone numbers in text, and what is left of them for those who may not see them. Pure."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any
from uuid import UUID

HIDDEN = 4  # the last digits: what tells one customer of a city from another
DOT = "•"
SHORTEST = 7  # digits in a row that are taken for a number although no + says so

_BETWEEN = r" \u00a0\u2009\u202f./\u2010\u2011\u2013-"  # what stands between the groups of a number
# With a plus in any common spelling, or so many digits in a row that are no part of an id, a time or a name.
_INTERNATIONAL = rf"(?:\+|(?<![0-9A-Za-z])00)[ \u00a0]?[1-9](?:[(){_BETWEEN}]{{0,3}}[0-9]){{5,16}}"
_PLAIN = rf"(?<![0-9A-Za-z.+-])0?[0-9]{{{SHORTEST},16}}(?![0-9A-Za-z-]|\.[0-9])"
_NATIONAL = r"(?<![0-9A-Za-z.:+-])\(?0[0-9]{1,5}\)?[ /-][0-9](?:[ /-]?[0-9]){4,12}(?![0-9A-Za-z-]|\.[0-9])"
# Groups without a plus or a zero: no day, and no address of a machine.
_NOT_GROUPS = r"(?!\d{4}-\d\d-\d\d)(?!\d{1,3}(?:\.\d{1,3}){3}(?![0-9.]))"
_GROUPS = (
    rf"(?<![0-9A-Za-z.:+-]){_NOT_GROUPS}(?=(?:[^0-9]{{0,2}}[0-9]){{{SHORTEST}}})"
    rf"\(?[0-9]{{1,5}}(?:[(){_BETWEEN}]{{1,2}}[0-9]{{1,5}}){{1,15}}(?![0-9A-Za-z-]|\.[0-9])"
)
NUMBER = re.compile(f"{_INTERNATIONAL}|{_NATIONAL}|{_PLAIN}|{_GROUPS}")
_DIGITS = re.compile(r"[0-9]")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?")
CURSORS = frozenset({"next_cursor"})
PIECES = "pieces"

Known = Callable[[str], bool]
"""Whether a number, as `+` and digits, is one of the house's own: those are on its letterhead."""


def hide(number: str) -> str:
    """The same spelling with its last digits as dots."""
    places = [match.start() for match in _DIGITS.finditer(number)][-HIDDEN:]
    return "".join(DOT if place in places else letter for place, letter in enumerate(number))


def masked_text(text: str, ours: Known) -> str:
    """Every number in a text hidden, but for the house's own."""

    def replaced(match: re.Match[str]) -> str:
        found = match[0]
        digits = "".join(_DIGITS.findall(found))
        plus = digits.removeprefix("00") if not found.startswith("+") else digits
        return found if ours(f"+{plus}") else hide(found)

    if _INSTANT.fullmatch(text) or _is_id(text):
        return text
    return NUMBER.sub(replaced, text)


def _is_id(text: str) -> bool:
    try:
        return len(text) == 36 and str(UUID(text)) == text
    except ValueError:
        return False


def masked(data: Any, ours: Known) -> Any:
    """Plain JSON data with every number in it hidden, in names of fields, too. A cursor that holds one is taken away: a
    list that could not be read on is better than one that tells."""
    if isinstance(data, str):
        return masked_text(data, ours)
    if isinstance(data, list):
        return [masked(item, ours) for item in data]
    if isinstance(data, dict):
        return {masked_text(key, ours): _field(key, value, ours) for key, value in data.items()}
    return data


def _field(key: str, value: Any, ours: Known) -> Any:
    if key in CURSORS and _tells(value, ours):
        return None
    if key == PIECES and isinstance(value, list) and all(isinstance(piece, dict) for piece in value):
        return _pieces(value, ours)
    return masked(value, ours)


def _pieces(pieces: list[dict[str, Any]], ours: Known) -> list[dict[str, Any]]:
    """A text that was cut where something was found: masked as a whole, then cut again, for masks keep the length."""
    whole, at, found = masked_text("".join(str(piece.get("text", "")) for piece in pieces), ours), 0, []
    for piece in pieces:
        end = at + len(str(piece.get("text", "")))
        found.append({**piece, "text": whole[at:end]})
        at = end
    return found


def _tells(cursor: Any, ours: Known) -> bool:
    """Whether a cursor of `inputs.write_cursor` carries a number."""
    if not isinstance(cursor, str):
        return False
    try:
        inside = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        return False
    return bool(masked(inside, ours) != inside)


def masked_line(line: str, ours: Known) -> str:
    """One line of an answer: JSON, an event's field, a row of a table, or plain words."""
    field, colon, rest = line.partition(":")
    space = rest[: len(rest) - len(rest.lstrip())]
    for before, inside in (("", line), (field + colon + space, rest)):
        body = inside.strip()
        if body[:1] in ("{", "[", '"'):
            try:
                data = json.loads(body)
            except ValueError:
                continue
            end = inside[len(inside.rstrip()) :]
            hidden = masked(data, ours)
            return line if hidden == data else before + json.dumps(hidden, ensure_ascii=False) + end
    return masked_text(line, ours)
