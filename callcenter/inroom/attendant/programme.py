"""What a waiting caller hears of an attendant: the opening, music, last words; and what of it is stored."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from callcenter.inroom.client.link import DeskLink
from callcenter.inroom.media import TAIL_SECONDS
from callcenter.inroom.sound import music
from callcenter.inroom.sound.player import Player
from callcenter.inroom.sound.speech import Sentence, Speech, heard_part
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import AttendantPlan
from callcenter.platform.wire.messages import EndReason

logger = logging.getLogger(__name__)

# From the order of a new sentence's synthesis: after this the music starts and the sentence comes when it is there.
OPENING_PATIENCE_SECONDS = 1.0
# So long a caller waits, with music, for last words that cannot be synthesised: asked for again after each pause.
LAST_WORDS_SECONDS = 15.0
AGAIN_SECONDS = 1.0
MUSIC_FADE_SECONDS = 0.3
# From waking up to the news that the media server has removed us meanwhile.
ROOM_NEWS_SECONDS = 2.0
# When the desk is away and a call cannot end, music follows the last sentence.
MUSIC_AFTER_SECONDS = 0.8


async def stop(playing: asyncio.Task[None]) -> None:
    """Nothing new is played after this; what is in the player's queue plays on until it is faded or stopped."""
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)


class Programme:
    """One plan, played by one player. The opening is made while `way_in`, at whose end the caller can hear the player,
    is still under way. `removed` is set once the media server has taken the player out of the room; `hang_up` ends the
    caller's leg."""

    def __init__(
        self,
        plan: AttendantPlan,
        offer_id: str,
        player: Player,
        link: DeskLink,
        speech: Speech,
        *,
        way_in: asyncio.Task[None],
        removed: asyncio.Event,
        hang_up: Callable[[], Awaitable[None]],
    ) -> None:
        self._plan = plan
        self._offer_id = offer_id
        self._player = player
        self._link = link
        self._speech = speech
        self._way_in = way_in
        self._removed = removed
        self._hang_up = hang_up
        self._patient_until = asyncio.get_running_loop().time() + OPENING_PATIENCE_SECONDS
        self._opening = asyncio.create_task(speech.samples(self._sentence(plan.opening))) if plan.opening else None

    def close(self) -> None:
        """Nothing is played any more."""
        if self._opening is not None:
            self._opening.cancel()

    async def play(self) -> None:
        """The opening, then music until cancelled; or the call's end, where the plan says so."""
        await asyncio.shield(self._way_in)
        if self._opening is not None:
            await self._open(self._opening)
        if self._plan.then_end:
            await self._end_call()
        self._player.music(music.loop())
        await asyncio.Event().wait()

    async def _open(self, opening: asyncio.Task[music.Samples | None]) -> None:
        """Say the opening. Music before it where the plan says so, and where its synthesis is slow or fails: nobody
        listens to nothing."""
        plan = self._plan
        patience = max(0.0, self._patient_until - asyncio.get_running_loop().time())
        await asyncio.wait((opening,), timeout=0 if plan.opening_after else patience)
        samples = opening.result() if opening.done() and not plan.opening_after else None
        if samples is None:
            self._player.music(music.loop())
            await asyncio.sleep(plan.opening_after)
            samples = await opening
            if samples is None and plan.then_end:
                samples = await self._last_words(plan.opening)
            if samples is None:
                return
            await self._player.fade(MUSIC_FADE_SECONDS)
        await self._say(plan.opening, samples)

    async def say_and_end(self, text: str, playing: asyncio.Task[None]) -> None:
        """The last sentence; the music plays on until it is synthesised."""
        try:
            samples = await self._last_words(text)
            await asyncio.shield(self._way_in)
        finally:
            await stop(playing)
        await self._player.fade(MUSIC_FADE_SECONDS)
        if samples is not None:
            await self._say(text, samples)
        await self._end_call()

    async def _last_words(self, text: str) -> music.Samples | None:
        """The sound of a sentence that no call should end without: a voice that fails is asked again for a while. None
        when it does not come."""
        until = asyncio.get_running_loop().time() + LAST_WORDS_SECONDS
        while (samples := await self._speech.samples(self._sentence(text))) is None:
            if asyncio.get_running_loop().time() > until:
                logger.error("last words could not be synthesised", extra={"offer": self._offer_id})
                break
            await asyncio.sleep(AGAIN_SECONDS)
        return samples

    async def _say(self, text: str, samples: music.Samples) -> None:
        """Say a sentence and store it: whole, or as far as it was heard when it was cut short."""
        started_at = time.time()
        share = 1.0
        try:
            await self._player.say(samples)
        except asyncio.CancelledError:
            share = self._player.share_heard()
            raise
        finally:
            ended_at = time.time()
            if (before_stop := await self._share_before_removal()) is not None:
                share = before_stop
                ended_at = started_at + share * len(samples) / music.RATE
            if heard := heard_part(text, share):
                self._link.say(
                    self._offer_id,
                    Speaker.ATTENDANT,
                    heard,
                    started_at=datetime.fromtimestamp(started_at, UTC),
                    ended_at=datetime.fromtimestamp(ended_at, UTC),
                    interrupted=share < 1,
                    language=self._plan.language,
                )

    async def _share_before_removal(self) -> float | None:
        """How much was heard, if this process was stopped and taken out of the room meanwhile. It learns of that soon
        after it wakes up; if it is still in the room, it plays on from where it was stopped and all is heard."""
        share = self._player.share_before_stop()
        if share is None:
            return None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ROOM_NEWS_SECONDS):
                await self._removed.wait()
        return share if self._removed.is_set() else None

    async def _end_call(self) -> None:
        await asyncio.sleep(TAIL_SECONDS)
        delayed = asyncio.get_running_loop().call_later(MUSIC_AFTER_SECONDS, lambda: self._player.music(music.loop()))
        try:
            await self._link.end_call(self._offer_id, EndReason.MESSAGE_SAID, self._hang_up)
        finally:
            delayed.cancel()

    def _sentence(self, text: str) -> Sentence:
        return Sentence(text, self._plan.voice, self._plan.tts)
