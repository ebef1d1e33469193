"""Datagrams with the instant at which the kernel received them, so that a busy process does not blur measurements."""

import socket
import struct
import sys
import time
from collections.abc import Iterator

_DATAGRAM_BYTES = 2048
_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("@ll")
_STALE_SECONDS = 5.0


def open_socket(host: str) -> socket.socket:
    """Return a non-blocking UDP socket on a free port of `host` that notes when datagrams come (Linux: socket(7)).

    The first such socket on a machine makes Linux begin to note, some milliseconds later; what comes before that gets
    the instant at which it is read.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        if sys.platform == "linux":
            sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        sock.bind((host, 0))
    except OSError:
        sock.close()
        raise
    return sock


def waiting_datagrams(sock: socket.socket) -> Iterator[tuple[bytes, float]]:
    """Yield each datagram that waits in `sock` with its instant on the clock of `time.monotonic`."""
    while True:
        try:
            data, notes, _, _ = sock.recvmsg(_DATAGRAM_BYTES, socket.CMSG_SPACE(_TIMESPEC.size))
        except OSError:
            return
        yield data, time.monotonic() - _age(notes)


def _age(notes: list[tuple[int, int, bytes]]) -> float:
    """Seconds since the kernel received the datagram; 0 where it does not tell, or the wall clock was set meanwhile."""
    for level, kind, value in notes:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(value) >= _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack_from(value)
            age = time.time() - (seconds + nanoseconds / 1e9)
            return age if 0 <= age < _STALE_SECONDS else 0.0
    return 0.0
