"""A Postgres of its own with durable commits, and fresh databases in it."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from callcenter.platform.embedded.postgres import embedded_postgres


@contextmanager
def durable_postgres() -> Iterator[str]:
    """A server with the product's own settings, synchronous commits included. Yields an administrator's address; it
    leaves nothing behind. Raises StartError when the server does not come up."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # Postgres runs as another account when we are root
        with embedded_postgres(Path(folder), durable=True) as url:
            yield url


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
