"""A rotating, owner-only file for each part, and one prefixed log on the terminal."""

import os
import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from callcenter.platform.wire.log import harmless

MAX_BYTES = 10_000_000
KEPT_FILES = 3
LABEL_WIDTH = 14
COLOURS = (36, 33, 35, 32, 34, 96, 93, 95, 92, 94)
_TROUBLE = re.compile(r"\S+ \S+ ((?:WARNING|ERROR|CRITICAL) .*)")


class PartLog:
    """Appends to `<folder>/<label>.log`; at 10 MB it becomes `.1`, the oldest of three is dropped."""

    def __init__(self, folder: Path, label: str, max_bytes: int = MAX_BYTES) -> None:
        self.path = folder / f"{label}.log"
        self._max_bytes = max_bytes
        self._file = self._open()

    def write(self, data: bytes) -> None:
        if self._file.tell() + len(data) > self._max_bytes:
            self._rotate()
        self._file.write(data)

    def position(self) -> int:
        """Where the next byte goes: remember it to show later what was written since."""
        return self._file.tell()

    def since(self, position: int, lines: int) -> list[str]:
        """The last lines written after `position` (all of the current file if it was rotated since)."""
        with self.path.open("rb") as file:
            file.seek(position if position <= self._file.tell() else 0)
            return file.read()[-20_000:].decode(errors="replace").splitlines()[-lines:]

    def close(self) -> None:
        self._file.close()

    def _open(self) -> BinaryIO:
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.fchmod(handle, 0o600)
        file = os.fdopen(handle, "ab", buffering=0)
        file.seek(0, os.SEEK_END)
        return file

    def _rotate(self) -> None:
        self._file.close()
        for number in range(KEPT_FILES - 1, 0, -1):
            older = self.path.with_suffix(f".log.{number}")
            if older.exists():
                older.replace(self.path.with_suffix(f".log.{number + 1}"))
        self.path.replace(self.path.with_suffix(".log.1"))
        self._file = self._open()


class Echo(StrEnum):
    """Which lines of the parts the terminal shows (trouble: each warning and error once).

    What the supervisor itself says is always shown.
    """

    EVERYTHING = "everything"
    TROUBLE = "trouble"
    NOTHING = "nothing"


class Terminal:
    """Lines of all parts on one output, each behind its part's name, in a colour of its own on a terminal."""

    def __init__(self, echo: Echo = Echo.EVERYTHING) -> None:
        self.echo = echo
        self._closed = False
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._known: dict[str, int] = {}
        self._shown: set[tuple[str, str]] = set()

    def line(self, label: str, text: str) -> None:
        """One line of a part's own log."""
        if self.echo is Echo.EVERYTHING or (self.echo is Echo.TROUBLE and self._is_new_trouble(label, text)):
            self.say(label, text)

    def _is_new_trouble(self, label: str, text: str) -> bool:
        """A warning or an error that this part has not shown before, whatever its time."""
        found = _TROUBLE.match(text)
        if found is None or (label, found[1]) in self._shown:
            return False
        self._shown.add((label, found[1]))
        return True

    def say(self, label: str, text: str) -> None:
        """One line of the supervisor about a part."""
        if self._closed:
            return
        prefix = f"{label:<{LABEL_WIDTH}} │ "
        if self._colour:
            colour = COLOURS[self._known.setdefault(label, len(self._known)) % len(COLOURS)]
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        try:
            sys.stdout.write(f"{prefix}{harmless(text)}\n")
            sys.stdout.flush()
        except (BrokenPipeError, OSError):
            self._closed = True


def split_lines(rest: bytes, data: bytes) -> tuple[list[str], bytes]:
    """Complete lines of a stream read in pieces, and what is left over; a line longer than 64 kB is cut."""
    pieces = (rest + data).split(b"\n")
    last = pieces.pop()
    if len(last) > 65_536:
        pieces.append(last)
        last = b""
    return [piece.decode(errors="replace").rstrip("\r") for piece in pieces], last
