"""The schema is made by migrations only."""

import re
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from callcenter.platform.entrypoints import migrate
from callcenter.platform.entrypoints.tables import metadata
from callcenter.platform.plumbing.db import async_url
from callcenter.platform.wire.settings import Settings
from tests.journey.company import enter_company, open_company

pytestmark = pytest.mark.postgres


def test_models_and_migrations_agree(database_url: str) -> None:
    engine = sa.create_engine(async_url(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


async def test_every_migration_goes_down_and_up_again_with_data_in_the_tables(company_database_url: str) -> None:
    database_url = company_database_url
    async with open_company(database_url) as company:
        await company.call()
    engine = sa.create_engine(async_url(database_url))
    with engine.connect() as connection:
        command.downgrade(migrate.alembic_config(connection), "base")
        connection.commit()
        assert set(sa.inspect(connection).get_table_names()) == {"alembic_version"}
        connection.commit()
    engine.dispose()
    migrate.run(Settings(database_url=database_url))
    await enter_company(database_url)
    async with open_company(database_url) as company:
        await company.call()


def test_two_processes_that_migrate_at_once_take_turns(empty_database_url: str) -> None:
    settings = Settings(database_url=empty_database_url)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            migrate.run(settings)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


def test_migrations_carry_their_date_in_the_name() -> None:
    for file in (migrate.MIGRATIONS / "versions").glob("*.py"):
        assert re.fullmatch(r"20\d{6}_[a-z0-9_]+\.py", file.name), Path(file).name
