"""`callcenter user add` against a real database."""

import asyncio

import pytest

from callcenter.platform.entrypoints import user
from callcenter.platform.plumbing.db import Database
from callcenter.platform.wire.settings import Settings
from callcenter.setup.users import rules, store

pytestmark = pytest.mark.postgres


async def stored(settings: Settings, email: str) -> store.KnownUser | None:
    database = Database(settings.database_url, pool_size=1)
    try:
        async with database.transaction() as tx:
            return await store.user_by_email(tx, email)
    finally:
        await database.close()


def test_the_password_that_is_shown_signs_the_new_user_in(database_url: str) -> None:
    settings = Settings(database_url=database_url)
    password = user.add(settings, "grace@example.com", "admin", None)
    known = asyncio.run(stored(settings, "GRACE@example.com"))
    assert known is not None
    assert (known.person.name, known.person.role) == ("grace", "admin")
    assert rules.check_password(known.password_hash, password).right
    assert password not in known.password_hash


def test_a_user_who_is_there_keeps_the_password(database_url: str) -> None:
    settings = Settings(database_url=database_url)
    first = user.add(settings, "grace@example.com", "admin", "Grace")
    with pytest.raises(user.UserExists):
        user.add(settings, "Grace@Example.com", "viewer", None)
    known = asyncio.run(stored(settings, "grace@example.com"))
    assert known is not None
    assert rules.check_password(known.password_hash, first).right


def test_every_wrong_field_is_named_with_its_value() -> None:
    with pytest.raises(user.UnusableUser) as refused:
        user.add(Settings(), "ada", "boss", None)
    assert [(wrong.field, wrong.value) for wrong in refused.value.errors] == [("email", "ada"), ("role", "boss")]
