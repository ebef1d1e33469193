"""Backup and restore as docs/operations.md says it: the commands that run here are the page's own."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from callcenter.journey.ended import end
from callcenter.journey.said import said
from callcenter.platform.embedded.postgres import embedded_postgres, installed_binaries
from callcenter.platform.events import api as events
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import EndedBy, Outcome
from callcenter.records.timeline import generations, read
from callcenter.records.timeline.model import StreamGeneration
from callcenter.records.timeline.read import START, Position
from tests.journey.company import Company, open_company, segment

pytestmark = pytest.mark.postgres

ROOT = Path(__file__).parents[2]
LATER = 5000  # transactions of the old cluster that the new one has not had


def commands(heading: str) -> list[str]:
    """The shell commands under this heading of docs/operations.md."""
    page = (ROOT / "docs" / "operations.md").read_text()
    section = page.split(f"\n### {heading}\n", 1)[1].split("\n##", 1)[0]
    found = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found, f"no command under {heading!r}"
    return found


def run(command: str, folder: Path, **environment: str) -> str:
    path = f"{next(iter(installed_binaries().values()))}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder, env=os.environ | {"PATH": path} | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def schema(url: str, folder: Path) -> list[str]:
    """The whole schema as pg_dump writes it; the key that newer ones put around it is a new one each time."""
    text = run('pg_dump --schema-only --no-owner "$URL"', folder, URL=url)
    return [line for line in text.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


def contents(url: str) -> dict[str, list[str]]:
    """Every row of every table as text; the generation is what a restore changes."""
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = sql.SQL("SELECT t::text FROM {} t ORDER BY 1")
        return {
            name: [row[0] for row in connection.execute(rows.format(sql.Identifier(name)))]
            for (name,) in tables
            if name != StreamGeneration.__tablename__
        }


def pass_transactions(url: str, count: int) -> None:
    loop = "DO $$ BEGIN FOR i IN 1..{} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(loop).format(sql.Literal(count)))


@pytest.fixture
def other_cluster(tmp_path: Path) -> Iterator[str]:
    with embedded_postgres(tmp_path) as url:
        yield url


async def stream(company: Company, after: Position) -> list[tuple[str, str]]:
    async with company.j.db.transaction() as tx:
        return [(row["call_id"], row["type"]) for row in await read.stream(tx, after, 1000)]


async def last_place(company: Company) -> Position:
    async with company.j.db.transaction() as tx:
        return read.position_of((await read.stream(tx, START, 1000))[-1])


async def test_a_dump_restored_into_another_cluster_goes_on_where_it_was(
    company_database_url: str, other_cluster: str, tmp_path: Path
) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    addresses = {"DATABASE_URL": company_database_url, "NEW_DATABASE_URL": other_cluster}
    pass_transactions(company_database_url, LATER)
    async with open_company(company_database_url) as company:
        await company.worker(seats=2)
        call_id, offer_id = await company.talking()
        assert await said(company.j, segment(offer_id, 1, "where is my order")) is not None
        old_place = await last_place(company)
        old_events = await stream(company, START)
    before = contents(company_database_url)
    for command in commands("Back up"):
        run(command, tmp_path, **addresses)

    for command in commands("Restore"):
        run(command, tmp_path, **addresses)
    assert contents(other_cluster) == before
    assert schema(other_cluster, tmp_path) == schema(company_database_url, tmp_path)

    async with open_company(other_cluster) as company:
        assert await stream(company, START) == old_events
        assert await said(company.j, segment(offer_id, 2, "it is number 4711")) is not None
        async with company.j.verb() as tx:
            call = await calls.lock(tx, call_id)
            assert call is not None
            assert await end(tx, call, Outcome.COMPLETED, EndedBy.CALLER, "the caller hung up")
        await company.worker()
        second, _ = await company.talking()
        new_events = await stream(company, old_place)
        assert [event for event in new_events if event[0] == second][:1] == [(second, "call_arrived")]
        assert new_events[:1] == [(call_id, "segment_stored")]
        assert await stream(company, START) == [*old_events, *new_events]


async def test_a_reader_from_before_the_restore_is_told_to_read_anew(company_database_url: str) -> None:
    """What it saw last may not have been in the dump, and no number of the new cluster must pass for what it knows."""
    async with open_company(company_database_url) as company:
        await company.call()
        place = await last_place(company)
        assert await events.place_of(company.j.db, str(place)) == (place, False)
        await company.sql("UPDATE stream_generation SET cluster = 'another'")
        async with company.j.db.transaction() as tx:
            assert await tx.connection.run_sync(generations.settle)
        assert await events.place_of(company.j.db, str(place)) == (None, True)
        call_id = await company.call()
        assert (await stream(company, place))[0] == (call_id, "call_arrived")
        assert await events.place_of(company.j.db, str(await last_place(company))) == (
            await last_place(company), False,
        )  # fmt: skip


async def test_the_same_cluster_keeps_its_generation(company: Company) -> None:
    async with company.j.db.transaction() as tx:
        assert not await tx.connection.run_sync(generations.settle)
        assert await tx.scalar(sa.select(StreamGeneration.number)) == 0


async def test_a_dump_of_a_version_without_generations_is_noticed_by_numbers_that_nobody_has_given_out(
    company: Company,
) -> None:
    await company.call()
    await company.sql("DELETE FROM stream_generation")
    await company.sql("UPDATE timeline_events SET xid = xid + 1000000")
    async with company.j.db.transaction() as tx:
        assert await tx.connection.run_sync(generations.settle)
    place = await last_place(company)
    call_id = await company.call()
    assert (await stream(company, place))[0] == (call_id, "call_arrived")


async def test_a_generation_begins_only_when_no_event_of_the_last_one_is_on_its_way(company: Company) -> None:
    await company.call()
    await company.sql("UPDATE stream_generation SET cluster = 'another'")
    async with company.j.db.transaction() as writer, company.j.db.transaction() as tx:
        await writer.execute(sa.text("UPDATE timeline_events SET summary = summary"))
        await tx.execute(sa.text("SET LOCAL lock_timeout = '100ms'"))
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            await tx.connection.run_sync(generations.settle)
