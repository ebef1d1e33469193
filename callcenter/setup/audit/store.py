"""All SQL of the audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.setup.audit.model import AuditEntry, Change, Thing
from callcenter.setup.audit.rules import Author

HEARD_ONCE_SECONDS = 600.0
_HEARD_LOCK = 0x68656172  # "hear"


async def record(
    tx: Tx,
    author: Author,
    change: Change,
    thing: Thing,
    name: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write down one change, in the transaction that makes it. `before` and `after` are plain JSON data."""
    await tx.execute(
        sa.insert(AuditEntry).values(
            actor=author.actor, who=author.who, thing=thing, name=name, change=change,
            before=dict(before) if before is not None else None, after=dict(after) if after is not None else None,
        )
    )  # fmt: skip


async def heard(tx: Tx, author: Author, thing: Thing, name: str, **about: Any) -> bool:
    """Write down that somebody listens: to a voicemail, a recording, a call. `about` says of what, in plain JSON data.

    Players ask for one sound in many pieces, so that the same person and thing are written down once in ten minutes;
    whether this was that once.
    """
    lately = sa.select(AuditEntry.id).where(
        AuditEntry.thing == thing, AuditEntry.name == name, AuditEntry.actor == author.actor,
        AuditEntry.change == Change.HEARD, AuditEntry.at > from_now(-HEARD_ONCE_SECONDS),
    )  # fmt: skip
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_HEARD_LOCK, sa.func.hashtext(author.actor + name))))
    if await tx.scalar(lately.limit(1)) is not None:
        return False
    await record(tx, author, Change.HEARD, thing, name, after=about)
    return True


@dataclass(frozen=True)
class Wanted:
    """Which entries are asked for; None for any. `since` is included, `until` is not."""

    thing: Thing | None = None
    name: str | None = None
    who: str | None = None
    change: Change | None = None
    since: datetime | None = None
    until: datetime | None = None


async def entries(tx: Tx, limit: int, before: int | None = None, wanted: Wanted = Wanted()) -> list[sa.RowMapping]:
    """Latest first; `before` is the id of the last entry of the page before."""
    query = sa.select(AuditEntry.__table__).order_by(AuditEntry.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    for name in ("thing", "name", "who", "change"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(AuditEntry, name) == value)
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    return await tx.rows(query)


async def people(tx: Tx) -> list[str]:
    """Everybody who is named in the audit, in the order of their names."""
    return [row["who"] for row in await tx.rows(sa.select(AuditEntry.who).distinct().order_by(AuditEntry.who))]
