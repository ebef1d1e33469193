"""Loops that wake on NOTIFY, interval or stop, and outlive every error."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

import psycopg

log = logging.getLogger(__name__)
T = TypeVar("T")

CONNECT_SECONDS = 5


async def forever(
    name: str, once: Callable[[], Awaitable[object]], interval: float, wake: asyncio.Event | None = None
) -> None:
    """Run `once` every `interval` seconds, and at once when woken. An error is logged and the loop goes on."""
    while True:
        try:
            await once()
        except Exception:
            log.exception("loop failed", extra={"loop": name})
            await asyncio.sleep(min(interval, 1.0))
        if wake is None:
            await asyncio.sleep(interval)
            continue
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(interval):  # not wait_for: before Python 3.12 it can swallow a cancellation
                await wake.wait()
        wake.clear()


async def each(items: Iterable[T], verb: Callable[[T], Awaitable[bool]]) -> int:
    """Do this to every item; one that fails is logged and stops no other. Returns how many times it was done."""
    done = 0
    for item in items:
        try:
            done += await verb(item)
        except Exception:
            log.exception("one of many failed", extra={"item": item})
    return done


async def listen(database_url: str, channel: str, wake: asyncio.Event) -> None:
    """Set the event whenever somebody notifies this channel. A lost connection is made again; polling bridges it."""
    await hear(database_url, channel, lambda _: wake.set())


async def hear(database_url: str, channel: str, heard: Callable[[str], None]) -> None:
    """Hand over what comes on this channel, and an empty text whenever the connection has been made (again)."""
    while True:
        try:
            connection = await _connected(database_url)
            async with connection:
                await connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
                heard("")
                async for notice in connection.notifies():
                    heard(notice.payload)
        except (psycopg.Error, OSError) as error:
            log.warning("listening was interrupted", extra={"channel": channel, "error": type(error).__name__})
        await asyncio.sleep(0.5)


async def _connected(database_url: str) -> psycopg.AsyncConnection:
    made: list[psycopg.AsyncConnection] = []

    async def connect() -> None:
        made.append(
            await psycopg.AsyncConnection.connect(database_url, autocommit=True, connect_timeout=CONNECT_SECONDS)
        )

    try:
        await uncut(connect())
    except asyncio.CancelledError:
        for connection in made:
            await connection.close()
        raise
    return made[0]


async def uncut(work: Coroutine[Any, Any, object]) -> None:
    """Do this to its end, then be cancelled if a cancellation came meanwhile.

    For short work on the database: a connection cut off while it is made keeps its backend waiting for a login
    (`authentication_timeout`, a minute), and whoever drops a database waits for that backend.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("cancelled work failed", extra={"error": type(error).__name__})
        raise
