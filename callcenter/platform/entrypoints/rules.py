"""`callcenter rules validate|publish FILE`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml

from callcenter.platform.plumbing.db import Database, Tx
from callcenter.platform.plumbing.errors import FieldError, Invalid
from callcenter.platform.plumbing.livekit_calls import LiveKitCalls
from callcenter.platform.plumbing.livekit_rooms import LiveKitRooms
from callcenter.platform.wire.settings import Settings
from callcenter.setup.audit.rules import command
from callcenter.setup.rule_sets import flow
from callcenter.setup.rule_sets.actions import Transfer
from callcenter.setup.rule_sets.places import actions_of
from callcenter.setup.rule_sets.rules import parse

BY = command("callcenter rules publish")
T = TypeVar("T")


def validate(settings: Settings, file: Path) -> None:
    """Raise Invalid with every error of the rule set in this YAML file, judged against the company as it is set up."""
    data = read_yaml(file)
    trunks = asyncio.run(_trunks(settings, data))
    asyncio.run(in_transaction(settings, lambda tx: flow.validate(tx, data, trunks)))


def publish(settings: Settings, file: Path) -> int:
    """Publish the rule set in this file; returns its version. Raises Invalid."""
    data = read_yaml(file)
    trunks = asyncio.run(_trunks(settings, data))
    note = f"from {file.name}"
    return asyncio.run(in_transaction(settings, lambda tx: flow.publish(tx, data, note, BY, trunks)))


async def _trunks(settings: Settings, data: Any) -> frozenset[str] | None:
    """The outbound trunks that LiveKit has, asked for only where a rule names one; None when it cannot be asked."""
    body, _ = parse(data)
    if body is None or not any(isinstance(action, Transfer) and action.trunk for _, action in actions_of(body)):
        return None
    rooms = LiveKitRooms(settings)
    calls = LiveKitCalls(settings, rooms)
    try:
        return await calls.trunks()
    except ConnectionError as error:
        print(f"Trunks are not judged: {error}", file=sys.stderr)
        return None
    finally:
        await calls.close()
        await rooms.close()


def read_yaml(file: Path) -> Any:
    """What a YAML file holds, as plain data. Raises Invalid."""
    try:
        return yaml.safe_load(file.read_text())
    except OSError as error:
        raise Invalid(f"{file}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} is not YAML.", (FieldError(str(file), None, f"YAML; {error}"),)) from error


async def in_transaction(settings: Settings, work: Callable[[Tx], Awaitable[T]]) -> T:
    """What `work` returns, in one transaction on a connection of its own."""
    db = Database(settings.database_url, pool_size=1)
    try:
        async with db.transaction() as tx:
            return await work(tx)
    finally:
        await db.close()
