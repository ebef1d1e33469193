"""One offer's file in the outbox folder: where what it left can be delivered, then that, one JSON line each.

Its writer holds an exclusive `flock` on it from before the file has its name until the file is deleted, so a file whose
lock can be taken was left by a process that is dead: the kernel gives the lock back, whatever the process died of. (A
pid would not tell: pids are used again.) Nobody forks while holding one; a child would hold the lock as well.
"""

import fcntl
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from callcenter.inroom.client.kept import KEPT, Kept
from callcenter.platform.wire.base import Message

logger = logging.getLogger(__name__)

SUFFIX = ".jsonl"
UNDELIVERABLE = ".undeliverable"

T = TypeVar("T")


class Address(Message):
    """Where what this offer left is taken even after its process has died, and what opens that door."""

    url: str
    token: str


class OfferFile:
    """The writer's side, for one thread. An offer has one writer in its life, so the file's name is the offer's id."""

    def __init__(self, folder: Path, offer_id: str, address: Address | None) -> None:
        self._folder = folder
        self._path = folder / f"{offer_id}{SUFFIX}"
        self._first_line = (address or Address(url="", token="")).model_dump_json()
        self._unwritten: list[str] = []
        self._fd: int | None = None
        self._size = 0

    def append(self, kept: Kept) -> None:
        """Write it down, with what could not be written before. Raises OSError; the line is kept for the next time."""
        self._unwritten.append(kept.model_dump_json())
        if self._fd is None:
            self._create()
        else:
            self._write(self._fd, self._unwritten)
        self._unwritten.clear()

    def delete(self) -> None:
        """Everything is delivered. Raises OSError."""
        self._unwritten.clear()
        if self._fd is not None:
            fd, self._fd = self._fd, None
            try:
                self._path.unlink(missing_ok=True)
            finally:
                os.close(fd)

    def _create(self) -> None:
        """The file gets its name when it is locked and holds something to deliver: nobody finds it before."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = self._path.with_suffix(".new")
        fd = os.open(unfinished, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._size = 0
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._write(fd, [self._first_line, *self._unwritten])
            unfinished.rename(self._path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            os.close(fd)
            raise
        self._fd = fd

    def _write(self, fd: int, lines: list[str]) -> None:
        data = "".join(line + "\n" for line in lines).encode()
        try:
            written = os.write(fd, data)
            if written < len(data):
                raise OSError(f"{written} of {len(data)} bytes written")
        except OSError:
            os.ftruncate(fd, self._size)  # no half line before the next one
            raise
        self._size += len(data)


@dataclass
class Leftover:
    """A dead process's file, held by us: nobody else delivers it meanwhile. `address` is None where it has none."""

    path: Path
    address: Address | None
    kept: list[Kept]
    _fd: int

    def delete(self) -> None:
        self.path.unlink(missing_ok=True)

    def set_aside(self) -> None:
        """Nobody will take it: out of the way, for whoever wants to look at it before it is deleted."""
        self.path.rename(self.path.with_suffix(UNDELIVERABLE))

    def release(self) -> None:
        os.close(self._fd)


def take_over(path: Path) -> Leftover | None:
    """The file at `path`, if nobody alive holds it. Raises OSError."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _is_still(path, fd):
            raise BlockingIOError
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        os.close(fd)
        if isinstance(error, BlockingIOError):
            return None
        raise
    address = _read(Address.model_validate_json, lines[0], path)
    kept = [_read(KEPT.validate_json, line, path) for line in lines[1:] if line]
    usable = address if address is not None and address.url and address.token else None
    return Leftover(path, usable, [each for each in kept if each is not None], fd)


def _is_still(path: Path, fd: int) -> bool:
    """Whether the file that is locked still has this name: another may have delivered and deleted it meanwhile."""
    try:
        return path.stat().st_ino == os.fstat(fd).st_ino
    except FileNotFoundError:
        return False


def _read(parse: Callable[[bytes], T], line: bytes, path: Path) -> T | None:
    """A process that is killed while it writes leaves half a line: what it said with it was never on disk."""
    try:
        return parse(line)
    except ValidationError:
        logger.warning("half a line in the outbox", extra={"file": path.name})
        return None
