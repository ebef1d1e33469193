"""A waiting caller's loudspeaker: one track, music, sentences, and a fade that waits for nothing."""

import asyncio
import logging
from dataclasses import dataclass, replace

import numpy as np

from callcenter.inroom.sender.clips import Clip, Clips
from callcenter.inroom.sender.opus import PACKET_SAMPLES, PACKET_SECONDS, encode
from callcenter.inroom.sender.visit import Visit
from callcenter.inroom.sound.music import RATE, Samples

logger = logging.getLogger(__name__)

CUT_SECONDS = 0.1  # of a sentence that music takes the place of
SILENCE_SECONDS = 1.0  # for the sender to say so


@dataclass(frozen=True)
class Playing:
    """What plays since an instant of the loop's clock; `ended` has how many packets of it were sent."""

    samples: Samples
    packets: int
    again: bool
    since: float
    ended: asyncio.Future[int | None]


class Loudspeaker:
    """Plays one thing at a time in one visit. Once it is closed it plays nothing."""

    def __init__(self, visit: Visit, clips: Clips) -> None:
        self._visit = visit
        self._clips = clips
        self._playing: Playing | None = None
        self._said: Playing | None = None  # the last sentence
        self._ready: dict[int, tuple[Samples, Clip]] = {}
        self._beginning: asyncio.Task[None] | None = None
        self._closed = False
        self.started = asyncio.Event()

    async def prepare(self, samples: Samples) -> None:
        """Have this ready, so that it begins at once when it is played: minutes of sound take seconds to encode."""
        self._ready[id(samples)] = samples, await self._clips.of(samples)

    def music(self, samples: Samples) -> None:
        """Play `samples` round and round, in the background, unless music plays already."""
        plays = self._playing is not None and self._playing.again and not self._playing.ended.done()
        if not self._closed and not plays and self._beginning is None:
            self._beginning = asyncio.create_task(self._begin(samples))

    async def _begin(self, samples: Samples) -> None:
        try:
            clip = await self._clip(samples)
            await self._fade(CUT_SECONDS)
            self._play(clip, samples, again=True)
        except Exception as error:
            logger.exception("no music can be played")
            self._visit.fail(f"no music: {type(error).__name__}")
        finally:
            if self._beginning is asyncio.current_task():
                self._beginning = None

    async def say(self, samples: Samples) -> float:
        """Play `samples` once; returns how much of it was sent, from 0 to 1, when it has ended or something took its
        place. When cancelled it plays on: `fade` or `stop` ends that."""
        self._said = None
        clip = await self._clip(samples)
        await self._begin_nothing()
        if self._closed:
            return 0.0
        playing = self._said = self._play(clip, samples, again=False)
        await asyncio.shield(playing.ended)
        return self.share_heard()

    async def fade(self, seconds: float) -> None:
        """Let what plays fade out within `seconds`."""
        await self._begin_nothing()
        await self._fade(seconds)

    async def _fade(self, seconds: float) -> None:
        playing = self._playing
        if playing is None or playing.ended.done() or self._closed:
            return
        start = (await self._visit.where() + 1) * PACKET_SAMPLES
        if playing.ended.done():
            return
        rest = _following(playing, start, int(seconds * RATE))
        if len(rest):
            gain = np.linspace(1.0, 0.0, num=len(rest))
            packets = await asyncio.to_thread(encode, (rest * gain).astype(np.int16))
            faded = self._visit.play(Clip("", packets))
            self._playing = replace(playing, again=False)  # no music any more, even if nobody waits for its end
            await asyncio.wait((faded,), timeout=seconds + SILENCE_SECONDS)
        else:
            await self._silence(playing)

    async def stop(self) -> None:
        """Be silent at once."""
        await self._begin_nothing()
        if self._playing is not None:
            self._visit.stop()
            self._playing = replace(self._playing, again=False)
            await self._silence(self._playing)

    def share_heard(self) -> float:
        """How much of the sentence that was said last has been sent, from 0 to 1; by the clock while it plays."""
        playing = self._said
        if playing is None:
            return 0.0
        loop = asyncio.get_running_loop()
        sent = playing.ended.result() if playing.ended.done() else None
        if sent is None:
            sent = int((loop.time() - playing.since) / PACKET_SECONDS)
        return min(1.0, sent / playing.packets) if playing.packets else 1.0

    async def close(self) -> None:
        """Play nothing any more."""
        self._closed = True
        await self.stop()

    def _play(self, clip: Clip, samples: Samples, *, again: bool) -> Playing:
        since = asyncio.get_running_loop().time()
        ended = self._visit.play(clip, again=again)
        self._playing = Playing(samples, len(clip.packets), again, since, ended)
        self.started.set()
        return self._playing

    async def _clip(self, samples: Samples) -> Clip:
        ready = self._ready.get(id(samples))
        return ready[1] if ready is not None else await self._clips.of(samples)

    async def _begin_nothing(self) -> None:
        beginning, self._beginning = self._beginning, None
        if beginning is not None:
            beginning.cancel()
            await asyncio.gather(beginning, return_exceptions=True)

    async def _silence(self, playing: Playing) -> None:
        await asyncio.wait((playing.ended,), timeout=SILENCE_SECONDS)


def _following(playing: Playing, position: int, count: int) -> Samples:
    """The next `count` samples from `position`: round the loop, or fewer at the end of a sentence."""
    if not playing.again:
        return playing.samples[position : position + count]
    return np.take(playing.samples, np.arange(position, position + count), mode="wrap")
