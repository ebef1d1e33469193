"""The media of one call: an RTP socket that records all it receives and sends speech, digits or comfort silence."""

import asyncio
import secrets
import socket
import time
from collections.abc import Callable

from callcenter.platform.embedded.phone.media.arrival import open_socket, waiting_datagrams
from callcenter.platform.embedded.phone.media.g711 import Codec, Samples
from callcenter.platform.embedded.phone.media.outbox import Outbox, Press, Speech
from callcenter.platform.embedded.phone.media.pacer import Pacer
from callcenter.platform.embedded.phone.media.recording import Recording, SaidRecording, Utterance
from callcenter.platform.embedded.phone.media.rtp import (
    FRAME_SAMPLES,
    Packet,
    TelephoneEvent,
    decode,
    decode_event,
)


class RtpStream:
    """Receives from the moment it is made, sends from `connect` on.

    `on_audio` is called after each received audio packet.
    """

    def __init__(self, host: str, pacer: Pacer, on_audio: Callable[[], None]) -> None:
        self.heard = Recording()
        self.said = SaidRecording()
        self.digits_heard: list[tuple[float, str]] = []
        self._pacer = pacer
        self._on_audio = on_audio
        self._outbox = Outbox()
        self._codec: Codec | None = None
        self._event_type: int | None = None
        self._remote = ("", 0)
        self._sequence = secrets.randbelow(1 << 15)
        self._timestamp = secrets.randbelow(1 << 31)
        self._ssrc = secrets.randbits(32)
        self._begins = True
        self._last_event_timestamp: int | None = None
        self._socket: socket.socket = open_socket(host)
        self.port: int = self._socket.getsockname()[1]
        asyncio.get_running_loop().add_reader(self._socket, self._read)

    def connect(self, remote: tuple[str, int], codec: Codec, event_type: int | None) -> None:
        """Send to `remote` (an address, not a name) from now on; `event_type` is the payload type of digits, if any."""
        self._remote, self._codec, self._event_type = remote, codec, event_type

    def start(self) -> None:
        """Begin, or begin again, to send 20 ms frames."""
        self._begins = True
        self._pacer.add(self)

    def stop(self) -> None:
        """Send nothing more, as a phone whose network is gone; receiving goes on."""
        self._pacer.remove(self)

    def give_up(self, error: Exception) -> None:
        """Drop what is still to be said; whoever waits for it gets `error`."""
        self._outbox.fail(error)

    def close(self, error: Exception) -> None:
        """End both directions; whoever waits for something to be said gets `error`."""
        if self._socket.fileno() < 0:
            return
        self._read()
        self.stop()
        self._outbox.fail(error)
        self.heard.ended_at = self.said.ended_at = time.monotonic()
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def say(self, samples: Samples) -> asyncio.Future[Utterance]:
        """Queue speech; the future resolves when its last frame has been sent."""
        if self._codec is None:
            raise RuntimeError("the stream has nobody to speak to yet")
        done: asyncio.Future[Utterance] = asyncio.get_running_loop().create_future()
        self._outbox.speeches.append(Speech(self._codec.encode(samples), done))
        return done

    def press(self, digit: str) -> asyncio.Future[None]:
        """Queue a key press, before any speech; the future resolves when it is over."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._outbox.presses.append(Press(digit, done))
        return done

    @property
    def takes_digits(self) -> bool:
        """Whether the other side takes telephone events."""
        return self._event_type is not None

    def send_frame(self) -> None:
        """Send the next 20 ms: a digit, speech, or silence; called by the pacer."""
        if self._codec is None:
            return
        if not self._send_press():
            self._send_audio(self._codec)
        self.skip_frames(1)

    def skip_frames(self, count: int) -> None:
        """Let the time of so many frames go by."""
        self._timestamp = (self._timestamp + count * FRAME_SAMPLES) & 0xFFFFFFFF

    def _send_audio(self, codec: Codec) -> None:
        speech = self._outbox.next_speech()
        frame = speech.next_frame(codec) if speech else bytes([codec.silence]) * FRAME_SAMPLES
        at = self._send(codec.payload_type, frame, marker=self._begins)
        self._begins = False
        if speech and (utterance := speech.sent(at)):
            self.said.utterances.append(utterance)
            self._outbox.speeches.popleft()

    def _send_press(self) -> bool:
        """Send what is due of a key press; False if there is none, or it pauses."""
        if not self._outbox.presses:
            return False
        press = self._outbox.presses[0]
        if press.frames == 0:
            press.started = self._timestamp
        reports = press.next_reports()
        if reports is None:
            if press.done.done():
                self._outbox.presses.popleft()
            return False
        for report in reports:
            self._send_event(report, press.started, marker=press.frames == 1)
        return True

    def _send_event(self, report: TelephoneEvent, started: int, *, marker: bool) -> None:
        if self._event_type is not None:
            self._send(self._event_type, report.encode(), marker=marker, timestamp=started)

    def _send(self, payload_type: int, payload: bytes, *, marker: bool, timestamp: int | None = None) -> float:
        stamp = self._timestamp if timestamp is None else timestamp
        packet = Packet(time.monotonic(), self._sequence, stamp, self._ssrc, payload_type, marker, payload)
        self._sequence = (self._sequence + 1) & 0xFFFF
        try:
            self._socket.sendto(packet.encode(), self._remote)
        except OSError:
            return packet.at  # lost, as a packet may be: the far port may be closed already
        self.said.add(packet)
        return packet.at

    def _read(self) -> None:
        for data, at in waiting_datagrams(self._socket):
            packet = decode(data, at)
            if packet is None:
                continue
            if self.heard.add(packet):
                self._on_audio()
            elif packet.payload_type == self._event_type:
                self._note_digit(packet)

    def _note_digit(self, packet: Packet) -> None:
        event = decode_event(packet.payload)
        if event is not None and packet.timestamp != self._last_event_timestamp:
            self._last_event_timestamp = packet.timestamp
            self.digits_heard.append((packet.at, event.digit))
