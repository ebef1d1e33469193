"""Loops that wake on NOTIFY, interval or stop, and outlive every error."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

import psycopg

log = logging.getLogger(__name__)


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
            await asyncio.wait_for(wake.wait(), interval)
        wake.clear()


async def listen(database_url: str, channel: str, wake: asyncio.Event) -> None:
    """Set the event whenever somebody notifies this channel. A lost connection is made again; polling bridges it."""
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(database_url, autocommit=True, connect_timeout=5)
            async with connection:
                await connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
                wake.set()
                async for _ in connection.notifies():
                    wake.set()
        except (psycopg.Error, OSError) as error:
            log.warning("listening was interrupted", extra={"channel": channel, "error": type(error).__name__})
        await asyncio.sleep(0.5)
