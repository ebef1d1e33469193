"""One caller's loudspeaker: one track, music in large frames, sentences, and a fade that does not wait for the queue.

A frame of one second and a queue of two cost a third of what 10 ms frames cost (experiments.md, E4). What is queued and
not yet played is taken back when the music has to stop.
"""

import asyncio
from dataclasses import dataclass

import numpy as np
from livekit import rtc

from callcenter.inroom.sound.music import RATE, Samples

FRAME_SECONDS = 1.0
QUEUE_SECONDS = 2.0
FADE_FRAME_SECONDS = 0.02


@dataclass(frozen=True)
class Playing:
    """What is in the queue: `samples` from `offset`, repeated for ever where `again`."""

    samples: Samples
    pushed: int
    again: bool


class Player:
    """Plays one thing at a time on one published track. When it is closed it plays nothing: a closed source takes frame
    after frame without ever waiting, and whoever feeds it music lets nothing else run in this process."""

    def __init__(self) -> None:
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=int(QUEUE_SECONDS * 1000))
        self._playing: Playing | None = None
        self._pusher: asyncio.Task[None] | None = None
        self._halted = False
        self._closed = False
        self.started = asyncio.Event()

    async def publish(self, room: rtc.Room, name: str) -> None:
        """Publish the track; livekit-sip answers a ringing call when it sees it."""
        track = rtc.LocalAudioTrack.create_audio_track(name, self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await room.local_participant.publish_track(track, options)

    def music(self, samples: Samples, start: int = 0) -> None:
        """Play `samples` round and round, in the background, from the sample `start` on, unless music plays already."""
        if self._closed or (self._playing is not None and self._playing.again and not self._halted):
            return
        self._halted = False
        self._playing = Playing(samples, start, again=True)
        self._pusher = asyncio.create_task(self._push(samples, start, again=True))

    async def say(self, samples: Samples) -> None:
        """Play `samples` once; returns when the last of them has left the queue.

        When cancelled it feeds nothing more, but what is queued plays on: `fade` or `stop` ends that.
        """
        if self._closed:
            return
        self._halted = False
        self._pusher = asyncio.create_task(self._push(samples, 0, again=False))
        try:
            await asyncio.shield(self._pusher)
            await self._source.wait_for_playout()
            self._playing = None
        except asyncio.CancelledError:
            self._halted = True
            raise

    async def fade(self, seconds: float) -> None:
        """Let what plays fade out within `seconds`, whatever is queued."""
        playing, position = await self._take_back()
        if playing is None or self._closed:
            return
        rest = _following(playing, position, int(seconds * RATE))
        gain = np.linspace(1.0, 0.0, num=max(1, len(rest)))
        await self._capture((rest * gain).astype(np.int16), FADE_FRAME_SECONDS)
        await self._source.wait_for_playout()

    async def stop(self) -> None:
        """Be silent at once."""
        await self._take_back()

    def share_heard(self) -> float:
        """How much of the sentence that plays has left the queue, from 0 to 1."""
        if self._playing is None:
            return 1.0
        return min(1.0, self._position(self._playing) / max(1, len(self._playing.samples)))

    async def close(self) -> None:
        self._closed = True
        await self._take_back()
        await self._source.aclose()

    async def _take_back(self) -> tuple[Playing | None, int]:
        """Stop feeding, empty the queue, and say up to which sample it was played.

        The feeder is waited for, not cancelled: the source takes no frame while the last one is pending, and emptying
        the queue lets that one go at the next 10 ms tick.
        """
        self._halted = True
        playing, self._playing = self._playing, None
        position = self._position(playing) if playing else 0
        self._source.clear_queue()
        if self._pusher is not None:
            await asyncio.gather(self._pusher, return_exceptions=True)
            self._pusher = None
            self._source.clear_queue()
        return playing, position

    def _position(self, playing: Playing) -> int:
        return max(0, playing.pushed - int(self._source.queued_duration * RATE))

    async def _push(self, samples: Samples, start: int, *, again: bool) -> None:
        frame = int(FRAME_SECONDS * RATE)
        pushed = start
        while not self._halted and (again or pushed < len(samples)):
            part = _following(Playing(samples, pushed, again), pushed, frame)
            pushed += len(part)
            self._playing = Playing(samples, pushed, again)
            await self._capture(part, FRAME_SECONDS)

    async def _capture(self, samples: Samples, frame_seconds: float) -> None:
        frame = int(frame_seconds * RATE)
        for start in range(0, len(samples), frame):
            part = samples[start : start + frame]
            self.started.set()
            await self._source.capture_frame(rtc.AudioFrame(part.tobytes(), RATE, 1, len(part)))


def _following(playing: Playing, position: int, count: int) -> Samples:
    """The next `count` samples from `position`: round the loop, or fewer at the end of a sentence."""
    if not playing.again:
        return playing.samples[position : position + count]
    return np.take(playing.samples, np.arange(position, position + count), mode="wrap")
