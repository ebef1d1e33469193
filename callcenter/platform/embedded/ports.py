"""Ports: those that callers and browsers use must be free; those between the parts are found and remembered."""

import secrets
import socket
from dataclasses import dataclass

import psutil

from callcenter.platform.embedded.folder import DataFolder, read_json, write_json
from callcenter.platform.embedded.parts import StartError

LOOPBACK = "127.0.0.1"
QUIET_PORTS = range(20_000, 32_000)
_BOTH = (socket.SOCK_DGRAM, socket.SOCK_STREAM)
_KINDS = {"livekit_media": (socket.SOCK_DGRAM,), "sip_node": _BOTH, "sip_inside": _BOTH}


@dataclass(frozen=True)
class InternalPorts:
    """TCP, but for `livekit_media` (UDP: all WebRTC media through one port) and SIP's, which are both: where
    livekit-sip listens behind an edge, and where the edge listens for it."""

    postgres: int
    redis: int
    livekit: int
    livekit_media: int
    model: int
    sip_node: int
    sip_inside: int


def is_free(port: int, kind: socket.SocketKind = socket.SOCK_STREAM, host: str = LOOPBACK) -> bool:
    """Whether a server could listen there now. A TCP port whose old connections linger counts as free."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(*kinds: socket.SocketKind) -> int:
    """A port that is free now for all these kinds (TCP if none is given); whoever binds it next owns it.

    Below the range from which the kernel serves outgoing connections, one of which could take it before its owner does.
    """
    while True:
        port = secrets.randbelow(len(QUIET_PORTS)) + QUIET_PORTS.start
        if all(is_free(port, kind) for kind in kinds or (socket.SOCK_STREAM,)):
            return port


def internal_ports(folder: DataFolder) -> InternalPorts:
    """The ports of the last start where still free, otherwise new ones; remembered for the next start."""
    known = read_json(folder.ports)
    chosen: dict[str, int] = {}
    for name in InternalPorts.__dataclass_fields__:
        kinds = _KINDS.get(name, (socket.SOCK_STREAM,))
        port = known.get(name)
        if not isinstance(port, int) or port in chosen.values() or not all(is_free(port, kind) for kind in kinds):
            port = free_port(*kinds)
        chosen[name] = port
    write_json(folder.ports, chosen)
    return InternalPorts(**chosen)


def require_free(port: int, setting: str, purpose: str, *kinds: socket.SocketKind, host: str = LOOPBACK) -> None:
    """Raises `StartError`, with the port, its holder where that can be known, and the setting that moves it."""
    for kind in kinds:
        if not is_free(port, kind, host):
            protocol = "UDP" if kind == socket.SOCK_DGRAM else "TCP"
            raise StartError(
                f"{protocol} port {port} ({purpose}) is taken{_holder(port, kind)}: "
                f"stop that program, or choose another port with {setting}"
            )


def parse_range(text: str) -> tuple[int, int]:
    """`10000-10400` → both ends. Raises `StartError` unless it is a range of at least two usable ports."""
    low, high = (int(end) for end in text.split("-"))
    if not 1024 <= low < high <= 65535:
        raise StartError(f"CALLCENTER_RTP_PORTS={text}: expected LOW-HIGH with 1024 <= LOW < HIGH <= 65535")
    return low, high


def require_free_range(text: str, setting: str) -> None:
    """livekit-sip skips single ports that are taken; raises `StartError` when fewer than half of them are free."""
    low, high = parse_range(text)
    taken = [port for port in range(low, high + 1) if not is_free(port, socket.SOCK_DGRAM)]
    if len(taken) * 2 > high - low + 1:
        raise StartError(
            f"{len(taken)} of the UDP ports {text} (RTP) are taken{_holder(taken[0], socket.SOCK_DGRAM)}: "
            f"stop that program, or choose another range with {setting}"
        )


def _holder(port: int, kind: socket.SocketKind) -> str:
    try:
        for connection in psutil.net_connections("inet"):
            listening = kind == socket.SOCK_DGRAM or connection.status == psutil.CONN_LISTEN
            if connection.laddr and connection.laddr.port == port and connection.type == kind and listening:
                name = psutil.Process(connection.pid).name() if connection.pid else ""
                return f" by {name} (pid {connection.pid})" if name else ""
    except (psutil.Error, OSError):
        return ""
    return ""
