"""One question in place of many: is there anything to do, and for which loops?

Every loop of the router asks the database for its own kind of work. Idle, a dozen such questions several times a second
cost an eighth of a core and are answered with nothing; asked together they cost half of that.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Database


class Look:
    """Wakes those whose work is due. `work` names, for each event to set, what would be found."""

    def __init__(self, db: Database, work: Mapping[asyncio.Event, sa.Select[Any]]) -> None:
        self._db = db
        self._events = tuple(work)
        self._question = sa.select(*(found.exists().label(f"due_{n}") for n, found in enumerate(work.values())))

    async def look_once(self) -> int:
        """Ask; returns how many were woken."""
        async with self._db.asking() as tx:
            row = await tx.row(self._question)
        assert row is not None
        woken = [event for event, due in zip(self._events, row.values(), strict=True) if due]
        for event in woken:
            event.set()
        return len(woken)
