"""The data folder of one stack: where everything lies, who holds it, and what is running."""

import fcntl
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from callcenter.platform.embedded.parts import StartError


class DataFolder:
    """Paths below `CALLCENTER_DATA_DIR`. Everything in it is readable by its owner only."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.postgres = self.root / "postgres"
        self.redis = self.root / "redis"
        self.logs = self.root / "logs"
        self.config = self.root / "config"
        self.secrets = self.root / "secrets.json"
        self.logins = self.root / "logins.json"
        self.ports = self.root / "ports.json"
        self.run = self.root / "run"
        self.lock = self.run / "lock"
        self.state = self.run / "state.json"
        self.environment = self.run / "environment.json"

    def prepare(self) -> None:
        """Make the folders. Raises `StartError` when they cannot be made, used or written to."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            owner = self.root.stat().st_uid
            if owner != os.geteuid():
                raise StartError(
                    f"{self.root} belongs to another user (uid {owner}): start as that user, "
                    "or name another folder with CALLCENTER_DATA_DIR"
                )
            self.root.chmod(0o700)
            for folder in (self.redis, self.logs, self.config, self.run):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise self.unusable(error) from error

    def unusable(self, error: OSError) -> StartError:
        """What stands in the way of this folder, and the setting that names another."""
        path = error.filename or self.root
        return StartError(
            f"{path}: {(error.strerror or str(error)).lower()}: clear the way, "
            "or name another folder with CALLCENTER_DATA_DIR"
        )

    def acquire(self) -> int:
        """Hold the folder until the returned descriptor is closed by everybody who inherited it.

        The kernel gives the lock up when its holders die, so a crash leaves nothing stale. Raises `StartError` when
        another `up` holds it.
        """
        try:
            handle = os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self.unusable(error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 32, 0).decode(errors="replace").strip()
            os.close(handle)
            raise StartError(
                f"already running on {self.root} (pid {holder or 'unknown'}): "
                "`callcenter status` shows it, `callcenter down` stops it"
            ) from None
        self.write_holder(handle)
        return handle

    def write_holder(self, handle: int) -> None:
        """Name this process as the one that `callcenter down` signals."""
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)

    def holder(self) -> int | None:
        """The pid of the `up` that holds the folder, None when nobody does."""
        try:
            handle = os.open(self.lock, os.O_RDWR | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self.unusable(error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.pread(handle, 32, 0).decode(errors="replace").strip()
            return int(text) if text.isdigit() else 0
        else:
            return None
        finally:
            os.close(handle)

    def read_state(self) -> dict[str, Any]:
        """The last state that `up` wrote; empty when there is none."""
        return read_json(self.state)

    def read_environment(self) -> dict[str, str]:
        """The settings of the running (or last) stack as environment variables; empty when there is none."""
        return {name: str(value) for name, value in read_json(self.environment).items()}


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object, empty when the file does not exist. Raises `StartError` when it is something else."""
    try:
        value = json.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise StartError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from error
    except ValueError as error:
        raise StartError(f"{path} is not JSON (half-written?): move it away to have it made anew") from error
    if not isinstance(value, dict):
        raise StartError(f"{path} does not hold a JSON object: move it away to have it made anew")
    return value


def write_private(path: Path, text: str) -> None:
    """Replace a file as a whole, readable by the owner only; a crash leaves the old one or the new one."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(temporary).replace(path)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    write_private(path, json.dumps(value, indent=2) + "\n")
