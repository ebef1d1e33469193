"""`callcenter rules validate|publish FILE`."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml

from callcenter.platform.plumbing.db import Database, Tx
from callcenter.platform.plumbing.errors import FieldError, Invalid
from callcenter.platform.wire.settings import Settings
from callcenter.setup.rule_sets import flow

T = TypeVar("T")


def validate(settings: Settings, file: Path) -> None:
    """Raise Invalid with every error of the rule set in this YAML file, judged against the company as it is set up."""
    data = _read(file)
    asyncio.run(_in_transaction(settings, lambda tx: flow.validate(tx, data)))


def publish(settings: Settings, file: Path) -> int:
    """Publish the rule set in this file; returns its version. Raises Invalid."""
    data = _read(file)
    return asyncio.run(_in_transaction(settings, lambda tx: flow.publish(tx, data, f"published from {file.name}")))


def _read(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text())
    except OSError as error:
        raise Invalid(f"{file}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} is not YAML.", (FieldError(str(file), None, f"YAML; {error}"),)) from error


async def _in_transaction(settings: Settings, work: Callable[[Tx], Awaitable[T]]) -> T:
    db = Database(settings.database_url, pool_size=1)
    try:
        async with db.transaction() as tx:
            return await work(tx)
    finally:
        await db.close()
