"""The embedded Postgres: Debian's binaries (or the pgserver wheel's) on a data folder of ours, never as root.

Started as root, it runs as the account `postgres` (or `nobody`). That account can often not pass through the folders
above ours (/root is closed to others), so root opens the data folder and the server reaches it as `/proc/self/fd/3`, a
link that the kernel follows without asking the folders above (proc(5)). It listens on TCP only: the path of a data
folder may be longer than the 107 bytes of a Unix socket's name.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from callcenter.platform.embedded.checks import postgres_check
from callcenter.platform.embedded.child import Account, bound_to_parent
from callcenter.platform.embedded.parts import Part, StartError
from callcenter.platform.embedded.ports import LOOPBACK, free_port

USER = DATABASE = "callcenter"
DEBIAN = Path("/usr/lib/postgresql")
COMMAND_SECONDS = 90
START_SECONDS = 60
_SERVER_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_min_error_statement": "panic",
}
_FAST_AND_LOOSE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class PostgresServer:
    """One server: `folder` is its data folder. `durable=False` trades crash safety for speed (tests)."""

    folder: Path
    port: int
    password: str
    durable: bool = True

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{self.password}@{LOOPBACK}:{self.port}/{DATABASE}"

    def prepare(self) -> None:
        """Make the data folder if there is none. It appears whole or not at all, so an interrupted attempt is redone.

        Raises `StartError` when what lies there is not a data folder that this server can use.
        """
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()
        if not self.folder.exists():
            self._initialise()
        if not (self.folder / "PG_VERSION").is_file() or not (self.folder / "global" / "pg_control").is_file():
            raise StartError(f"{self.folder} is no complete Postgres data folder: move it away to have it made anew")
        self.binaries()
        owner = self.folder.stat().st_uid
        if os.geteuid() not in (0, owner):
            raise StartError(f"{self.folder} belongs to another user (uid {owner}): start as that user")
        self._clear_stale_pid()

    def part(self, environment: dict[str, str]) -> Part:
        """SIGINT: finish no transaction, but close down cleanly ("fast shutdown" in the Postgres manual, 19.5)."""
        return Part(
            "postgres",
            self.command(),
            environment,
            postgres_check(self.url),
            stop_signal=signal.SIGINT,
            stop_seconds=8.0,
            hang_seconds=60.0,
        )

    def command(self) -> tuple[str, ...]:
        """The server's command line, which changes to `account()` by itself."""
        options = _SERVER_SETTINGS | {"port": str(self.port)} | ({} if self.durable else _FAST_AND_LOOSE)
        flags = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return self._inside(self.folder, "postgres", "-D", _data_argument(self.folder), *flags)

    def account(self) -> Account | None:
        """Whom the server runs as; None is whoever we are. An existing data folder keeps its owner."""
        if os.geteuid() != 0:
            return None
        if (self.folder / "PG_VERSION").exists() and (owner := self.folder.stat()).st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return Account(entry.pw_uid, entry.pw_gid)
        raise StartError("Postgres does not run as root, and there is no account `postgres` or `nobody` to run it as")

    def binaries(self) -> Path:
        """Where initdb and postgres are. Raises `StartError` if there are none of the data folder's version."""
        candidates = installed_binaries()
        if not candidates:
            raise StartError("Postgres is not installed: run `make setup`, or set DATABASE_URL")
        version_file = self.folder / "PG_VERSION"
        if not version_file.is_file():
            return next(iter(candidates.values()))
        wanted = version_file.read_text().strip()
        if wanted not in candidates:
            raise StartError(
                f"{self.folder} was made by Postgres {wanted}, but installed is {', '.join(candidates)}: "
                f"install postgresql-{wanted}, or move the folder away to start with an empty database"
            )
        return candidates[wanted]

    def _clear_stale_pid(self) -> None:
        """A crash leaves postmaster.pid behind, and Postgres refuses to start when that pid is somebody's again."""
        pid_file = self.folder / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().splitlines()[0])
            alive = psutil.Process(pid).cwd() == str(self.folder.resolve())
        except FileNotFoundError:
            return
        except (psutil.Error, ValueError, IndexError):
            alive = False
        if alive:
            raise StartError(f"a Postgres (pid {pid}) still runs in {self.folder}: stop it with `kill -INT {pid}`")
        pid_file.unlink()

    def _initialise(self) -> None:
        partial = self.folder.with_name(f"{self.folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        account = self.account()
        handle, password_file = tempfile.mkstemp(prefix="callcenter-")
        try:
            with os.fdopen(handle, "w") as file:
                file.write(self.password)
            if account is not None:
                os.chown(partial, account.uid, account.gid)
                os.chown(password_file, account.uid, account.gid)
            data = _data_argument(partial)
            options = [
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                *([] if self.durable else ["--no-sync"]),
            ]
            _run(self._inside(partial, "initdb", "-D", data, "-U", USER, f"--pwfile={password_file}", *options))
            _run(self._inside(partial, "postgres", "--single", "-D", data, "postgres"), f"CREATE DATABASE {DATABASE}\n")
        finally:
            Path(password_file).unlink()
        partial.rename(self.folder)

    def _inside(self, folder: Path, program: str, *arguments: str) -> tuple[str, ...]:
        command = (str(self.binaries() / program), *arguments)
        account = self.account()
        if account is None:
            return command
        return ("sh", "-c", 'cd / && exec "$@" 3<"$0"', str(folder.absolute()), *bound_to_parent(command, account))


@contextmanager
def embedded_postgres(folder: Path, *, durable: bool = False) -> Iterator[str]:
    """A server for tests and measurements: yields an administrator's address of its empty database and leaves
    no process behind.

    `folder` exists; what is in it survives a power cut only if `durable`, which costs a write to the disk per commit.
    """
    server = PostgresServer(folder / "postgres", free_port(), secrets.token_hex(8), durable=durable)
    server.prepare()
    with (folder / "postgres.log").open("wb") as log:
        process = subprocess.Popen(
            bound_to_parent(server.command()),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            _wait_until_ready(server.url, process, folder / "postgres.log")
            yield server.url
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)
                process.wait(timeout=5)


def installed_binaries() -> dict[str, Path]:
    """Folders with initdb and postgres by major version, the newest first; Debian's before the pgserver wheel's."""
    found = {path.parent.parent.name: path.parent for path in DEBIAN.glob("*/bin/initdb")}
    ordered = dict(sorted(found.items(), key=lambda item: float(item[0]), reverse=True))
    spec = importlib.util.find_spec("pgserver")
    if spec is not None and spec.origin is not None:
        wheel = Path(spec.origin).parent / "pginstall" / "bin"
        if (wheel / "initdb").is_file():
            ordered.setdefault("16", wheel)
    return ordered


def _data_argument(folder: Path) -> str:
    return "/proc/self/fd/3" if os.geteuid() == 0 else str(folder)


def _run(argv: tuple[str, ...], text: str = "") -> None:
    done = subprocess.run(
        bound_to_parent(argv),
        input=text,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        words = "\n    ".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        raise StartError(f"Postgres could not be set up (code {done.returncode}):\n    {words}")


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            try:
                process.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
            raise StartError(f"Postgres ended at once:\n{log.read_text()[-1000:]}") from None
        return
    raise StartError(f"Postgres did not answer within {START_SECONDS} s")
