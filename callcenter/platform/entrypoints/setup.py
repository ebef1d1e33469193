"""`callcenter setup validate|apply FILE`: what the company keeps by name, from a YAML file with a section a kind."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from callcenter.platform.api.problems import expected
from callcenter.platform.entrypoints.rules import in_transaction, read_yaml
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import FieldError, Invalid
from callcenter.platform.wire.settings import Settings
from callcenter.setup.audit.rules import Author, command
from callcenter.setup.calendars.store import CALENDARS
from callcenter.setup.caller_lists.store import CALLER_LISTS
from callcenter.setup.callers.store import CALLERS
from callcenter.setup.entries import flow
from callcenter.setup.entries.rules import Kind
from callcenter.setup.limits.store import LIMITS
from callcenter.setup.numbers.store import NUMBERS
from callcenter.setup.queues.store import QUEUES

KINDS: tuple[Kind[Any], ...] = (CALENDARS, CALLER_LISTS, CALLERS, QUEUES, NUMBERS, LIMITS)
SECTIONS = {kind.section: kind for kind in KINDS}


class _OnlyLooked(Exception):
    """Nothing is to be kept."""


def validate(settings: Settings, file: Path) -> None:
    """Raise Invalid with everything that is wrong with this file beside the company as it is set up."""
    data = read_yaml(file)

    async def look(tx: Tx) -> None:
        await apply(tx, data, command("callcenter setup validate"))
        raise _OnlyLooked()

    try:
        asyncio.run(in_transaction(settings, look))
    except _OnlyLooked:
        return


def run(settings: Settings, file: Path) -> Counter[str]:
    """Enter what the file names, all or nothing; counts of "new", "changed" and "as it was". Raises Invalid."""
    data = read_yaml(file)
    return asyncio.run(in_transaction(settings, lambda tx: apply(tx, data, command("callcenter setup apply"))))


async def apply(tx: Tx, data: Any, author: Author) -> Counter[str]:
    """As `run`, with data that was read already. What the data does not name stays as it is; nothing is deleted."""
    errors: list[FieldError] = []
    counts: Counter[str] = Counter()
    for kind, key, body in _entries(data, errors):
        try:
            before = await flow.find(tx, kind, key)
            _, new = await flow.put(tx, kind, author, key, body, expected=None)
        except Invalid as error:
            places = [(e.field.removeprefix(f"path.{kind.key_field}"), e) for e in error.errors]
            errors += [FieldError(_place(kind, key, place), e.value, e.expected) for place, e in places]
            continue
        counts["new" if new else "as it was" if before is not None and before.body == body else "changed"] += 1
    if errors:
        raise Invalid("This cannot be entered.", tuple(errors))
    return counts


def _entries(data: Any, errors: list[FieldError]) -> Iterator[tuple[Kind[Any], str, BaseModel]]:
    """What can be read of the data; what cannot is added to `errors`."""
    known = ", ".join(SECTIONS)
    if not isinstance(data, Mapping):
        errors.append(FieldError("file", type(data).__name__, f"sections with entries by name: {known}"))
        return
    errors += [FieldError("section", str(name), f"one of {known}") for name in data if name not in SECTIONS]
    for section, kind in SECTIONS.items():
        entries = data.get(section) or {}
        if not isinstance(entries, Mapping):
            errors.append(FieldError(section, type(entries).__name__, f"entries by {kind.key_field}"))
            continue
        for key, body in entries.items():
            if not isinstance(key, str):
                errors.append(FieldError(_place(kind, key), key, f"a {kind.key_field} in quotes"))
                continue
            try:
                yield kind, key, kind.body.model_validate(body if body is not None else {})
            except ValidationError as error:
                for found in error.errors(include_url=False):
                    place = ".".join(str(part) for part in found["loc"])
                    errors.append(FieldError(_place(kind, key, place), _shown(found.get("input")), expected(found)))


def _place(kind: Kind[Any], key: Any, place: str = "") -> str:
    return ".".join(part for part in (kind.section, str(key), place) if part)


def _shown(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else type(value).__name__
