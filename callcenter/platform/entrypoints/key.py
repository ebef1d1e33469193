"""`callcenter key add`: a new API key, shown once."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.errors import FieldError, Invalid
from callcenter.platform.wire.settings import Settings
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import command
from callcenter.setup.users import flow
from callcenter.setup.users.model import Role
from callcenter.setup.users.rules import key_prefix


class UnknownRole(Invalid):
    """There is no such role."""


def add(settings: Settings, role: str, user: str | None) -> str:
    """A new key with this role, for the person with this email if one is given; only its hash is stored.

    Without a person the key can read; what a supervisor does needs one. Raises UnknownRole, UnknownUser.
    """
    if role not in {known.value for known in Role}:
        raise UnknownRole(errors=(FieldError("role", role, "one of " + ", ".join(Role)),))
    return asyncio.run(_add(settings, Role(role), user))


@contextmanager
def lent(settings: Settings, role: Role) -> Iterator[str]:
    """A key for as long as the block runs."""
    key = add(settings, role, None)
    try:
        yield key
    finally:
        asyncio.run(_delete(settings, key))


async def _delete(settings: Settings, key: str) -> None:
    database = Database(settings.database_url, pool_size=1)
    try:
        async with database.transaction() as tx:
            await flow.delete_key(tx, key)
            by = command("callcenter, for itself")
            await audit.record(tx, by, Change.DELETED, Thing.API_KEY, key_prefix(key))
    finally:
        await database.close()


async def _add(settings: Settings, role: Role, user: str | None) -> str:
    database = Database(settings.database_url, pool_size=1)
    try:
        async with database.transaction() as tx:
            key = await flow.add_key(tx, role, user)
            about = {"role": role, "owner": user}
            by = command("callcenter key add")
            await audit.record(tx, by, Change.CREATED, Thing.API_KEY, key_prefix(key), after=about)
            return key
    finally:
        await database.close()
