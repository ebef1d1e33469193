# ruff: noqa: ASYNC109 - every wait of the phone takes its limit as `timeout`
"""A call that the phone makes."""

import asyncio
import time
from collections.abc import Mapping

from sipmessage import Request, Response

from callcenter.platform.embedded.phone.call import Call
from callcenter.platform.embedded.phone.errors import CallRefused, NoResponse, PhoneError
from callcenter.platform.embedded.phone.media.pacer import Pacer
from callcenter.platform.embedded.phone.sip import sdp
from callcenter.platform.embedded.phone.sip.dialog import Dialog
from callcenter.platform.embedded.phone.sip.digest import credentials
from callcenter.platform.embedded.phone.sip.endpoint import Endpoint
from callcenter.platform.embedded.phone.sip.messages import ALLOW, Address, finish

_CHALLENGES = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


class OutgoingCall(Call):
    """An INVITE of ours, its answer, and the talk that follows.

    `invited_at` and `ringing_at` are the instants of the first INVITE and the first 180, None before.
    """

    def __init__(
        self, endpoint: Endpoint, pacer: Pacer, dialog: Dialog, codecs: tuple[str, ...], server: Address
    ) -> None:
        super().__init__(endpoint, pacer, dialog, codecs)
        self.invited_at: float | None = None
        self.ringing_at: float | None = None
        self._server = server
        self._invite: Request | None = None
        self._failure: PhoneError | None = None
        self._provisional = False
        self._cancelled = False

    async def dial(self, headers: Mapping[str, str], auth: tuple[str, str] | None, description: str | None) -> None:
        """Send the INVITE and return; what comes back is told by `ringing`, `answered` and `ended`.

        `description` goes out as it is instead of our own session description. Raises NoResponse if the server
        cannot be reached at all, ValueError for headers or codecs that cannot be sent.
        """
        host, port = self._endpoint.transport.address[0], self._stream.port
        body = sdp.offer(host, port, self._codecs) if description is None else description
        invite = self._next_invite(headers, body)
        self._start(self._establish(invite, headers, auth, body))
        await self._watch.until(lambda: self._failure or self.invited_at, None, lambda: "not sent")
        if self.invited_at is None and self._failure is not None:
            raise self._failure

    async def ringing(self, timeout: float | None = 5) -> float:
        """Return the instant of the first 180.

        Raises CallRefused or NoResponse if the call failed before, PhoneError if it was answered without ringing,
        TimeoutError after `timeout` seconds.
        """

        def look() -> float | None:
            if self.ringing_at is None:
                self._must_not_have_failed()
                if self.answered_at is not None:
                    raise PhoneError("the call was answered without ringing")
            return self.ringing_at

        return await self._watch.until(look, timeout, lambda: f"the call does not ring: {self._progress()}")

    async def answered(self, timeout: float | None = 20) -> float:
        """Return the instant of the 200 OK, which was acknowledged.

        Raises CallRefused with the final status, NoResponse if nothing ever came back, TimeoutError after `timeout`
        seconds.
        """

        def look() -> float | None:
            if self.answered_at is None:
                self._must_not_have_failed()
            return self.answered_at

        return await self._watch.until(look, timeout, lambda: f"the call is not answered: {self._progress()}")

    async def cancel(self) -> None:
        """Give up a call that is not answered and wait until that is settled; an answered call is hung up.

        The CANCEL goes out after the first provisional response, as RFC 3261, section 9.1 wants it.
        """
        if self.answered_at is not None or self.end is not None:
            await super().hang_up()
            return
        if not self._cancelled:
            self._cancelled = True
            if self._provisional:
                self._start(self._send_cancel())
        await self.ended()
        if self._farewell is not None:
            await asyncio.shield(self._farewell)

    async def hang_up(self) -> None:
        """End the call: BYE after the answer, CANCEL before it; harmless if it is over."""
        await self.cancel()

    def confirm(self, response: Response) -> None:
        """Acknowledge a 200 OK, the first or a repeated one (RFC 3261, section 13.2.2.4)."""
        ack = self._dialog.numbered("ACK", response.cseq.sequence)
        finish(ack, None, "", "")
        self._endpoint.post(ack, self._dialog.next_hop)

    async def _establish(
        self, invite: Request, headers: Mapping[str, str], auth: tuple[str, str] | None, body: str
    ) -> None:
        try:
            answer = await self._exchange(invite)
            authorization = self._authorization(answer, auth)
            if authorization and not self._cancelled:
                self._provisional = False
                answer = await self._exchange(self._next_invite({**headers, **authorization}, body))
            if answer.code < 300:
                self._accepted(answer)
            else:
                self._fail(CallRefused(answer.code, answer.phrase), answer.code, answer.phrase)
        except NoResponse as error:
            self._fail(error, 408, "no response")
        except ValueError as error:
            self._fail(PhoneError(f"the answer cannot be read: {error}"), 400, "unreadable answer")

    def _next_invite(self, headers: Mapping[str, str], body: str) -> Request:
        self._dialog.sequence += 1
        invite = self._dialog.numbered("INVITE", self._dialog.sequence)
        finish(invite, {"Allow": ALLOW, **headers}, body, sdp.CONTENT_TYPE)
        self._invite = invite
        return invite

    async def _exchange(self, invite: Request) -> Response:
        return await self._endpoint.exchange(
            invite, self._server, on_sent=self._was_sent, on_provisional=self._progressed
        )

    def _authorization(self, answer: Response, auth: tuple[str, str] | None) -> dict[str, str]:
        """The header that answers a challenge; empty if there is none, or no way to answer it."""
        if answer.code not in _CHALLENGES or auth is None or self._invite is None:
            return {}
        asked, given = _CHALLENGES[answer.code]
        value = credentials(answer.headers.getlist(asked), "INVITE", str(self._invite.uri), *auth)
        return {given: value} if value else {}

    async def _send_cancel(self) -> None:
        """CANCEL carries the Via of its INVITE alone, and no Route but the INVITE's (section 9.1)."""
        if self._invite is None:
            return
        cancel = self._dialog.numbered("CANCEL", self._invite.cseq.sequence)
        cancel.headers.set("Via", self._invite.headers["Via"])
        finish(cancel, None, "", "")
        try:
            await self._endpoint.exchange(cancel, self._server)
        except NoResponse as error:
            if self.answered_at is None:
                self._fail(error, 408, "no response")

    def _was_sent(self) -> None:
        if self.invited_at is None:
            self.invited_at = time.monotonic()
            self._watch.notify()

    def _progressed(self, response: Response) -> None:
        if response.code == 180 and self.ringing_at is None:
            self.ringing_at = time.monotonic()
        if self._cancelled and not self._provisional:
            self._start(self._send_cancel())
        self._provisional = True
        self._watch.notify()

    def _accepted(self, response: Response) -> None:
        self._dialog.answered_by(response)
        self.confirm(response)
        audio = sdp.parse(response.body)
        chosen = self._common_codec(audio)
        if self._cancelled:
            self._failure = CallRefused(487, "cancelled, but answered meanwhile")
        elif audio is None or chosen is None:
            self._failure = CallRefused(488, "the answer has no audio that this phone understands")
        if self._failure is not None or audio is None or chosen is None:
            self._farewell = self._start(self._say_goodbye())
            return
        self.answered_at = time.monotonic()
        self._connect_media(audio, chosen)
        self._watch.notify()

    def _fail(self, error: PhoneError, status: int, reason: str) -> None:
        if self.end is None:
            self._failure = error
            self._finish("local" if self._cancelled else "remote", status, reason)

    def _must_not_have_failed(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._must_last("it was answered")

    def _progress(self) -> str:
        if self.ringing_at is not None:
            return "it rings"
        return "it was taken but does not ring" if self._provisional else "nothing came back from the server"
