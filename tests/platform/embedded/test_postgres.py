import os
import pwd
from pathlib import Path

import psycopg
import pytest

from callcenter.platform.embedded.parts import StartError
from callcenter.platform.embedded.ports import free_port
from callcenter.platform.embedded.postgres import PostgresServer, embedded_postgres, installed_binaries

pytestmark = pytest.mark.postgres


def server(folder: Path) -> PostgresServer:
    return PostgresServer(folder / "postgres", free_port(), "secret", durable=False)


def test_it_runs_below_a_folder_that_is_closed_to_others(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with embedded_postgres(closed) as url, psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_user, current_database()").fetchone()
    assert row == ("callcenter", "callcenter")


def test_it_asks_for_the_password_and_listens_on_loopback_only(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path) as url:
        with psycopg.connect(url) as connection:
            row = connection.execute(
                "SELECT current_setting('listen_addresses'), current_setting('unix_socket_directories')"
            ).fetchone()
        assert row == ("127.0.0.1", "")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url, password="wrong")


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    first = server(tmp_path)
    first.prepare()
    before = (first.folder / "PG_VERSION").stat().st_ino
    server(tmp_path).prepare()
    assert (first.folder / "PG_VERSION").stat().st_ino == before


def test_an_interrupted_initdb_is_done_again(tmp_path: Path) -> None:
    partial = tmp_path / "postgres.partial"
    partial.mkdir()
    (partial / "PG_VERSION").write_text("15")
    made = server(tmp_path)
    made.prepare()
    assert (made.folder / "global" / "pg_control").exists()
    assert not partial.exists()


def test_an_empty_folder_becomes_a_data_folder(tmp_path: Path) -> None:
    made = server(tmp_path)
    made.folder.mkdir()
    made.prepare()
    assert (made.folder / "PG_VERSION").exists()


def test_a_half_made_data_folder_is_named_and_left_alone(tmp_path: Path) -> None:
    made = server(tmp_path)
    made.folder.mkdir()
    (made.folder / "base").mkdir()
    with pytest.raises(StartError, match=r"postgres is no complete Postgres data folder: move it away"):
        made.prepare()
    assert (made.folder / "base").exists()


@pytest.mark.parametrize("stale", [f"{os.getpid()}\n", "", "no number\n"], ids=["another process", "nothing", "words"])
def test_a_stale_pid_file_does_not_keep_it_from_starting(tmp_path: Path, stale: str) -> None:
    server(tmp_path).prepare()
    (tmp_path / "postgres" / "postmaster.pid").write_text(stale)
    server(tmp_path).prepare()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_a_server_that_still_runs_there_is_named(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path), pytest.raises(StartError, match=r"a Postgres \(pid \d+\) still runs"):
        server(tmp_path).prepare()


def test_a_data_folder_of_another_version_says_which_package_is_needed(tmp_path: Path) -> None:
    made = server(tmp_path)
    made.prepare()
    (made.folder / "PG_VERSION").write_text("9\n")
    with pytest.raises(StartError, match=r"was made by Postgres 9, but installed is .*install postgresql-9"):
        made.prepare()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can choose the account")
def test_root_runs_it_as_an_account_without_rights_which_keeps_its_folder(tmp_path: Path) -> None:
    made = server(tmp_path)
    made.prepare()
    account = made.account()
    assert account is not None
    assert pwd.getpwuid(account.uid).pw_name in ("postgres", "nobody")

    os.chown(made.folder, 12345, 12345)
    moved = made.account()
    assert moved is not None
    assert (moved.uid, moved.gid) == (12345, 12345)


def test_the_newest_installed_version_comes_first() -> None:
    versions = [float(version) for version in installed_binaries()]
    assert versions == sorted(versions, reverse=True)
