"""The other ends of the line: a second phone, and a peer that says exactly what the test tells it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import numpy as np
from sipmessage import Request, Response

from callcenter.platform.embedded.phone import IncomingCall, OutgoingCall, Phone, Timers
from callcenter.platform.embedded.phone.media.g711 import Samples
from callcenter.platform.embedded.phone.sip.messages import Address, finish, parse, reply_to
from callcenter.platform.embedded.phone.sip.sdp import CONTENT_TYPE

IMPATIENT = Timers(first=0.05, longest=0.1, give_up=0.6)


def tone(seconds: float, hertz: float = 440, amplitude: float = 8000) -> Samples:
    """A sine at 8 kHz."""
    instants = np.arange(int(8000 * seconds)) / 8000
    samples: Samples = (amplitude * np.sin(2 * np.pi * hertz * instants)).astype(np.int16)
    return samples


@asynccontextmanager
async def two_phones(transport: str = "udp") -> AsyncIterator[tuple[Phone, Phone, AsyncIterator[IncomingCall]]]:
    """A phone that calls, a phone that is called, and the calls that reach the second."""
    async with Phone(transport=transport, local=("127.0.0.1", 0)) as callee:
        arriving = callee.listen()
        async with Phone(callee.address, transport) as caller:
            yield caller, callee, arriving


@asynccontextmanager
async def answered_call(transport: str = "udp") -> AsyncIterator[tuple[OutgoingCall, IncomingCall]]:
    """Both sides of a call that was answered."""
    async with two_phones(transport) as (caller, _, arriving):
        outgoing = await caller.invite("+15550100")
        incoming = await anext(arriving)
        await incoming.answer()
        await outgoing.answered()
        yield outgoing, incoming


class ScriptedPeer(asyncio.DatagramProtocol):
    """A SIP address on UDP that does nothing by itself: the test reads what came and says what to send."""

    def __init__(self) -> None:
        self._came: asyncio.Queue[tuple[Request | Response, Address]] = asyncio.Queue()
        self._socket: asyncio.DatagramTransport | None = None
        self.seen: list[str] = []
        self.phone: Address = ("", 0)
        self.address: Address = ("", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._socket = cast(asyncio.DatagramTransport, transport)
        self.address = transport.get_extra_info("sockname")

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = parse(data)
        self.seen.append(message.method if isinstance(message, Request) else str(message.code))
        self._came.put_nowait((message, addr))

    async def next(self, kind: str) -> Request | Response:
        """The next message that is this request (`INVITE`) or answer (`200`); what comes before is dropped."""
        async with asyncio.timeout(5):
            while True:
                message, self.phone = await self._came.get()
                if kind == (message.method if isinstance(message, Request) else str(message.code)):
                    return message

    async def request(self, kind: str) -> Request:
        """The next request of this method."""
        message = await self.next(kind)
        assert isinstance(message, Request)
        return message

    def nothing_came(self) -> bool:
        """Whether nothing is left unread."""
        return self._came.empty()

    def reply(self, request: Request, status: int, body: str = "", **headers: str) -> None:
        """Answer a request; `_` in a header's name stands for a hyphen."""
        response = reply_to(request, status, tag="peer")
        finish(response, {name.replace("_", "-"): value for name, value in headers.items()}, body, CONTENT_TYPE)
        self.send(bytes(response))

    def send(self, data: bytes) -> None:
        """Send bytes to where the last message came from."""
        assert self._socket is not None
        self._socket.sendto(data, self.phone)

    def ask(self, method: str, invite: Request, *, body: str = "", sequence: int = 900, branch: str = "") -> None:
        """Send a request within the call that the phone's INVITE opened."""
        host, port = self.address
        asked = Request(method, invite.contact[0].uri)
        asked.headers.set("Via", f"SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch or method}{sequence}")
        asked.headers.set("From", f"{invite.headers['To']};tag=peer")
        asked.headers.set("To", invite.headers["From"])
        asked.headers.set("Call-ID", invite.call_id)
        asked.headers.set("CSeq", f"{sequence} {method}")
        self.send(finish(asked, None, body, CONTENT_TYPE))

    def offer(self, like: Request, body: str) -> None:
        """Call the phone whose INVITE `like` was, always with the same INVITE."""
        host, port = self.address
        invite = Request("INVITE", like.contact[0].uri)
        invite.headers.set("Via", f"SIP/2.0/UDP {host}:{port};branch=z9hG4bKoffered")
        invite.headers.set("From", f"<sip:peer@{host}>;tag=peer")
        invite.headers.set("To", "<sip:phone@127.0.0.1>")
        invite.headers.set("Call-ID", "offered")
        invite.headers.set("CSeq", "1 INVITE")
        invite.headers.set("Contact", f"<sip:{host}:{port}>")
        self.send(finish(invite, None, body, CONTENT_TYPE))

    def close(self) -> None:
        assert self._socket is not None
        self._socket.close()


@asynccontextmanager
async def scripted_peer(timers: Timers = IMPATIENT) -> AsyncIterator[tuple[Phone, ScriptedPeer]]:
    """A phone whose server is a peer under the test's control."""
    loop = asyncio.get_running_loop()
    _, peer = await loop.create_datagram_endpoint(ScriptedPeer, local_addr=("127.0.0.1", 0))
    async with Phone(peer.address, timers=timers) as phone:
        yield phone, peer
        phone.abandon()
    peer.close()


def description(port: int = 40000, direction: str = "sendrecv", payload_types: str = "0") -> str:
    """A session description of the peer."""
    return (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {payload_types}\r\na={direction}\r\n"
    )
