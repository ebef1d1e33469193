"""What all tests share: one Postgres for the `postgres` lane, one whole stack for the `livekit` and `browser` lanes."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from callcenter.platform.embedded.postgres import embedded_postgres
from callcenter.platform.entrypoints import migrate
from callcenter.platform.wire.settings import Settings
from tests.journey.company import Company, enter_company, open_company
from tests.lanes import BEHIND, Lanes, by_the_clock
from tests.stack import Stack

TEMPLATE = "callcenter_template"
LOG_LINES_ON_FAILURE = 30
# As in a long run: all that a template holds happened a while ago, so that no test depends on how long ago.
OLDER = """
DO $$
DECLARE found record;
BEGIN
    FOR found IN SELECT table_name, column_name FROM information_schema.columns c
                   JOIN information_schema.tables t USING (table_schema, table_name)
                  WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
                    AND data_type = 'timestamp with time zone' AND is_generated = 'NEVER'
    LOOP
        EXECUTE format('UPDATE %1$I SET %2$I = %2$I - interval %3$L', found.table_name, found.column_name, '1 hour');
    END LOOP;
END $$
"""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Lanes:
    return Lanes(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Beside rooms, what needs no clock waits."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        clocked = by_the_clock(item.nodeid.partition("::")[0])
        with suppress(PermissionError):  # only root may go to the front again; alone it makes no difference
            os.setpriority(os.PRIO_PROCESS, 0, 0 if clocked else BEHIND)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Postgres server for this run, on a free port; the database named in the address is empty."""
    with embedded_postgres(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_template(postgres_url: str) -> str:
    """The name of a migrated database without rows, to be cloned."""
    _create(postgres_url, TEMPLATE, "template1")
    migrate.run(Settings(database_url=_sibling(postgres_url, TEMPLATE)))
    _make_older(postgres_url, TEMPLATE)
    return TEMPLATE


@pytest.fixture(scope="session")
def company_template(postgres_url: str, migrated_template: str) -> str:
    """The name of a database with the demo company in it, to be cloned."""
    name = f"{TEMPLATE}_company"
    _create(postgres_url, name, migrated_template)
    asyncio.run(enter_company(_sibling(postgres_url, name)))
    _make_older(postgres_url, name)
    return name


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """A database for one test without any table."""
    with _clone(postgres_url, "template1") as url:
        yield url


@pytest.fixture
def database_url(postgres_url: str, migrated_template: str) -> Iterator[str]:
    """A migrated, empty database for one test."""
    with _clone(postgres_url, migrated_template) as url:
        yield url


@pytest.fixture
def company_database_url(postgres_url: str, company_template: str) -> Iterator[str]:
    """A database for one test with the demo company in it."""
    with _clone(postgres_url, company_template) as url:
        yield url


@pytest.fixture
async def company(company_database_url: str) -> AsyncIterator[Company]:
    """The demo company's journey, on a database of its own."""
    async with open_company(company_database_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole product with the demo company, up and healthy, shared by all tests of this run."""
    planned = Stack.planned(tmp_path_factory.mktemp("stack") / "data")
    try:
        planned.up()
        yield planned
    finally:
        planned.down()


@pytest.fixture(scope="session")
def admin_key(stack: Stack) -> str:
    """One key to the shared stack's API for all tests: a new one costs a process."""
    return stack.key("admin")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows its own lines and what they called, not how pytest came there; one of the whole stack shows
    as well what the parts have logged last."""
    if call.excinfo is not None:
        call.excinfo.traceback = call.excinfo.traceback.cut(path=item.path)
    report = yield
    running = getattr(item, "funcargs", {}).get("stack")
    if report.when == "call" and report.failed and isinstance(running, Stack):
        report.sections.append(("logs of the stack", running.log_tails(LOG_LINES_ON_FAILURE)))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Why a test had to be tried again, that it passed then or not: the summary names the tests alone."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.write_sep("_", f"tried again: {report.nodeid}")
        text = report.longreprtext
        terminalreporter.write_line(text if len(text) < 6000 else f"{text[:3500]}\n[…]\n{text[-2500:]}")


@contextmanager
def _clone(postgres_url: str, template: str) -> Iterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    _create(postgres_url, name, template)
    yield _sibling(postgres_url, name)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _create(postgres_url: str, name: str, template: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")  # the quicker one where nothing is synced
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(template)))


def _make_older(postgres_url: str, template: str) -> None:
    with psycopg.connect(_sibling(postgres_url, template)) as connection:
        connection.execute("SET session_replication_role = replica")  # what happened may not be changed, but for this
        connection.execute(OLDER)


def _sibling(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
