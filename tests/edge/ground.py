"""An edge of its own with telephones as its nodes: what passes it and what does not, without the engine."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from callcenter.platform.embedded.child import bound_to_parent
from callcenter.platform.embedded.ports import free_port
from sip.edge import Address, Edge, Limits, admission
from sip.edge import write as write_edge
from sip.edge.admission import read
from sip.edge.files import secret_of
from tests.edge.messages import request

LOOPBACK = "127.0.0.1"
TRUNKS = Path(__file__).with_name("trunks.yaml")
START_SECONDS = 5.0


@dataclass(frozen=True)
class LiveEdge:
    """A running Kamailio."""

    edge: Edge
    process: asyncio.subprocess.Process

    @property
    def sip(self) -> tuple[str, int]:
        return self.edge.outside.host, self.edge.outside.port


def planned(folder: Path, nodes: int, limits: Limits | None = None, state_url: str = "") -> Edge:
    """An edge on free ports, with room for so many nodes."""
    ports = [Address(LOOPBACK, free_port(socket.SOCK_DGRAM, socket.SOCK_STREAM)) for _ in range(2 + nodes)]
    return Edge(
        admission(read([TRUNKS])),
        ports[0],
        ports[1],
        tuple(ports[2:]),
        folder,
        secret_of(folder),
        state_url=state_url,
        limits=limits or Limits(),
    )


@contextlib.asynccontextmanager
async def running(edge: Edge) -> AsyncIterator[LiveEdge]:
    """Start Kamailio on this edge's folder, wait until it answers, and end it afterwards."""
    path = write_edge(edge)
    with (edge.folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *bound_to_parent(("kamailio", "-f", str(path), "-DD", "-E", "-m", "32", "-M", "8", "-w", "/tmp")),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                while await answer_to(edge.inside, options(edge.inside), 0.1) is None:
                    assert process.returncode is None, (edge.folder / "log").read_text()
            yield LiveEdge(edge, process)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()


def options(to: Address, source: str = LOOPBACK) -> bytes:
    """A keepalive."""
    return request("OPTIONS", f"sip:{to}", source=source)


async def answer_to(to: Address, message: bytes, seconds: float, source: str = LOOPBACK) -> bytes | None:
    """The first datagram that comes back to this one, None if none does in time."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        client.bind((source, 0))
        client.connect((to.host, to.port))
        try:
            await loop.sock_sendall(client, message)
            async with asyncio.timeout(seconds):
                return await loop.sock_recv(client, 65535)
        except (TimeoutError, OSError):
            return None
