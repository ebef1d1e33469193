"""Every word of the caller and of the agent, on its way to the desk the moment it is final.

The caller's words come from the speech recogniser's final results with the voice detector's times; the agent's words
from what was really played, cut where the caller interrupted.
"""

import time
from collections.abc import AsyncIterable, AsyncIterator, Callable
from datetime import UTC, datetime

from livekit.agents import llm, stt

from callcenter.inroom.client.outbox import MAX_TEXT_LENGTH
from callcenter.inroom.client.text import storable
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import Interim, Saying, Segment

# The detector reports speech once it has lasted for two windows (inference.VAD min_speech_duration), on 30 ms of input.
ONSET_SECONDS = 0.1

Say = Callable[..., Segment]


def instant(timestamp: float) -> datetime:
    """A Unix timestamp as an aware instant."""
    return datetime.fromtimestamp(timestamp, UTC)


def _unheard(_words: Interim) -> None:
    pass


class Transcript:
    """Turns what the session hears and says into segments. `say` is `DeskLink.say` for this call's offer; `tell` passes
    on what is not final."""

    def __init__(
        self,
        offer_id: str,
        say: Say,
        clock: Callable[[], float] = time.time,
        tell: Callable[[Interim], None] = _unheard,
        *,
        supervisor: str = "",
    ) -> None:
        """With `supervisor` what is heard are this participant's words, otherwise the caller's."""
        self._offer_id = offer_id
        self._supervisor = supervisor
        self._say = say
        self._clock = clock
        self._speech_started_at: float | None = None
        self._tell = tell
        self._utterances = 0
        self._sentences = 0
        self._told = ""
        self._guess: tuple[str, float] | None = None  # what, and when

    async def listen(self, events: AsyncIterable[stt.SpeechEvent]) -> AsyncIterator[stt.SpeechEvent]:
        """Pass recogniser events through, telling each guess and storing each final result."""
        async for event in events:
            self.heard(event)
            yield event

    def heard(self, event: stt.SpeechEvent) -> None:
        """Note when the caller began to speak; store what was said once it is final. Empty results are dropped."""
        if event.type is stt.SpeechEventType.START_OF_SPEECH:
            self._speech_started_at = self._clock() - ONSET_SECONDS
        if event.type is stt.SpeechEventType.PREFLIGHT_TRANSCRIPT and not self._supervisor:
            self._guessed(event.alternatives[0].text)
        if event.type is not stt.SpeechEventType.FINAL_TRANSCRIPT or not event.alternatives:
            return
        words = event.alternatives[0]
        self._store(words.text, event.speech_end_time or self._clock(), words.language or None)

    def close(self) -> None:
        """Nothing more comes: who hangs up just after a guess at their last words has said them all the same."""
        if self._guess:
            self._store(*self._guess, None)

    def _store(self, said: str, ended_at: float, language: str | None) -> None:
        text = storable(said).strip()
        started_at = min(self._speech_started_at or ended_at, ended_at)
        self._speech_started_at = None
        self._guess = None
        if text:
            of_supervisor = {"identity": self._supervisor} if self._supervisor else {}
            self._utterances = self._say(
                self._offer_id,
                Speaker.SUPERVISOR if self._supervisor else Speaker.CALLER,
                text,
                started_at=instant(started_at),
                ended_at=instant(ended_at),
                language=language,
                **of_supervisor,
            ).seq

    def _guessed(self, text: str) -> None:
        """What the recogniser makes of the caller's words so far, who may speak on."""
        words = storable(text).strip()[:MAX_TEXT_LENGTH]
        if words:
            self._guess = text, self._clock()
            number = self._utterances + 1
            self._tell(Interim(offer_id=self._offer_id, speaker=Speaker.CALLER, seq=number, text=words))

    def of_supervisor(self, identity: str) -> "Transcript":
        """For the words of this participant."""
        return Transcript(self._offer_id, self._say, self._clock, supervisor=identity)

    def saying(self, heard: str, started_at: float) -> Saying | None:
        """What was heard by now of the present sentence, if more than was told before; it began at a Unix time."""
        text = storable(heard).strip()[:MAX_TEXT_LENGTH]
        if not text or text == self._told:
            return None
        self._told = text
        now = instant(max(started_at, self._clock()))
        return Saying(seq=self._sentences + 1, text=text, started_at=instant(started_at), heard_at=now)

    def said(self, message: llm.ChatMessage, silent_since: float | None = None) -> None:
        """Store what the agent said: the session has already cut an interrupted sentence to what was played.

        `silent_since` is the Unix time at which the sound stopped; the session's own count of an interrupted sentence
        goes on until the caller's words are final.
        """
        text = storable(message.text_content or "").strip()
        if message.role != "assistant" or not text:
            return
        started_at = message.metrics.get("started_speaking_at", message.created_at)
        ended_at = message.metrics.get("stopped_speaking_at", self._clock())
        if message.interrupted and silent_since is not None:
            ended_at = min(ended_at, silent_since)
        self._told = ""
        self._sentences = self._say(
            self._offer_id,
            Speaker.AGENT,
            text,
            started_at=instant(started_at),
            ended_at=instant(max(started_at, ended_at)),
            interrupted=message.interrupted,
        ).seq

    def bridged(self, text: str, started_at: float, ended_at: float, interrupted: bool) -> None:
        """Store what was said to bridge a silence, between two Unix times."""
        self._sentences = self._say(
            self._offer_id,
            Speaker.AGENT,
            text,
            started_at=instant(started_at),
            ended_at=instant(ended_at),
            interrupted=interrupted,
        ).seq
