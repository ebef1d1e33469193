"""Questions to a running edge, and waiting for what becomes of them."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from sip.edge.rpc import nodes
from tests.edge.ground import LOOPBACK, LiveEdge, answer_to
from tests.edge.messages import status
from tests.edge.node import Node, call_id_of

QUIET = 0.15  # seconds in which an answer on this machine would have come
STRANGER = "127.0.0.7"


async def ask(edge: LiveEdge, message: bytes, source: str = LOOPBACK, seconds: float = 3.0) -> int | None:
    """The status of the first answer; 100 once the edge has taken it."""
    return status(await answer_to(edge.edge.outside, message, seconds, source))


async def arrival(node: Node, message: bytes) -> float:
    """The instant at which this call reached the node."""
    mine = call_id_of(message)

    def found() -> list[float]:
        return [at for at, data in node.arrived if call_id_of(data) == mine]

    assert await until(lambda: bool(found()), 3)
    return found()[0]


def states(edge: LiveEdge) -> list[str]:
    """Of the nodes, in the edge's order."""
    found = {one["node"]: one["state"] for one in nodes(edge.edge.folder)}
    return [found[str(node)] for node in edge.edge.nodes]


async def final(edge: LiveEdge, message: bytes, source: str = LOOPBACK) -> int:
    """The final status of a call, acknowledged by nobody: the edge gives up repeating it."""
    loop = asyncio.get_running_loop()
    got: asyncio.Queue[int] = asyncio.Queue()

    class Caller(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            got.put_nowait(status(data) or 0)

    transport, _ = await loop.create_datagram_endpoint(Caller, local_addr=(source, 0), remote_addr=edge.sip)
    try:
        transport.sendto(message)
        async with asyncio.timeout(10):
            while (code := await got.get()) < 200:
                pass
        return code
    finally:
        transport.close()


async def until(true: Callable[[], bool], seconds: float) -> bool:
    """Whether this becomes true in time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.002)
    return True


async def until_async(look: Callable[[], Awaitable[object]], wanted: int, seconds: float) -> bool:
    """Whether the answer becomes this one in time."""
    deadline = time.monotonic() + seconds
    while await look() != wanted:
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.1)
    return True
