"""The folder that Kamailio reads: written as a whole, private, its secret kept over rewritings."""

import os
import secrets
import tempfile
from pathlib import Path

from sip.edge.kamailio import NODE_FILE, NODES, configuration, node_list
from sip.edge.model import Address, Edge
from sip.errors import SipError

CONFIGURATION = "kamailio.cfg"
SECRET_FILE = "seal.key"  # noqa: S105 (a name)


def secret_of(folder: Path) -> str:
    """The folder's secret, made on the first call: calls that go on while the edge is restarted keep their way."""
    file = folder / SECRET_FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            _write(file, secrets.token_hex(16))
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SipError(f"{folder} cannot be used for the edge: {error.strerror}") from error


def write(edge: Edge, folder: Path | None = None, owner: tuple[int, int] | None = None) -> Path:
    """Put everything into the edge's folder and return the configuration's path; nodes that were drained stay so.

    `folder` is that folder as we know it, if Kamailio knows it by another name; `owner` is the account (uid, gid) that
    Kamailio will run as if that is not ours. Raises SipError.
    """
    folder = folder or edge.folder
    text = configuration(edge)
    drained = frozenset(drained_nodes(folder))
    path = folder / CONFIGURATION
    try:
        _write(folder / NODE_FILE, node_list(edge.nodes, edge.inside, drained))
        _write(path, text)
        if owner is not None:
            for file in (folder, path, folder / NODE_FILE, folder / SECRET_FILE):
                os.chown(file, *owner)
    except OSError as error:
        raise SipError(f"{folder} cannot be written to: {error.strerror}") from error
    return path


def drained_nodes(folder: Path) -> list[str]:
    """The nodes that the folder's list marks as drained."""
    return [address for address, flags in _entries(folder) if flags & 4]


def mark(folder: Path, node: Address, *, drained: bool) -> None:
    """Note in the folder's list whether a node is drained, for the next start. Raises SipError for an unknown node."""
    known = [address for address, _ in _entries(folder)]
    if str(node) not in known:
        raise SipError(f"{node} is no node of the edge in {folder}; its nodes: {', '.join(known) or 'none'}")
    file = folder / NODE_FILE
    lines = file.read_text(encoding="utf-8").splitlines()
    changed = []
    for line in lines:
        words = line.split()
        if len(words) > 2 and words[1] == f"sip:{node}":
            words[2] = "4" if drained else "0"
        changed.append(" ".join(words))
    _write(file, "\n".join((*changed, "")))


def _entries(folder: Path) -> list[tuple[str, int]]:
    try:
        lines = (folder / NODE_FILE).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    rows = [line.split() for line in lines]
    return [(row[1].removeprefix("sip:"), int(row[2])) for row in rows if len(row) > 2 and row[0] == str(NODES)]


def _write(path: Path, text: str) -> None:
    """Replace a file as a whole, readable by its owner only."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    if path.exists():
        before = path.stat()
        if os.geteuid() == 0:
            os.chown(temporary, before.st_uid, before.st_gid)
    Path(temporary).replace(path)
