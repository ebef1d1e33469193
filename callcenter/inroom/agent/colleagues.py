"""Supervisors in the room, listened to: one stream of recognition for each, beside the caller's."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable

from livekit import rtc
from livekit.agents import stt, vad

from callcenter.inroom.agent.ears import EarlyEars
from callcenter.inroom.agent.models import MODEL_CONNECTION, Recogniser
from callcenter.inroom.agent.transcript import Transcript

logger = logging.getLogger(__name__)

PREFIX = "supervisor-"
RATE = 24_000
FRAME_MS = 50
AGAIN_SECONDS = 0.5
LOOK_SECONDS = 0.05


class Colleagues:
    """Hears every supervisor's microphone for as long as it is in the room. `began` is told when one begins to speak,
    `said` what they said; each one's words go to a transcript of their own, which `transcript` makes."""

    def __init__(
        self,
        room: rtc.Room,
        recogniser: Recogniser,
        detector: Callable[[], vad.VAD],
        transcript: Callable[[str], Transcript],
        *,
        began: Callable[[str], None],
        said: Callable[[str, str], None],
    ) -> None:
        self._room = room
        self._recogniser = recogniser
        self._detector = detector
        self._new_transcript = transcript
        self._transcripts: dict[str, Transcript] = {}
        self._began = began
        self._said = said
        self._gone: dict[str, asyncio.Event] = {}  # by track: set when it is
        self._tasks: set[asyncio.Task[None]] = set()
        self._speaking: set[str] = set()

    def listen(self) -> None:
        """From now on, to those who are here and to those who come."""
        self._room.on("track_subscribed", self._on_track)
        self._room.on("track_unsubscribed", self._on_track_gone)
        for participant in self._room.remote_participants.values():
            for publication in participant.track_publications.values():
                if publication.track is not None:
                    self._on_track(publication.track, publication, participant)

    async def finished(self, seconds: float) -> None:
        """Once what was being said is understood, so many seconds at most."""
        for _ in range(round(seconds / LOOK_SECONDS)):
            if not (self._speaking or self._recogniser.busy):
                break
            await asyncio.sleep(LOOK_SECONDS)
        await asyncio.sleep(0)  # for the last word to be told

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _on_track(self, track: rtc.Track, _: rtc.RemoteTrackPublication, who: rtc.RemoteParticipant) -> None:
        if track.kind != rtc.TrackKind.KIND_AUDIO or not who.identity.startswith(PREFIX):
            return
        if track.sid not in self._gone:
            gone = self._gone[track.sid] = asyncio.Event()
            task = asyncio.create_task(self._hear(track, who.identity, gone))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _on_track_gone(self, track: rtc.Track, *_: object) -> None:
        if (gone := self._gone.pop(track.sid, None)) is not None:
            gone.set()

    async def _hear(self, track: rtc.Track, identity: str, gone: asyncio.Event) -> None:
        """To the track's end and the last word before it; a recogniser that failed is tried again with what is said
        next."""
        transcript = self._transcripts.setdefault(identity, self._new_transcript(identity))
        stream = rtc.AudioStream.from_track(track=track, sample_rate=RATE, num_channels=1, frame_size_ms=FRAME_MS)
        closing = asyncio.create_task(_close(stream, gone))
        try:
            while True:
                try:
                    ears = EarlyEars(self._recogniser, self._detector())
                    async for event in ears.listen(_frames(stream), MODEL_CONNECTION, to_the_end=True):
                        transcript.heard(event)
                        self._tell(identity, event)
                    return
                except Exception as error:
                    logger.warning("a colleague was not understood", extra={"error": type(error).__name__})
                    self._speaking.discard(identity)
                    await asyncio.sleep(AGAIN_SECONDS)
        finally:
            self._speaking.discard(identity)
            closing.cancel()
            await stream.aclose()

    def _tell(self, identity: str, event: stt.SpeechEvent) -> None:
        match event.type:
            case stt.SpeechEventType.START_OF_SPEECH:
                self._speaking.add(identity)
                self._began(identity)
            case stt.SpeechEventType.END_OF_SPEECH:
                self._speaking.discard(identity)
            case stt.SpeechEventType.FINAL_TRANSCRIPT if event.alternatives:
                if text := event.alternatives[0].text.strip():
                    self._said(identity, text)


async def _close(stream: rtc.AudioStream, gone: asyncio.Event) -> None:
    await gone.wait()
    await stream.aclose()


async def _frames(stream: rtc.AudioStream) -> AsyncGenerator[rtc.AudioFrame, None]:
    async for event in stream:
        yield event.frame
