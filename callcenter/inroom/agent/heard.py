"""What of a sentence was heard: the text that belongs to the sound that was played before it was cut off.

Sits between the session and its audio output, and takes the text the session forwards beside the sound. The session
asks for the text when playback has ended (`synchronized_transcript`). livekit-agents has a `TranscriptSynchronizer` for
this; it analyses the spectrum of all speech on the event loop, 100 to 150 ms at a time, only to estimate its pace.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from livekit import rtc
from livekit.agents.types import TimedString
from livekit.agents.utils import is_given
from livekit.agents.voice.io import AudioOutput, AudioOutputCapabilities, TextOutput

# English speech, for a sentence whose sound has not all come from the model yet.
CHARACTERS_PER_SECOND = 15.0


@dataclass(frozen=True)
class Part:
    """Text whose sound begins `start` seconds into the speech; None: right after the part before it."""

    text: str
    start: float | None = None


def heard_text(parts: Sequence[Part], position: float, length: float) -> str:
    """The text that was heard when `position` of `length` seconds were played: whole words, rounded down.

    Parts without a start of their own are read on to the part before them. The last part ends with the sound, or, where
    its sound has hardly begun to come, after the time that saying it takes.
    """
    starts = _spans(parts)
    heard = ""
    for index, (text, start) in enumerate(starts):
        end = starts[index + 1][1] if index + 1 < len(starts) else max(length, start + _seconds(text, start, length))
        if position < end:
            share = max(0.0, (position - start) / (end - start)) if end > start else 0.0
            return heard + _whole_words(text, share)
        heard += text
    return heard


def _spans(parts: Sequence[Part]) -> list[tuple[str, float]]:
    spans: list[tuple[str, float]] = []
    for part in parts:
        if part.start is None and spans:
            spans[-1] = (spans[-1][0] + part.text, spans[-1][1])
        else:
            spans.append((part.text, part.start or 0.0))
    return spans


def _seconds(text: str, start: float, length: float) -> float:
    """How long the last part lasts: its sound as far as it has come, unless that is far too short for its text."""
    come = length - start
    expected = len(text) / CHARACTERS_PER_SECOND
    return come if come > expected / 2 else expected


def _whole_words(text: str, share: float) -> str:
    cut = text[: int(len(text) * min(1.0, share))]
    if len(cut) == len(text) or text[len(cut)].isspace():
        return cut
    return cut[: len(cut) - len(cut.split(" ")[-1])]


class HeardText(TextOutput):
    """Takes the text of the speech that is played."""

    def __init__(self) -> None:
        super().__init__(label="heard text", next_in_chain=None)
        self.parts: list[Part] = []
        self._finished = False

    async def capture_text(self, text: str) -> None:
        if self._finished:
            self.forget()
        start = text.start_time if isinstance(text, TimedString) and is_given(text.start_time) else None
        self.parts.append(Part(str(text), start))

    def flush(self) -> None:
        self._finished = True

    def forget(self) -> None:
        self.parts.clear()
        self._finished = False


class HeardAudio(AudioOutput):
    """Passes sound on to `output` and, when playback ends, tells which of the text was heard."""

    def __init__(self, output: AudioOutput, text: HeardText) -> None:
        super().__init__(
            label="heard audio",
            next_in_chain=output,
            sample_rate=output.sample_rate,
            capabilities=AudioOutputCapabilities(pause=True),
        )
        self._text = text
        self._length = 0.0
        self._started_at: float | None = None
        self._dry_at = 0.0  # monotonic time at which all that came is played
        self._left: float | None = None  # what is left to play, while paused
        self.ended_at: float | None = None  # Unix time at which the last speech fell silent, if it was cut short
        self.before_speech: Callable[[], Awaitable[None]] | None = None
        self._unfinished = False

    def on_playback_started(self, *, created_at: float) -> None:
        self._started_at = created_at
        super().on_playback_started(created_at=created_at)

    @property
    def _sink(self) -> AudioOutput:
        """The output as the base class has wrapped it; past the wrapper its counts would not agree."""
        assert self.next_in_chain is not None
        return self.next_in_chain

    @property
    def sounds_until(self) -> float:
        """The instant, by `time.monotonic`, at which what has come so far is played out, or was."""
        return self._dry_at if self._left is None else time.monotonic() + self._left

    @property
    def unfinished(self) -> bool:
        """Whether more of the present speech is to come."""
        return self._unfinished

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        self._unfinished = True
        if self.before_speech is not None and not self._length:
            self._dry_at = max(self._dry_at, time.monotonic())
            await self.before_speech()
        await self._sink.capture_frame(frame)
        await super().capture_frame(frame)
        self._length += frame.duration
        if self._left is None:
            self._dry_at = max(self._dry_at, time.monotonic()) + frame.duration
        else:
            self._left += frame.duration

    def flush(self) -> None:
        self._unfinished = False
        super().flush()
        self._sink.flush()

    def clear_buffer(self) -> None:
        self._unfinished = False
        self._sink.clear_buffer()

    def pause(self) -> None:
        super().pause()
        if self._left is None:
            self._left = max(0.0, self._dry_at - time.monotonic())

    def resume(self) -> None:
        super().resume()
        if self._left is not None:
            self._dry_at, self._left = time.monotonic() + self._left, None

    def so_far(self) -> tuple[str, float] | None:
        """What was heard by now of the speech that is played, and the Unix time at which it began; None in silence."""
        if self._started_at is None:
            return None
        return heard_text(self._text.parts, self._position(), self._length), self._started_at

    def _position(self) -> float:
        """How many seconds were played by now, by the clock."""
        left = max(0.0, self._dry_at - time.monotonic()) if self._left is None else self._left
        return max(0.0, self._length - left)

    def on_playback_finished(
        self, *, playback_position: float, interrupted: bool, synchronized_transcript: str | None = None
    ) -> None:
        if not self._pending_playback_count:
            return
        # Playback pauses when the caller begins to speak, and is given up only when their words are final: what counts
        # is how much was played.
        cut = interrupted and self._started_at is not None
        self.ended_at = (self._started_at or 0.0) + playback_position if cut else None
        self._started_at = None
        parts, length = self._text.parts, self._length
        whole = "".join(part.text for part in parts)
        super().on_playback_finished(
            playback_position=playback_position,
            interrupted=interrupted,
            synchronized_transcript=heard_text(parts, playback_position, length) if interrupted else whole,
        )
        self._length = 0.0
        self._unfinished = False
        self._dry_at = min(self._dry_at, time.monotonic())
        if self._left is not None:
            self._left = 0.0
        self._text.forget()
