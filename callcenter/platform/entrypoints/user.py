"""`callcenter user add`: somebody who may sign in, with a password that is made here and shown once."""

import asyncio
import secrets

from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.errors import Conflict, FieldError, Invalid
from callcenter.platform.wire.settings import Settings
from callcenter.setup.users import flow
from callcenter.setup.users.model import Role

PASSWORD_BYTES = 12


class UnusableUser(Invalid):
    """No user can be made of this."""


class UserExists(Conflict):
    """There is a user with this email already; nothing was changed."""


def add(settings: Settings, email: str, role: str, name: str | None) -> str:
    """Make the user and return the password, of which only a hash is stored. `name` is the email's first part if None.

    Raises UnusableUser, naming every field that is wrong; UserExists.
    """
    wrong = []
    local, at, domain = email.partition("@")
    if not (local and at and domain) or any(letter.isspace() for letter in email):
        wrong.append(FieldError("email", email, "an address such as sam@example.com"))
    if role not in {known.value for known in Role}:
        wrong.append(FieldError("role", role, "one of " + ", ".join(Role)))
    if wrong:
        raise UnusableUser(errors=tuple(wrong))
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    asyncio.run(_add(settings, (email, name or local, role, password)))
    return password


async def _add(settings: Settings, user: tuple[str, str, str, str]) -> None:
    database = Database(settings.database_url, pool_size=1)
    try:
        async with database.transaction() as tx:
            if not await flow.seed_users(tx, [user]):
                raise UserExists()
    finally:
        await database.close()
