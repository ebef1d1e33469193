# ruff: noqa: ASYNC109 - every wait of the phone takes its limit as `timeout`
"""A call that somebody makes to the phone."""

import asyncio
import time

from sipmessage import Request

from callcenter.platform.embedded.phone.call import Call
from callcenter.platform.embedded.phone.errors import PhoneError
from callcenter.platform.embedded.phone.media.pacer import Pacer
from callcenter.platform.embedded.phone.sip import sdp
from callcenter.platform.embedded.phone.sip.dialog import Dialog
from callcenter.platform.embedded.phone.sip.endpoint import Endpoint
from callcenter.platform.embedded.phone.sip.messages import Address, branch_of


class IncomingCall(Call):
    """An INVITE of somebody else, which wants to be rung, answered or refused."""

    def __init__(
        self,
        endpoint: Endpoint,
        pacer: Pacer,
        dialog: Dialog,
        codecs: tuple[str, ...],
        invite: tuple[Request, Address],
    ) -> None:
        super().__init__(endpoint, pacer, dialog, codecs)
        self.invited_at = time.monotonic()
        self._invite, self._peer = invite
        self._confirmed = False
        self._reply(self._invite, 100, self._peer)

    @property
    def caller(self) -> str:
        """The number (or name) in the From header."""
        return self._invite.from_address.uri.user or ""

    @property
    def callee(self) -> str:
        """The number (or name) that was called."""
        return self._invite.uri.user or ""

    @property
    def branch(self) -> str:
        """The mark of the INVITE's transaction, which a CANCEL carries too."""
        return branch_of(self._invite)

    def header(self, name: str) -> str | None:
        """Return a header of the INVITE."""
        return self._invite.headers.get(name)

    def ring(self) -> None:
        """Say that the phone rings (180)."""
        self._must_wait()
        self._reply(self._invite, 180, self._peer)

    async def answer(self, timeout: float | None = 5) -> float:
        """Take the call; return the instant of our 200 OK once it was acknowledged and media flow.

        Raises PhoneError if the offer has no audio that this phone understands (the call is refused with 488),
        TimeoutError if no ACK came within `timeout` seconds.
        """
        self._must_wait()
        offered = sdp.parse(self._invite.body)
        chosen = self._common_codec(offered)
        if offered is None or chosen is None:
            await self.refuse(488)
            raise PhoneError("the offer has no audio that this phone understands")
        self.answered_at = at = time.monotonic()
        host, port = self._endpoint.transport.address[0], self._stream.port
        self._reply(self._invite, 200, self._peer, sdp.answer(host, port, chosen, offered))
        self._connect_media(offered, chosen)
        await self._watch.until(self._look_for_ack, timeout, lambda: "the answer was not acknowledged")
        return at

    async def refuse(self, status: int = 486, reason: str = "") -> None:
        """Turn the call down with a final status: 486 busy, 480 away, 603 declined."""
        self._must_wait()
        self._reply(self._invite, status, self._peer, reason=reason)
        self._finish("local", status, reason)
        await asyncio.sleep(0)

    async def hang_up(self) -> None:
        """End the call: BYE after the answer, 603 before it; harmless if it is over."""
        if self.answered_at is None and self.end is None:
            await self.refuse(603)
        else:
            await super().hang_up()

    def withdrawn(self, cancel: Request, peer: Address) -> None:
        """Obey a CANCEL (RFC 3261, section 9.2)."""
        self._reply(cancel, 200, peer)
        if self.answered_at is None and self.end is None:
            self._reply(self._invite, 487, self._peer)
            self._finish("remote", 487, "CANCEL")

    def receive(self, request: Request, peer: Address) -> None:
        """Answer a request of the other side within this call."""
        if request.method == "ACK":
            self._confirmed = True
            self._watch.notify()
        super().receive(request, peer)

    def _look_for_ack(self) -> bool | None:
        if not self._confirmed:
            self._must_last("its answer was acknowledged")
        return self._confirmed or None

    def _must_wait(self) -> None:
        self._must_last("it was taken")
        if self.answered_at is not None:
            raise PhoneError("the call is answered already")
