# ruff: noqa: ASYNC109 - every wait of the phone takes its limit as `timeout`
"""One call as its caller (or callee) lives it: what is said, what is heard, and how it ends."""

import asyncio
import logging
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Literal

from sipmessage import Request

from callcenter.platform.embedded.phone.errors import CallOver, NoResponse, PhoneError
from callcenter.platform.embedded.phone.media.g711 import Samples, codec
from callcenter.platform.embedded.phone.media.pacer import Pacer
from callcenter.platform.embedded.phone.media.recording import SOUND_THRESHOLD, Recording, SaidRecording, Utterance
from callcenter.platform.embedded.phone.media.rtp import DIGITS
from callcenter.platform.embedded.phone.media.stream import RtpStream
from callcenter.platform.embedded.phone.sip import sdp
from callcenter.platform.embedded.phone.sip.dialog import Dialog
from callcenter.platform.embedded.phone.sip.endpoint import Endpoint
from callcenter.platform.embedded.phone.sip.messages import ALLOW, Address, finish, reply_to, tag_of
from callcenter.platform.embedded.phone.watch import Watch

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CallEnd:
    """How a call ended: by which side, with which SIP status (200 after a BYE), and when on `time.monotonic`."""

    by: Literal["local", "remote"]
    status: int
    reason: str
    at: float


