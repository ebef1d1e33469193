"""Sounds as packets: encoded once, whoever plays them, and kept while they are played again and again."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from callcenter.inroom.sender.opus import PACKET_SECONDS, encode
from callcenter.inroom.sound.music import Samples

MOST_SECONDS = 1800.0  # 7 MB

Encoder = Callable[[Samples], tuple[bytes, ...]]


@dataclass(frozen=True)
class Clip:
    """A sound, ready to be sent. The same sound has the same name; one without a name is played once."""

    name: str
    packets: tuple[bytes, ...]

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.packets) * PACKET_SECONDS


class Clips:
    """All sounds of one process."""

    def __init__(self, encoder: Encoder = encode, most_seconds: float = MOST_SECONDS) -> None:
        self._encoder = encoder
        self._most_seconds = most_seconds
        self._ready: OrderedDict[str, Clip] = OrderedDict()
        self._running: dict[str, asyncio.Task[Clip]] = {}

    async def of(self, samples: Samples) -> Clip:
        """This sound, 24 kHz mono, as packets."""
        name = await asyncio.to_thread(_name, samples)
        if name in self._ready:
            self._ready.move_to_end(name)
            return self._ready[name]
        task = self._running.get(name)
        if task is None:
            task = self._running[name] = asyncio.create_task(self._encode(name, samples))
            task.add_done_callback(lambda _: self._running.pop(name, None))
        return await asyncio.shield(task)

    async def _encode(self, name: str, samples: Samples) -> Clip:
        clip = self._ready[name] = Clip(name, await asyncio.to_thread(self._encoder, samples))
        while len(self._ready) > 1 and sum(kept.seconds for kept in self._ready.values()) > self._most_seconds:
            self._ready.popitem(last=False)
        return clip


def _name(samples: Samples) -> str:
    return hashlib.blake2b(samples.tobytes(), digest_size=16).hexdigest()
