"""What comes in: text that Postgres can store, and pages of long lists."""

import base64
import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query
from pydantic import AfterValidator

from callcenter.platform.plumbing.errors import FieldError, Invalid

LONGEST_CURSOR = 500


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("text without null characters")
    return text


PlainText = Annotated[str, AfterValidator(_without_nul)]
CallPath = Annotated[UUID, Path(alias="call_id", description="The call's id.")]
Cursor = Annotated[
    PlainText | None,
    Query(max_length=LONGEST_CURSOR, description="`next_cursor` of the page before; leave out for the first page."),
]


class BadCursor(Invalid):
    """The cursor is not one of ours."""

    def __init__(self, cursor: str) -> None:
        super().__init__(errors=(FieldError("query.cursor", cursor, "the next_cursor of an earlier answer"),))


def write_cursor(*position: Any) -> str:
    """An opaque text for a position in a list; times are kept to the microsecond."""
    plain = [part.isoformat() if isinstance(part, datetime) else part for part in position]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _read(cursor: str, length: int) -> list[Any]:
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError) as error:
        raise BadCursor(cursor) from error
    if not isinstance(parts, list) or len(parts) != length:
        raise BadCursor(cursor)
    return parts


def read_time_and_id(cursor: str) -> tuple[datetime, str]:
    """The position `write_cursor(time, id)` made. Raises BadCursor."""
    time, identifier = _read(cursor, 2)
    try:
        instant, checked = datetime.fromisoformat(time), str(UUID(identifier))
    except (TypeError, ValueError, AttributeError) as error:
        raise BadCursor(cursor) from error
    if instant.tzinfo is None:
        raise BadCursor(cursor)
    return instant, checked


def read_number(cursor: str) -> int:
    """The position `write_cursor(number)` made. Raises BadCursor."""
    (number,) = _read(cursor, 1)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**31:
        raise BadCursor(cursor)
    return number


def read_id(cursor: str) -> str:
    """The position `write_cursor(id)` made. Raises BadCursor."""
    try:
        return str(UUID(read_text(cursor)))
    except ValueError as error:
        raise BadCursor(cursor) from error


def read_text(cursor: str) -> str:
    """The position `write_cursor(text)` made. Raises BadCursor."""
    (text,) = _read(cursor, 1)
    if not isinstance(text, str) or "\x00" in text:
        raise BadCursor(cursor)
    return text
