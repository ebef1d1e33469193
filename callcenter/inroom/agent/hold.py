"""Music for a caller whom the human who leads has put on hold: the agent, silent otherwise, plays it."""

import asyncio
import contextlib

from livekit import rtc

from callcenter.inroom.sound import music
from callcenter.inroom.sound.music import Samples
from callcenter.inroom.sound.player import Player
from callcenter.inroom.sound.sounds import Sounds

TRACK = "hold"
FADE_SECONDS = 0.2
FETCH_SECONDS = 0.5  # of silence at most before the music made here plays instead


class HoldMusic:
    """One track, published when it is first needed. What is wanted last is done last, however quickly it changes.
    `digest` names an uploaded sound; the music made here plays without one, and where that cannot be had in time."""

    def __init__(self, room: rtc.Room, sounds: Sounds, digest: str) -> None:
        self._room = room
        self._sounds = sounds
        self._digest = digest
        self._player: Player | None = None
        self._one_at_a_time = asyncio.Lock()
        self._wanted = False

    async def prepare(self) -> None:
        """A hold may come: have the sound on this machine, which takes a while where the desk has it."""
        if self._digest:
            await self._sounds.samples(self._digest)

    async def play(self, wanted: bool) -> None:
        """Play from now on, or fade out."""
        self._wanted = wanted
        async with self._one_at_a_time:
            if self._wanted:
                player, samples = await asyncio.gather(self._published(), self._samples())
                player.music(samples)
            elif self._player is not None:
                await self._player.fade(FADE_SECONDS)

    async def _published(self) -> Player:
        if self._player is None:
            self._player = Player()
            await self._player.publish(self._room, TRACK)
        return self._player

    async def _samples(self) -> Samples:
        found: Samples | None = None
        if self._digest:
            with contextlib.suppress(TimeoutError):  # it is fetched on, for the next time
                found = await asyncio.wait_for(self._sounds.samples(self._digest), FETCH_SECONDS)
        return music.loop() if found is None else found  # made before the job began (warm.py)

    async def close(self) -> None:
        if self._player is not None:
            await self._player.close()
