"""`callcenter deployment …`: which share of the new calls each deployment gets."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from callcenter.platform.plumbing.db import Database, Tx
from callcenter.platform.plumbing.errors import NotFound
from callcenter.platform.wire.settings import Settings
from callcenter.setup.deployments import store
from callcenter.setup.deployments.rules import check_share
from callcenter.stages.offers import workers

T = TypeVar("T")


def listed(settings: Settings) -> list[dict[str, Any]]:
    """Every deployment that has a share or workers: its share (None: a part of what the others leave), its workers,
    their seats and how many of those are busy."""

    async def read(tx: Tx) -> list[dict[str, Any]]:
        shares, seats = await store.shares(tx), await workers.by_deployment(tx)
        none = {"workers": 0, "draining": 0, "seats": 0, "busy": 0}
        return [
            {"name": name, "share": shares.get(name), **(seats.get(name) or none)} for name in sorted({*shares, *seats})
        ]

    return asyncio.run(_in_transaction(settings, read))


def share(settings: Settings, name: str, percent: int) -> None:
    """Give this deployment so many percent of the new calls. Raises Invalid."""

    async def write(tx: Tx) -> None:
        await store.lock(tx)
        check_share(name, percent, await store.shares(tx))
        await store.put(tx, name, percent)

    asyncio.run(_in_transaction(settings, write))


def forget(settings: Settings, name: str) -> None:
    """This deployment has no share of its own any more. Raises NotFound."""

    async def delete(tx: Tx) -> None:
        if not await store.forget(tx, name):
            raise NotFound(f"The deployment '{name}' has no share.")

    asyncio.run(_in_transaction(settings, delete))


async def _in_transaction(settings: Settings, work: Callable[[Tx], Awaitable[T]]) -> T:
    db = Database(settings.database_url, pool_size=1)
    try:
        async with db.transaction() as tx:
            return await work(tx)
    finally:
        await db.close()
