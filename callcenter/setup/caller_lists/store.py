"""All SQL of caller lists."""

from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.audit.model import Thing
from callcenter.setup.caller_lists.model import CallerList, CallerListEntry
from callcenter.setup.caller_lists.needed import needed_by
from callcenter.setup.caller_lists.rules import CallerListBody, prefixes
from callcenter.setup.entries.rules import Kind


async def _enter(tx: Tx, name: str, body: CallerListBody) -> None:
    """Make the index by which calls find their lists."""
    await tx.execute(sa.delete(CallerListEntry).where(CallerListEntry.list_name == name))
    rows = [{"digits": e.digits, "whole": e.number is not None, "list_name": name} for e in body.entries]
    if rows:
        await tx.execute(sa.insert(CallerListEntry), rows)


CALLER_LISTS = Kind(
    Thing.CALLER_LIST, CallerList, CallerListBody, "caller_lists", named_in=frozenset({"in_list"}), needed_by=needed_by,
    follow=_enter,
)  # fmt: skip


async def names(tx: Tx) -> set[str]:
    return {row["name"] for row in await tx.rows(sa.select(CallerList.name))}


async def lists_of(tx: Tx, number: str) -> frozenset[str]:
    """The lists that this caller is in, by their number in E.164 or by its start; none for one without a number."""
    starts = prefixes(number)
    if not starts:
        return frozenset()
    return frozenset(row["list_name"] for row in await tx.rows(lists_with(number, starts)))


def lists_with(number: str, starts: list[str]) -> sa.Select[Any]:
    """The query behind `lists_of`: a point of the index for each start of the number."""
    return sa.select(CallerListEntry.list_name).where(
        CallerListEntry.digits.in_(starts), sa.or_(~CallerListEntry.whole, CallerListEntry.digits == number)
    )
