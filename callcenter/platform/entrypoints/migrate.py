"""`callcenter migrate`: bring the schema to this version. One process migrates, the others wait for it."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from callcenter.platform.plumbing.db import async_url
from callcenter.platform.wire.settings import Settings
from callcenter.records.timeline import generations

MIGRATIONS = Path(__file__).parents[3] / "migrations"
ADVISORY_LOCK = 0x63616C6C  # "call"; any constant that nobody else uses in this database
LOCK_WAIT_SECONDS = 60


def alembic_config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def run(settings: Settings, revision: str = "head") -> None:
    """Upgrade to `revision`. Waits up to 60 s for another process that migrates; each statement waits at most 5 s for a
    lock, so that a migration fails rather than queues live calls behind it. A database that was restored goes on after
    what is in it (records/timeline/generations.py)."""
    engine = sa.create_engine(async_url(settings.database_url))
    try:
        with engine.connect() as connection:
            connection.execute(sa.text(f"SET lock_timeout = '{LOCK_WAIT_SECONDS}s'"))
            connection.execute(sa.select(sa.func.pg_advisory_lock(ADVISORY_LOCK)))
            connection.execute(sa.text("SET lock_timeout = '5s'"))
            connection.commit()
            try:
                command.upgrade(alembic_config(connection), revision)
                if revision == "head":
                    generations.settle(connection)
                connection.commit()
            finally:
                connection.rollback()
                connection.execute(sa.select(sa.func.pg_advisory_unlock(ADVISORY_LOCK)))
                connection.commit()
    finally:
        engine.dispose()
