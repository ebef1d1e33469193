"""What admins keep by name, each kind in a table of its own: calendars, caller lists, callers, queues, numbers."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from callcenter.platform.plumbing.db import Base, Tx
from callcenter.platform.plumbing.editions import edition_of
from callcenter.platform.plumbing.errors import FieldError
from callcenter.setup.audit.model import Thing
from sip.numbers import normalise

Body = TypeVar("Body", bound=BaseModel)

LONGEST_NAME = 80
_NAME = re.compile(rf"[a-z0-9][a-z0-9_-]{{0,{LONGEST_NAME - 1}}}")


def a_name(text: str) -> str:
    """The name of something new, as rules will name it. Raises ValueError, which says what would be right."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"small letters, digits, _ and -, at most {LONGEST_NAME}, such as back_office")
    return text


def a_number(text: str) -> str:
    """A telephone number in E.164, from how people write it. Raises ValueError, which says what would be right."""
    try:
        return normalise(text)
    except ValueError as error:
        raise ValueError(str(error).removeprefix("expected ")) from error


async def _nothing_wrong(_: Tx, __: Any) -> list[FieldError]:
    return []


async def _nothing_follows(_: Tx, __: str, ___: Any) -> None:
    return None


@dataclass(frozen=True)
class Kind(Generic[Body]):
    """One kind of thing that is kept by name.

    `section` is its plural, in files and in paths; `key` is the table's key column and `key_field` its name in JSON;
    `columns` says that the body's fields are columns of their own, otherwise they are in the one column `body`.
    `any_key` reads a key, `new_key` that of something new; both raise ValueError. `named_in` are the fields by which
    rule sets name such a thing; `needed_by` finds what else does, which keeps it from being deleted. `check` says what
    is wrong with a body beside the rest of the set-up; `follow` writes what is derived from it.
    """

    thing: Thing
    table: type[Base]
    body: type[Body]
    section: str
    key: str = "name"
    key_field: str = "name"
    columns: bool = False
    new_key: Callable[[str], str] = a_name
    any_key: Callable[[str], str] = str
    named_in: frozenset[str] = frozenset()
    needed_by: Callable[[Tx, str], Awaitable[list[FieldError]]] = _nothing_wrong
    check: Callable[[Tx, Body], Awaitable[list[FieldError]]] = _nothing_wrong
    follow: Callable[[Tx, str, Body], Awaitable[None]] = _nothing_follows

    @property
    def words(self) -> str:
        return self.thing.value.replace("_", " ")

    @property
    def by_number(self) -> bool:
        """It is kept under a telephone number."""
        return self.key_field == "number"

    def values(self, body: Body) -> dict[str, Any]:
        """The columns that hold a body."""
        data = plain(body)
        return data if self.columns else {"body": data}

    def read(self, row: Mapping[Any, Any]) -> "Entry[Body]":
        """The entry in a row of the table."""
        data = {name: row[name] for name in self.body.model_fields} if self.columns else row["body"]
        return Entry(row[self.key], self.body.model_validate(data), row["changed_at"])


@dataclass(frozen=True)
class Entry(Generic[Body]):
    key: str
    body: Body
    changed_at: datetime

    @property
    def edition(self) -> str:
        return edition_of(plain(self.body))


def unstorable(data: Any, at: str = "") -> Iterator[FieldError]:
    """Texts in plain data that Postgres cannot keep."""
    if isinstance(data, str) and "\x00" in data:
        yield FieldError(at, data.replace("\x00", "\\0"), "text without null characters")
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from unstorable(key, at)
            yield from unstorable(value, f"{at}.{key}" if at else key)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from unstorable(value, f"{at}.{index}")


def plain(body: BaseModel) -> dict[str, Any]:
    """A body as JSON holds it, under the names that people use."""
    return body.model_dump(mode="json", by_alias=True)
