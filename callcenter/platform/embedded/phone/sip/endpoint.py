"""The transactions of a phone: requests and their answers, sent again while they may have been lost.

Source: RFC 3261, section 17, with the timer names of its table 4; 13.3.1.4 for repeating a 2xx until its ACK.
"""

import asyncio
import ipaddress
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from sipmessage import Request, Response

from callcenter.platform.embedded.phone.errors import NoResponse
from callcenter.platform.embedded.phone.sip.messages import Address, branch_of, finish, parse
from callcenter.platform.embedded.phone.sip.transport import TcpTransport, UdpTransport

log = logging.getLogger(__name__)

Trace = Callable[[str, bytes], None]


@dataclass(frozen=True)
class Timers:
    """Seconds: `first` repetition (T1), `longest` pause between repetitions (T2), `give_up` (64 times T1: B, F, H)."""

    first: float = 0.5
    longest: float = 4.0
    give_up: float = 32.0


class Endpoint:
    """Sends requests and finds their answers; hands on what others ask.

    `on_request` gets each request once, however often it is repeated; `on_repeated_answer` gets each 2xx to an INVITE
    that came again after the first, which wants another ACK. `trace`, if given, sees every message that comes ("<") or
    goes (">").
    """

    def __init__(
        self,
        transport: str,
        timers: Timers,
        on_request: Callable[[Request, Address], None],
        on_repeated_answer: Callable[[Response], None],
        trace: Trace | None = None,
    ) -> None:
        kinds: dict[str, type[UdpTransport] | type[TcpTransport]] = {"udp": UdpTransport, "tcp": TcpTransport}
        if transport not in kinds:
            raise ValueError(f"transport must be udp or tcp, not {transport!r}")
        self.transport = kinds[transport](self._receive)
        self.timers = timers
        self._on_request = on_request
        self._on_repeated_answer = on_repeated_answer
        self._trace = trace
        self._pending: dict[tuple[str, str], asyncio.Queue[Response]] = {}
        self._refusal_acks: dict[tuple[str, str], tuple[float, bytes, Address]] = {}
        self._served: dict[tuple[str, str], tuple[float, bytes]] = {}
        self._unacknowledged: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._ignored: set[str] = set()
        self._deaf = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, local: Address) -> None:
        """Listen on `local`; port 0 finds a free one. Raises OSError if that cannot be."""
        await self.transport.open(local)

    async def close(self) -> None:
        """Drop every transaction and close the transport."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.transport.close()

    def go_deaf(self) -> None:
        """Neither send nor take anything any more."""
        self._deaf = True

    def ignore(self, call_id: str) -> None:
        """Neither send nor take anything any more about one call."""
        self._ignored.add(call_id)

    async def exchange(
        self,
        request: Request,
        to: Address,
        *,
        on_sent: Callable[[], None] | None = None,
        on_provisional: Callable[[Response], None] | None = None,
    ) -> Response:
        """Send a request and return its final answer; an INVITE's refusal is acknowledged.

        An INVITE that rings is waited for without limit. Raises NoResponse if nothing came back in time, or the other
        side cannot be reached.
        """
        key = (branch_of(request), request.method)
        answers = self._pending[key] = asyncio.Queue()
        try:
            answer = await self._first_answer(request, to, answers, on_sent)
            while answer.code < 200:
                if on_provisional is not None:
                    on_provisional(answer)
                answer = await self._next_answer(request, answers)
        finally:
            del self._pending[key]
        if request.method == "INVITE" and answer.code >= 300:
            self._acknowledge_refusal(request, answer, to)
        return answer

    def post(self, message: Request | Response, to: Address) -> None:
        """Send a message that gets no answer."""
        self._start(self._send(bytes(message), to, message.call_id))

    def respond(self, request: Request, response: Response, to: Address) -> None:
        """Answer a request; repeated requests get the same answer, and an INVITE's final answer waits for its ACK."""
        data = bytes(response)
        now = time.monotonic()
        for key in [key for key, (expires_at, _) in self._served.items() if expires_at < now]:
            del self._served[key]
        self._served[(branch_of(request), request.method)] = (now + self.timers.give_up, data)
        self._start(self._send(data, to, request.call_id))
        if request.method == "INVITE" and response.code >= 200 and not self.transport.reliable:
            number = (request.call_id, request.cseq.sequence)
            self._unacknowledged[number] = self._start(self._repeat(data, to, number))

    async def _first_answer(
        self, request: Request, to: Address, answers: asyncio.Queue[Response], on_sent: Callable[[], None] | None
    ) -> Response:
        """Repeat a request until something comes back (timers A and B, E and F)."""
        pause = self.timers.first
        try:
            async with asyncio.timeout(self.timers.give_up):
                while True:
                    await self._send(bytes(request), to, request.call_id)
                    if on_sent is not None:
                        on_sent()
                        on_sent = None
                    try:
                        async with asyncio.timeout(None if self.transport.reliable else pause):
                            return await answers.get()
                    except TimeoutError:
                        pause = pause * 2 if request.method == "INVITE" else min(pause * 2, self.timers.longest)
        except TimeoutError as error:
            raise NoResponse(
                f"nothing came back from {to[0]}:{to[1]} to {request.method} in {self.timers.give_up} s"
            ) from error
        except OSError as error:
            raise NoResponse(f"cannot send {request.method} to {to[0]}:{to[1]}: {error}") from error

    async def _next_answer(self, request: Request, answers: asyncio.Queue[Response]) -> Response:
        try:
            async with asyncio.timeout(None if request.method == "INVITE" else self.timers.give_up):
                return await answers.get()
        except TimeoutError as error:
            raise NoResponse(f"no final answer to {request.method} in {self.timers.give_up} s") from error

    def _acknowledge_refusal(self, invite: Request, answer: Response, to: Address) -> None:
        """ACK a refusal, and again whenever it comes again (17.1.1.3, timer D)."""
        ack = Request("ACK", invite.uri)
        ack.headers.set("Via", invite.headers["Via"])
        ack.headers.set("Max-Forwards", "70")
        for name in ("Route", "From", "Call-ID"):
            for value in invite.headers.getlist(name):
                ack.headers.add(name, value)
        ack.headers.set("To", answer.headers["To"])
        ack.headers.set("CSeq", f"{invite.cseq.sequence} ACK")
        data = finish(ack, None, "", "")
        now = time.monotonic()
        for key in [key for key, (expires_at, *_) in self._refusal_acks.items() if expires_at < now]:
            del self._refusal_acks[key]
        self._refusal_acks[(branch_of(invite), "INVITE")] = (now + self.timers.give_up, data, to)
        self._start(self._send(data, to, invite.call_id))

    async def _repeat(self, data: bytes, to: Address, number: tuple[str, int]) -> None:
        """Send an INVITE's final answer again until its ACK has come (timers G and H)."""
        pause = self.timers.first
        deadline = time.monotonic() + self.timers.give_up
        try:
            while time.monotonic() < deadline:
                await asyncio.sleep(pause)
                await self._send(data, to, number[0])
                pause = min(pause * 2, self.timers.longest)
        finally:
            self._unacknowledged.pop(number, None)

    async def _send(self, data: bytes, to: Address, call_id: str) -> None:
        if self._deaf or call_id in self._ignored:
            return
        if self._trace is not None:
            self._trace(">", data)
        await self.transport.send(data, await _resolved(to))

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("a SIP message could not be sent", extra={"error": repr(error)})

    def _receive(self, data: bytes, peer: Address) -> None:
        if self._deaf or not data.strip():
            return
        if self._trace is not None:
            self._trace("<", data)
        try:
            message = parse(data)
            if message.call_id in self._ignored:
                return
            if isinstance(message, Response):
                self._receive_answer(message)
            else:
                self._receive_request(message, peer)
        except ValueError as error:
            log.warning("a SIP message could not be read", extra={"error": str(error)})

    def _receive_answer(self, answer: Response) -> None:
        key = (branch_of(answer), answer.cseq.method)
        if key in self._pending:
            self._pending[key].put_nowait(answer)
        elif key in self._refusal_acks and answer.code >= 300:
            _, data, to = self._refusal_acks[key]
            self._start(self._send(data, to, answer.call_id))
        elif answer.cseq.method == "INVITE" and 200 <= answer.code < 300:
            self._on_repeated_answer(answer)

    def _receive_request(self, request: Request, peer: Address) -> None:
        served = self._served.get((branch_of(request), request.method))
        if served is not None:
            self._start(self._send(served[1], peer, request.call_id))
            return
        if request.method == "ACK":
            repeating = self._unacknowledged.pop((request.call_id, request.cseq.sequence), None)
            if repeating is not None:
                repeating.cancel()
        self._on_request(request, peer)


async def _resolved(to: Address) -> Address:
    try:
        ipaddress.ip_address(to[0])
    except ValueError:
        found = await asyncio.get_running_loop().getaddrinfo(*to)
        host, port = found[0][4][:2]
        return str(host), int(port)
    return to
