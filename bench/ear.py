"""What the recorded packets of both directions say: when speech began and ended, and when the other side fell silent.

All instants are seconds on the clock of `time.monotonic`, as the phone stamps its packets.
"""

from dataclasses import dataclass
from typing import Protocol

from callcenter.platform.embedded.phone import Silence

# Of a silence that is an end and not a breath: longer than any pause within the agents' sentences, shorter than what
# is left of the caller's question once the agent has stopped.
END_SECONDS = 0.6
# An agent that pauses between two sentences cannot be interrupted.
SPEAKS_SECONDS = 0.2
# Nobody stops for a cough for less than this without pausing between sentences anyway.
FALSE_STOP_SECONDS = 0.8


class Track(Protocol):
    """One direction of a call, as `phone.Recording` keeps it."""

    def first_sound_at(self, after: float | None = None) -> float | None: ...

    def last_sound_at(self, before: float | None = None) -> float | None: ...

    def silences(self, min_seconds: float, since: float | None = None, until: float | None = None) -> list[Silence]: ...


@dataclass(frozen=True)
class Unmeasurable(Exception):
    """The recording does not show what was to be measured; the message says why."""

    because: str

    def __str__(self) -> str:
        return self.because


def speech_span(said: Track, first_frame_at: float, last_frame_at: float) -> tuple[float, float]:
    """When the sound of an utterance began and ended: its samples begin and end with a little silence.

    Raises Unmeasurable when there is no sound in it.
    """
    onset = said.first_sound_at(first_frame_at)
    end = said.last_sound_at(last_frame_at + 0.001)
    if onset is None or end is None or onset > last_frame_at or end <= onset:
        raise Unmeasurable("nothing was said")
    return onset, end


def answer_after(heard: Track, end: float, within: float) -> float:
    """Seconds from the end of the caller's speech to the first sound of the other side.

    Raises Unmeasurable when the other side was not silent at that moment, or nothing came in time.
    """
    last = heard.last_sound_at(end)
    if last is not None and end - last < 0.02:
        raise Unmeasurable("the agent spoke when the caller ended")
    first = heard.first_sound_at(end)
    if first is None or first - end > within:
        raise Unmeasurable("no answer came")
    return first - end


def silent_after(heard: Track, onset: float, until: float) -> float:
    """Seconds from the caller's first sound to the silence of an agent that was speaking.

    Raises Unmeasurable when the agent was not speaking, or spoke on.
    """
    last = heard.last_sound_at(onset)
    if last is None or onset - last > SPEAKS_SECONDS:
        raise Unmeasurable("the agent was not speaking when the caller began")
    ends = heard.silences(END_SECONDS, since=onset - SPEAKS_SECONDS, until=until)
    if not ends:
        raise Unmeasurable("the agent spoke on")
    return max(0.0, ends[0].start - onset)


def longest_silence(heard: Track, since: float, until: float) -> float:
    """Seconds of the longest silence between two instants."""
    return max((silence.seconds for silence in heard.silences(0.02, since=since, until=until)), default=0.0)


def spoke_between(heard: Track, since: float, until: float) -> bool:
    """Whether anything was heard between two instants."""
    first = heard.first_sound_at(since)
    return first is not None and first < until
