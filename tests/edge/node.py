"""What stands behind an edge in its tests: a node that writes down what reaches it and answers as it is told."""

import asyncio
import re
import time
from dataclasses import dataclass, field

from sip.edge import Address

ECHOED = re.compile(rb"(?im)^(?:via|v|record-route|from|f|to|t|call-id|i|cseq)[ \t]*:.*\r\n")


@dataclass
class Node(asyncio.DatagramProtocol):
    """`answers` is the status of every INVITE; OPTIONS is answered while `alive`, and nothing at all otherwise."""

    address: Address
    answers: int = 486
    alive: bool = True
    arrived: list[tuple[float, bytes]] = field(default_factory=list)
    _socket: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> "Node":
        loop = asyncio.get_running_loop()
        place = (self.address.host, self.address.port)
        self._socket, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=place)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._socket is not None
        self._socket.close()

    @property
    def invites(self) -> list[bytes]:
        """Every INVITE that arrived, once each."""
        found = {call_id_of(data): data for _, data in self.arrived if data.startswith(b"INVITE ")}
        return list(found.values())

    @property
    def requests(self) -> list[bytes]:
        """Everything that arrived but the edge's own keepalives and what ends a transaction."""
        return [data for _, data in self.arrived if not data.startswith((b"OPTIONS ", b"ACK ", b"SIP/2.0"))]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """asyncio calls this."""
        self.arrived.append((time.monotonic(), data))
        if not self.alive or data.startswith((b"ACK ", b"SIP/2.0")) or self._socket is None:
            return
        status = self.answers if data.startswith(b"INVITE ") else 200
        self._socket.sendto(reply(data, status), addr)


def reply(data: bytes, status: int) -> bytes:
    """A response to this request, as it is."""
    head = b"".join(
        line.replace(b"\r\n", _tagged(line)) for line in ECHOED.findall(data.partition(b"\r\n\r\n")[0] + b"\r\n")
    )
    return b"SIP/2.0 %d Answer\r\n%sContent-Length: 0\r\n\r\n" % (status, head)


def call_id_of(data: bytes) -> bytes:
    found = re.search(rb"(?im)^(?:call-id|i)[ \t]*:[ \t]*(\S+)", data)
    return found[1] if found else b""


def _tagged(line: bytes) -> bytes:
    lacks_tag = bool(re.match(rb"(?i)to?[ \t]*:", line) and b"tag=" not in line)
    return b";tag=node\r\n" if lacks_tag else b"\r\n"
