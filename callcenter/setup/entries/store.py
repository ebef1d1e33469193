"""All SQL of what is kept by name, whatever kind it is."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import Conflict
from callcenter.setup.entries.rules import Body, Entry, Kind


class InUse(Conflict):
    """Calls that have not ended still need it. Try again when they have."""


def _key(kind: Kind[Body]) -> sa.Column[str]:
    return kind.table.__table__.c[kind.key]  # type: ignore[return-value]


async def find(tx: Tx, kind: Kind[Body], key: str, *, lock: bool = False) -> Entry[Body] | None:
    """The entry of this name; with `lock` nobody else changes it until the transaction ends."""
    query = sa.select(kind.table.__table__).where(_key(kind) == key)
    row = await tx.row(query.with_for_update() if lock else query)
    return kind.read(row) if row is not None else None


async def page(tx: Tx, kind: Kind[Body], limit: int, after: str | None = None, read: int = 0) -> list[Entry[Body]]:
    """In the order of their names, as Postgres compares bytes; `after` is the last name of the page before, or `read`
    is how many were on the pages before."""
    key = sa.collate(_key(kind), "C")
    query = sa.select(kind.table.__table__).order_by(key).limit(limit).offset(read)
    if after is not None:
        query = query.where(key > after)
    return [kind.read(row) for row in await tx.rows(query)]


async def insert_new(tx: Tx, kind: Kind[Body], key: str, body: Body) -> Entry[Body] | None:
    """None when somebody else has just made one of this name."""
    values = {kind.key: key, "changed_at": sa.func.clock_timestamp(), **kind.values(body)}
    statement = insert(kind.table).values(values).on_conflict_do_nothing(index_elements=[_key(kind)])
    row = await tx.row(statement.returning(*kind.table.__table__.c))
    return kind.read(row) if row is not None else None


async def update(tx: Tx, kind: Kind[Body], key: str, body: Body) -> Entry[Body]:
    """The entry, which exists and is locked, with its new body."""
    values = {"changed_at": sa.func.clock_timestamp(), **kind.values(body)}
    statement = sa.update(kind.table).where(_key(kind) == key).values(values)
    (row,) = await tx.rows(statement.returning(*kind.table.__table__.c))
    return kind.read(row)


async def delete(tx: Tx, kind: Kind[Body], key: str) -> None:
    """Raises InUse where the database knows of calls that need it."""
    try:
        await tx.execute(sa.delete(kind.table).where(_key(kind) == key))
    except sa.exc.IntegrityError as error:
        raise InUse() from error