class Call:
    """What incoming and outgoing calls share. All instants are seconds on the clock of `time.monotonic`."""

    def __init__(self, endpoint: Endpoint, pacer: Pacer, dialog: Dialog, codecs: tuple[str, ...]) -> None:
        self.answered_at: float | None = None
        self.end: CallEnd | None = None
        self._endpoint = endpoint
        self._dialog = dialog
        self._codecs = codecs
        self._watch = Watch()
        self._ears = Watch()
        self._audio: sdp.AudioDescription | None = None
        self._media_stopped = False
        self._vanished = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._farewell: asyncio.Task[None] | None = None
        self._stream = RtpStream(endpoint.transport.address[0], pacer, self._ears.notify)

    @property
    def call_id(self) -> str:
        """The SIP Call-ID."""
        return self._dialog.call_id

    @property
    def tag(self) -> str:
        """Our side's mark in the dialog."""
        return tag_of(self._dialog.local)

    @property
    def heard(self) -> Recording:
        """Everything received."""
        return self._stream.heard

    @property
    def said(self) -> SaidRecording:
        """Everything sent."""
        return self._stream.said

    @property
    def digits_heard(self) -> list[tuple[float, str]]:
        """The keypad digits received, each with its instant."""
        return self._stream.digits_heard

    async def say(self, samples: Samples) -> Utterance:
        """Say 16-bit samples at 8 kHz in real time; return when the last frame has been sent.

        Speeches asked for at once come one after the other; cancelling stops the speech. Raises CallOver if the call
        ends before, PhoneError if it is not answered yet or its media are stopped.
        """
        self._must_talk()
        return await self._stream.say(samples)

    def send_digit(self, digit: str) -> asyncio.Future[None]:
        """Press a key (0-9, *, #, A-D) for 120 ms; returns at once, and the future resolves when it is over.

        Raises ValueError for another key, PhoneError if the other side takes no digits.
        """
        self._must_talk()
        if len(digit) != 1 or digit not in DIGITS:
            raise ValueError(f"digit must be one of {DIGITS}, not {digit!r}")
        if not self._stream.takes_digits:
            raise PhoneError("the other side takes no telephone events")
        return self._stream.press(digit)

    async def hears_sound(
        self, timeout: float | None, after: float | None = None, threshold: float = SOUND_THRESHOLD
    ) -> float:
        """Return the instant of the first sound that came at `after` (default: now) or later.

        Raises TimeoutError after `timeout` seconds, CallOver if the call ends before.
        """
        start = time.monotonic() if after is None else after

        def look() -> float | None:
            found = self.heard.first_sound_at(start, threshold)
            if found is None:
                self._must_last("nothing was heard")
            return found

        return await self._ears.until(look, timeout, lambda: "heard no sound")

    async def hears_silence(self, seconds: float, timeout: float | None, threshold: float = SOUND_THRESHOLD) -> float:
        """Wait until nothing was heard for `seconds` in a row, the time before this call counted in.

        Returns the instant at which that silence began: the last sound's end, or the answer if there was none.
        Missing packets are silence too. Raises TimeoutError after `timeout` seconds, CallOver if the call ends before.
        """
        loop = asyncio.get_running_loop()
        timer: asyncio.TimerHandle | None = None
        begun = self.answered_at or time.monotonic()

        def look() -> float | None:
            nonlocal timer
            since = self.heard.last_sound_at(threshold=threshold) or begun
            left = since + seconds - time.monotonic()
            if left <= 0:
                return since
            self._must_last("there was silence")
            if timer is not None:
                timer.cancel()
            timer = loop.call_later(left, self._watch.notify)
            return None

        try:
            return await self._watch.until(look, timeout, lambda: f"heard no silence of {seconds} s")
        finally:
            if timer is not None:
                timer.cancel()

    async def ended(self, timeout: float | None = None) -> CallEnd:
        """Return how the call ended, as soon as it has; raises TimeoutError after `timeout` seconds."""
        return await self._watch.until(lambda: self.end, timeout, lambda: "the call did not end")

    async def hang_up(self) -> None:
        """End the call and wait until the other side has agreed, or is known not to; harmless if it is over."""
        if self.end is None and self._farewell is None:
            self._farewell = self._start(self._say_goodbye())
        if self._farewell is not None:
            await asyncio.shield(self._farewell)

    def stop_media(self) -> None:
        """Send no RTP any more, as if the network had swallowed it; `start_media` undoes this."""
        self._media_stopped = True
        self._stream.stop()
        self._stream.give_up(PhoneError("media are stopped"))

    def start_media(self) -> None:
        """Send RTP again after `stop_media`."""
        self._media_stopped = False
        self._direct_media()

    def vanish(self) -> None:
        """Be gone without a word: no RTP, no SIP, and no answer to anything. What still comes is recorded."""
        self._vanished = True
        self._endpoint.ignore(self.call_id)
        self.stop_media()
        for task in self._tasks:
            task.cancel()
        if self.end is None:
            self.end = CallEnd("local", 0, "vanished", time.monotonic())
            self._watch.notify()
            self._ears.notify()

    async def close(self) -> None:
        """Free what the call holds; `hang_up` comes before."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._stream.close(CallOver("the phone was put away"))

    def forgettable(self, after_seconds: float) -> bool:
        """Whether the call ended so long ago that nothing of it can still be on its way."""
        return self.end is not None and not self._vanished and self.end.at + after_seconds < time.monotonic()

    def receive(self, request: Request, peer: Address) -> None:
        """Answer a request of the other side within this call."""
        if not self._dialog.owns(request):
            self._reply(request, 481, peer)
        elif request.method == "BYE":
            self._reply(request, 200, peer)
            self._finish("remote", 200, request.headers.get("Reason") or "BYE")
        elif request.method in ("INVITE", "UPDATE"):
            self._renegotiate(request, peer)
        elif request.method in ("OPTIONS", "INFO", "NOTIFY", "CANCEL"):
            self._reply(request, 200, peer)
        elif request.method != "ACK":
            self._reply(request, 501, peer)

    async def _say_goodbye(self) -> None:
        bye = self._dialog.request("BYE")
        finish(bye, None, "", "")
        self._finish("local", 200, "BYE")
        try:
            await self._endpoint.exchange(bye, self._dialog.next_hop)
        except NoResponse as error:
            log.info("nobody agreed to the end of the call", extra={"error": str(error)})

    def _renegotiate(self, request: Request, peer: Address) -> None:
        """Agree to a re-INVITE (or an UPDATE) with the codec in use and the direction asked for (RFC 3264, 8)."""
        self._dialog.retarget(request)
        offered = sdp.parse(request.body) if request.body else self._audio
        chosen = self._common_codec(offered)
        if offered is None or chosen is None:
            self._reply(request, 488, peer)
            return
        self._connect_media(offered, chosen)
        with_body = request.method == "INVITE" or bool(request.body)
        host, port = self._endpoint.transport.address[0], self._stream.port
        self._reply(request, 200, peer, sdp.answer(host, port, chosen, offered) if with_body else "")

    def _common_codec(self, audio: sdp.AudioDescription | None) -> str | None:
        return next((name for name in audio.codecs if name in self._codecs), None) if audio else None

    def _connect_media(self, audio: sdp.AudioDescription, codec_name: str) -> None:
        self._audio = audio
        self._stream.connect((audio.host, audio.port), codec(codec_name), audio.event_type)
        self._direct_media()

    def _direct_media(self) -> None:
        """Send or do not, as the other side's last description and `stop_media` say."""
        wanted = self._audio is not None and self._audio.direction in ("sendrecv", "recvonly")
        if wanted and not self._media_stopped and self.end is None and self._audio and self._audio.host != "0.0.0.0":  # noqa: S104
            self._stream.start()
        else:
            self._stream.stop()

    def _reply(self, request: Request, status: int, peer: Address, body: str = "", reason: str = "") -> None:
        response = reply_to(request, status, reason, tag=self.tag)
        headers = {"Contact": self._dialog.contact, "Allow": ALLOW} if 100 < status < 300 else None
        finish(response, headers, body, sdp.CONTENT_TYPE)
        self._endpoint.respond(request, response, peer)

    def _finish(self, by: Literal["local", "remote"], status: int, reason: str) -> None:
        """The call is over: note how, end its media, wake everybody who waits."""
        if self.end is None:
            self.end = CallEnd(by, status, reason, time.monotonic())
            self._stream.close(CallOver(f"the call ended: {status} {reason}"))
            self._watch.notify()
            self._ears.notify()

    def _must_talk(self) -> None:
        self._must_last("it could be used")
        if self.answered_at is None:
            raise PhoneError("the call is not answered yet")
        if self._media_stopped:
            raise PhoneError("media are stopped")

    def _must_last(self, before: str) -> None:
        if self.end is not None:
            raise CallOver(f"the call ended before {before}: {self.end.status} {self.end.reason}")

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
