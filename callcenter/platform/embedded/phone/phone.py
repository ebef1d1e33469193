"""A SIP phone for scripts: it makes and takes calls, many at once, speaks, presses keys, and records what it hears.

It is part of the demo (`make run` rings the company with it), of tests, and of measurements, so every packet keeps the
instant at which it came, and a phone can also misbehave: vanish, fall silent, refuse, never answer.
"""

import asyncio
import socket
import uuid
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Self

from sipmessage import Request, Response

from callcenter.platform.embedded.phone.call import Call
from callcenter.platform.embedded.phone.incoming import IncomingCall
from callcenter.platform.embedded.phone.media.pacer import Pacer
from callcenter.platform.embedded.phone.outgoing import OutgoingCall
from callcenter.platform.embedded.phone.sip.dialog import Dialog
from callcenter.platform.embedded.phone.sip.endpoint import Endpoint, Timers, Trace
from callcenter.platform.embedded.phone.sip.messages import (
    ALLOW,
    Address,
    finish,
    new_tag,
    reply_to,
    tag_of,
    uri_for,
)

_GOODBYE_SECONDS = 2.0


class Phone:
    """One SIP address with any number of calls; an asynchronous context manager.

    `server` takes its calls over `transport` (`udp` or `tcp`). `local` is where it listens, by default a free port of
    the address that leads to the server. `timers` tell how long it tries; `trace` sees every SIP message.
    """

    def __init__(
        self,
        server: Address = ("127.0.0.1", 5060),
        transport: str = "udp",
        *,
        local: Address | None = None,
        timers: Timers | None = None,
        trace: Trace | None = None,
    ) -> None:
        self._server = server
        self._local = local
        self._endpoint = Endpoint(transport, timers or Timers(), self._requested, self._answered_again, trace)
        self._pacer = Pacer()
        self._calls: dict[tuple[str, str], Call] = {}
        self._listeners: asyncio.Queue[IncomingCall] | None = None

    async def __aenter__(self) -> Self:
        """Open the phone's ports; raises OSError if they are taken or the server's name is unknown."""
        host, port = self._server
        found = await asyncio.get_running_loop().getaddrinfo(host, port, family=socket.AF_INET)
        self._server = (str(found[0][4][0]), port)
        await self._endpoint.open(self._local or (_address_towards(self._server), 0))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up every call that is left (waiting two seconds at most) and close all ports."""
        left = [asyncio.create_task(call.hang_up()) for call in self._calls.values()]
        if left:
            _, late = await asyncio.wait(left, timeout=_GOODBYE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        await asyncio.gather(*(call.close() for call in self._calls.values()))
        await self._endpoint.close()

    @property
    def address(self) -> Address:
        """Host and port at which the phone takes SIP."""
        return self._endpoint.transport.address

    async def invite(
        self,
        to: str,
        from_: str = "+15551230001",
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        codecs: tuple[str, ...] = ("PCMU", "PCMA"),
        sdp: str | None = None,
        call_id: str | None = None,
    ) -> OutgoingCall:
        """Call a number (`to`, E.164 or a whole SIP URI); return as soon as the INVITE is sent.

        `auth` is user and password for digest, `sdp` replaces our session description as it is (empty: none at all).
        Raises NoResponse if the server cannot be reached, ValueError for what cannot be sent.
        """
        dialog = self._dialog(call_id or str(uuid.uuid4()))
        dialog.target = uri_for(to, *self._server)
        dialog.local = f"<{uri_for(from_, self.address[0])}>;tag={new_tag()}"
        dialog.remote = f"<{dialog.target}>"
        call = OutgoingCall(self._endpoint, self._pacer, dialog, codecs, self._server)
        self._remember(call)
        try:
            await call.dial(headers or {}, auth, sdp)
        except BaseException:
            del self._calls[(call.call_id, call.tag)]
            await call.close()
            raise
        return call

    def listen(self) -> AsyncIterator[IncomingCall]:
        """Take calls from now on (they are refused with 480 otherwise); iterate to get each of them.

        Each is to be rung, answered or refused; until then the caller hears nothing.
        """
        queue = self._listeners = self._listeners or asyncio.Queue()

        async def arriving() -> AsyncIterator[IncomingCall]:
            while True:
                yield await queue.get()

        return arriving()

    def abandon(self) -> None:
        """Be gone without a word, with all calls: neither send nor answer anything any more."""
        self._endpoint.go_deaf()
        for call in self._calls.values():
            call.vanish()

    def _dialog(self, call_id: str) -> Dialog:
        host, port = self.address
        name = self._endpoint.transport.name
        transport = ";transport=tcp" if name == "TCP" else ""
        return Dialog(
            call_id=call_id,
            local="",
            remote="",
            target=uri_for("nobody", host),
            contact=f"<sip:phone@{host}:{port}{transport}>",
            via=f"SIP/2.0/{name} {host}:{port}",
            sequence=0,
        )

    def _requested(self, request: Request, peer: Address) -> None:
        """Hand a request to its call, open a call for an INVITE, or answer for the phone as a whole."""
        call = self._calls.get((request.call_id, tag_of(request.headers["To"])))
        if call is not None:
            call.receive(request, peer)
        elif request.method == "INVITE" and not tag_of(request.headers["To"]) and self._listeners is not None:
            self._take(request, peer, self._listeners)
        elif request.method == "CANCEL" and (ringing := self._with_branch(request)):
            ringing.withdrawn(request, peer)
        elif request.method != "ACK":
            self._answer_alone(request, peer)

    def _take(self, invite: Request, peer: Address, listeners: asyncio.Queue[IncomingCall]) -> None:
        dialog = self._dialog(invite.call_id)
        dialog.local = f"{invite.headers['To']};tag={new_tag()}"
        dialog.remote = invite.headers["From"]
        dialog.routes = invite.record_route
        dialog.retarget(invite)
        call = IncomingCall(self._endpoint, self._pacer, dialog, ("PCMU", "PCMA"), (invite, peer))
        self._remember(call)
        listeners.put_nowait(call)

    def _remember(self, call: Call) -> None:
        give_up = self._endpoint.timers.give_up
        self._calls = {key: kept for key, kept in self._calls.items() if not kept.forgettable(give_up)}
        self._calls[(call.call_id, call.tag)] = call

    def _with_branch(self, cancel: Request) -> IncomingCall | None:
        branch = cancel.via[0].parameters.get("branch")
        incoming = (call for call in self._calls.values() if isinstance(call, IncomingCall))
        return next((call for call in incoming if call.branch == branch), None)

    def _answer_alone(self, request: Request, peer: Address) -> None:
        status = {"OPTIONS": 200, "INVITE": 480}.get(request.method, 481)
        response = reply_to(request, status, tag=new_tag())
        finish(response, {"Allow": ALLOW}, "", "")
        self._endpoint.respond(request, response, peer)

    def _answered_again(self, response: Response) -> None:
        call = self._calls.get((response.call_id, tag_of(response.headers["From"])))
        if isinstance(call, OutgoingCall):
            call.confirm(response)


def _address_towards(server: Address) -> str:
    """The address of this machine from which packets to the server leave."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(server)
        return str(probe.getsockname()[0])
