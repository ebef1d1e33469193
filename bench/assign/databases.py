"""A Postgres of its own with durable commits, and fresh databases in it."""

import secrets
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from callcenter.platform.embedded.child import bound_to_parent
from callcenter.platform.embedded.ports import free_port
from callcenter.platform.embedded.postgres import PostgresServer

READY_SECONDS = 60.0
STOP_SECONDS = 10.0


@contextmanager
def durable_postgres() -> Iterator[str]:
    """The product's own server settings, synchronous commits included. Yields an administrator's address; nothing is
    left behind. Raises TimeoutError when the server does not come up."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        server = PostgresServer(Path(folder) / "postgres", free_port(), secrets.token_hex(8), durable=True)
        Path(folder).chmod(0o755)
        server.prepare()
        process = subprocess.Popen(
            bound_to_parent(server.command()),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            _wait(server.url, process)
            yield server.url
        finally:
            process.send_signal(signal.SIGINT)  # SIGTERM would wait for connections to close
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def fresh_database(server_url: str, template: str = "template1") -> str:
    """The address of a new database."""
    name = f"bench_{secrets.token_hex(6)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


def drop_database(server_url: str, url: str) -> None:
    """It and all connections to it go."""
    name = sql.Identifier(urlsplit(url).path.removeprefix("/"))
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise TimeoutError(f"Postgres ended at once with code {process.returncode}")
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"Postgres did not answer within {READY_SECONDS} s")
