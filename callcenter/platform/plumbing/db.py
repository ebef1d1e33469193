"""Postgres: one engine per process, one transaction per verb."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables. Instants are `timestamptz`; states are text with a check, so that adding one is a cheap migration."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: sa.DateTime(timezone=True), str: sa.Text()}  # noqa: RUF012 (SQLAlchemy's own hook)


def one_of(column: str, values: type[Any]) -> sa.CheckConstraint:
    """A check that a text column holds one of the enum's values."""
    allowed = ", ".join(f"'{v.value}'" for v in values)
    return sa.CheckConstraint(f"{column} IN ({allowed})", name=column)


def seconds(count: float) -> sa.ColumnElement[Any]:
    """An interval of so many seconds."""
    return sa.func.make_interval(0, 0, 0, 0, 0, 0, sa.cast(count, sa.Float))


def from_now(count: float) -> sa.ColumnElement[datetime]:
    """The instant so many seconds from now (negative: ago) by the database's clock."""
    return sa.func.clock_timestamp() + seconds(count)


class Channel(StrEnum):
    """What other processes wait for; NOTIFY on them is a hint, polling the guarantee."""

    LINE = "line"  # a call waits, a seat is free: the routers
    DESK = "desk"  # a command waits: the desk replicas
    TIMELINE = "timeline"  # something happened: the live streams


class Tx:
    """One transaction. Stores run their SQL through it; `effects` collects what the journey does after the commit,
    `recorded` the kinds of all effects, and `news` names the channels on which others wait for what was committed."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.effects: list[int] = []
        self.recorded: set[str] = set()
        self.news: set[Channel] = set()

    async def execute(self, statement: sa.Executable, values: Any = None) -> sa.CursorResult[Any]:
        result: sa.CursorResult[Any] = await self.connection.execute(statement, values)
        return result

    async def scalar(self, statement: sa.Executable, values: Any = None) -> Any:
        return await self.connection.scalar(statement, values)

    async def rows(self, statement: sa.Executable, values: Any = None) -> list[sa.RowMapping]:
        return list((await self.connection.execute(statement, values)).mappings().all())

    async def row(self, statement: sa.Executable, values: Any = None) -> sa.RowMapping | None:
        return (await self.connection.execute(statement, values)).mappings().first()

    async def now(self) -> datetime:
        """The database's clock at this instant (not the transaction's start): what leases are judged by."""
        return await self.scalar(sa.select(sa.func.clock_timestamp()))  # type: ignore[no-any-return]


class Database:
    """A pool of connections to the one Postgres that is the truth."""

    def __init__(self, url: str, pool_size: int = 10) -> None:
        self.engine: AsyncEngine = create_async_engine(
            async_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            hide_parameters=True,  # an error's bound values are callers' words and numbers: not for logs
            connect_args={
                "options": "-c lock_timeout=5s -c statement_timeout=30s -c TimeZone=UTC",
                "connect_timeout": 5,
            },
        )
        self._asking: AsyncEngine = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """Commit at the end of the block, roll back on any exception."""
        async with self.engine.begin() as connection:
            yield Tx(connection)

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[Tx]:
        """For what is asked many times a second and changes nothing, or one row now and then: without BEGIN and COMMIT,
        which cost the asker as much as the question. Each statement is a transaction of its own and sees what is
        committed when it comes."""
        async with self._asking.connect() as connection:
            yield Tx(connection)

    async def close(self) -> None:
        await self.engine.dispose()


def async_url(url: str) -> str:
    """SQLAlchemy's address for psycopg 3 from the plain `postgresql://…` that operators write."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.split("+")[0] not in ("postgresql", "postgres"):
        raise ValueError("DATABASE_URL: expected postgresql://USER:PASSWORD@HOST:PORT/NAME")
    return f"postgresql+psycopg://{rest}"
