"""How SIP messages travel: UDP datagrams, or a TCP stream cut by Content-Length (RFC 3261, section 18)."""

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Protocol

from callcenter.platform.embedded.phone.sip.messages import Address

log = logging.getLogger(__name__)

Receiver = Callable[[bytes, Address], None]

_CONTENT_LENGTH = re.compile(rb"(?im)^(?:content-length|l)[ \t]*:[ \t]*(\d+)[ \t]*\r?$")


class Transport(Protocol):
    """A way for messages to go out and come in."""

    name: str
    reliable: bool
    address: Address

    async def send(self, data: bytes, to: Address) -> None:
        """Send one message; raises OSError if that is known to have failed."""

    async def close(self) -> None:
        """Send and receive nothing more."""


class UdpTransport(asyncio.DatagramProtocol):
    """One socket for all messages of a phone."""

    name = "UDP"
    reliable = False

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._socket: asyncio.DatagramTransport | None = None
        self.address: Address = ("", 0)

    async def open(self, local: Address) -> None:
        """Listen on `local`; port 0 finds a free one."""
        loop = asyncio.get_running_loop()
        self._socket, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=local)
        host, port = self._socket.get_extra_info("sockname")[:2]
        self.address = (host, port)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Hand a datagram on; asyncio calls this."""
        self._receiver(data, addr)

    async def send(self, data: bytes, to: Address) -> None:
        """Send one datagram; what is lost is lost."""
        if self._socket is not None:
            self._socket.sendto(data, to)

    async def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()


class TcpTransport:
    """A listener for the other side's connections, and connections of our own, kept open for reuse."""

    name = "TCP"
    reliable = True

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._server: asyncio.Server | None = None
        self._writers: dict[Address, asyncio.StreamWriter] = {}
        self._readers: set[asyncio.Task[None]] = set()
        self._connecting = asyncio.Lock()
        self.address: Address = ("", 0)

    async def open(self, local: Address) -> None:
        """Listen on `local`; port 0 finds a free one."""
        self._server = await asyncio.start_server(self._serve, *local)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.address = (host, port)

    async def send(self, data: bytes, to: Address) -> None:
        """Send over the connection with `to`, opening it first if there is none; raises OSError if that fails."""
        async with self._connecting:
            writer = self._writers.get(to)
            if writer is None or writer.is_closing():
                reader, writer = await asyncio.open_connection(*to)
                self._keep(to, reader, writer)
        writer.write(data)
        await writer.drain()

    async def close(self) -> None:
        """Stop listening and close every connection."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._readers):
            task.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._keep(writer.get_extra_info("peername")[:2], reader, writer)

    def _keep(self, peer: Address, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers[peer] = writer
        task = asyncio.get_running_loop().create_task(self._read(peer, reader, writer))
        self._readers.add(task)
        task.add_done_callback(self._readers.discard)

    async def _read(self, peer: Address, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lstrip(b"\r\n")
                if not head:
                    continue  # a keep-alive of empty lines (RFC 5626, section 4.4.1)
                found = _CONTENT_LENGTH.search(head)
                self._receiver(head + await reader.readexactly(int(found.group(1)) if found else 0), peer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            log.debug("SIP connection ended")
        finally:
            if self._writers.get(peer) is writer:
                del self._writers[peer]
            writer.close()
