"""What a waiting caller hears of an attendant: the opening, music, last words; and what of it is stored."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime

from callcenter.inroom.attendant.choice import Pressed
from callcenter.inroom.attendant.ears import Ears
from callcenter.inroom.attendant.question import Question, until_pressed
from callcenter.inroom.attendant.recording import Recorder
from callcenter.inroom.client.link import DeskLink
from callcenter.inroom.media import TAIL_SECONDS
from callcenter.inroom.sender.loudspeaker import Loudspeaker
from callcenter.inroom.sound import music, tone
from callcenter.inroom.sound.sounds import Sounds
from callcenter.inroom.sound.speech import Sentence, Speech, heard_part
from callcenter.platform.wire.asking import AnnouncementDue, Chose
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import Ask, AttendantPlan
from callcenter.platform.wire.messages import EndReason
from callcenter.platform.wire.voicemail import Record

logger = logging.getLogger(__name__)

# From the order of a new sentence's synthesis: after this the music starts and the sentence comes when it is there.
OPENING_PATIENCE_SECONDS = 1.0
# So long a caller waits, with music, for last words that cannot be synthesised: asked for again after each pause.
LAST_WORDS_SECONDS = 15.0
AGAIN_SECONDS = 1.0
MUSIC_FADE_SECONDS = 0.3
CUT_SECONDS = 0.1  # of a sentence that a key cuts short
KEY_SECONDS = 0.3  # from one key that the desk is asked about to the next: a machine presses hundreds in a second
# Music after the last sentence while a call cannot end, for the desk is away, and before one that is still being made.
MUSIC_AFTER_SECONDS = 0.8


async def stop(playing: asyncio.Task[None]) -> None:
    """Nothing new is played after this; what is in the player's queue plays on until it is faded or stopped."""
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)


class Programme:
    """One plan, played by one player. The opening is made while `way_in`, at whose end the caller can hear the player,
    is still under way. `hang_up` ends the caller's leg."""

    def __init__(
        self,
        plan: AttendantPlan,
        offer_id: str,
        player: Loudspeaker,
        link: DeskLink,
        speech: Speech,
        sounds: Sounds,
        ears: Ears,
        pressed: asyncio.Queue[Pressed],
        recorder: Recorder,
        *,
        way_in: asyncio.Task[None],
        hang_up: Callable[[], Awaitable[None]],
    ) -> None:
        self._offer_id = offer_id
        self._player = player
        self._link = link
        self._speech = speech
        self._sounds = sounds
        self._ears = ears
        self._pressed = pressed
        self._recorder = recorder
        self._told: asyncio.Queue[tuple[str, ...]] = asyncio.Queue()
        self.ending = False
        self._announcing = False
        self._next_key_at = 0.0
        self._way_in = way_in
        self._hang_up = hang_up
        self._begin(plan)

    def _begin(self, plan: AttendantPlan) -> None:
        """Have the first sentence of this plan made."""
        self._plan = plan
        self._music = music.loop()
        self._fetching = asyncio.create_task(self._fetch_music(plan.music)) if plan.music else None
        self._patient_until = asyncio.get_running_loop().time() + OPENING_PATIENCE_SECONDS
        first = plan.opening or (plan.ask.prompt if plan.ask else "")
        self._opening = asyncio.create_task(self._first(first)) if first or plan.audio else None

    async def _first(self, text: str) -> music.Samples | None:
        """The sound that the plan begins with; where it cannot be had, its text is spoken."""
        played = await self._uploaded(self._plan.audio) if self._plan.audio else None
        if played is not None:
            self._plan = self._plan.model_copy(update={"opening": ""})  # not a word of it is said
            return played
        return await self._speech.samples(self._sentence(text)) if text else None

    async def _fetch_music(self, digest: str) -> None:
        found = await self._uploaded(digest)
        if found is not None:
            self._music = found

    async def _uploaded(self, digest: str) -> music.Samples | None:
        """A sound of the operator's, once it can be played without a wait; None when it cannot be had."""
        found = await self._sounds.samples(digest)
        if found is not None:
            await self._player.prepare(found)
        return found

    def close(self) -> None:
        """Nothing is played any more."""
        for task in (self._opening, self._fetching):
            if task is not None:
                task.cancel()

    async def play(self) -> None:
        """The opening, then what the plan says: a question, the caller's message, the call's end, or music until
        cancelled."""
        await asyncio.shield(self._way_in)
        if self._plan.ask is not None:
            await self._question(self._plan.ask)
        first: Pressed | None = None
        if self._opening is not None:
            first = await until_pressed(self._open(self._opening), self._pressed, self._wanted)
        if first is not None:  # of the sentence that was cut short a frame is still under way: nothing else may begin
            await self._player.fade(CUT_SECONDS)
        if self._plan.record is not None:
            await self._take_message(self._plan.record)
        if self._plan.then_end:
            self.ending = True
            await self._end_call()
        await self._keep_company(first)

    async def play_now(self, plan: AttendantPlan) -> None:
        """This plan from now on; what plays meanwhile fades out for the first sentence. A key that was pressed twice
        was meant for the plan before."""
        self.close()
        while not self._pressed.empty():
            self._pressed.get_nowait()
        self._begin(plan)
        await self.play()

    def announce(self, texts: tuple[str, ...]) -> None:
        """Say these as soon as they are made, unless the plan has no music any more."""
        self._told.put_nowait(texts)

    def _wanted(self, pressed: Pressed) -> bool:
        return pressed.key in self._plan.keys

    async def _question(self, ask: Ask) -> None:
        """Ask, and tell the desk what was chosen; the desk's answer ends this."""
        question = Question(ask, self._offer_id, self._plan.language, self._link, self._ears, self._pressed)
        prompt = self._opening
        assert prompt is not None
        choice = await question.answer(lambda: self._open(prompt))
        await self._player.stop()
        await question.tell(choice, lambda: self._player.music(self._music))

    async def _keep_company(self, pressed: Pressed | None) -> None:
        """Music until cancelled; keys go to the desk, and from time to time it is asked what there is to tell."""
        while True:
            if pressed is not None:
                await asyncio.sleep(self._next_key_at - asyncio.get_running_loop().time())
                self._next_key_at = asyncio.get_running_loop().time() + KEY_SECONDS
                self._link.send(Chose(offer_id=self._offer_id, key=pressed.key))
            if self._announcing:
                await self._player.fade(CUT_SECONDS)
                self._announcing = False
            pressed = await until_pressed(self._announcements(), self._pressed, self._wanted)

    async def _announcements(self) -> None:
        """Music, and what is to be told, with the music out of the way, as soon as its sentences are made."""
        while True:
            self._player.music(self._music)
            texts = await self._next_texts()
            sounds = [(text, await self._speech.samples(self._sentence(text))) for text in texts]
            await self._player.fade(MUSIC_FADE_SECONDS)
            self._announcing = True
            for text, samples in sounds:
                if samples is not None:
                    await self._say(text, samples)
            self._announcing = False

    async def _next_texts(self) -> tuple[str, ...]:
        while True:
            try:
                async with asyncio.timeout(self._plan.announce_every_seconds):
                    return await self._told.get()
            except TimeoutError:
                self._link.send(AnnouncementDue(offer_id=self._offer_id))

    async def _open(self, opening: asyncio.Task[music.Samples | None]) -> None:
        """Say the first sentence. Music before it where the plan says so, and where its synthesis is slow or fails:
        nobody listens to nothing."""
        plan = self._plan
        patience = max(0.0, self._patient_until - asyncio.get_running_loop().time())
        await asyncio.wait((opening,), timeout=0 if plan.opening_after else patience)
        samples = opening.result() if opening.done() and not plan.opening_after else None
        if samples is None:
            self._player.music(self._music)
            await asyncio.sleep(plan.opening_after)
            samples = await asyncio.shield(opening)
            if samples is None and (plan.then_end or plan.record):
                samples = await self._last_words(plan.opening)
            if samples is None:
                return
        await self._player.fade(MUSIC_FADE_SECONDS)
        await self._say(self._plan.ask.prompt if self._plan.ask else self._plan.opening, samples)

    async def _take_message(self, record: Record) -> None:
        """A tone, the caller's message, and goodbye, which is synthesised meanwhile."""
        texts = (record.goodbye, record.nothing)
        prepared = [asyncio.create_task(self._speech.samples(self._sentence(text))) for text in texts]
        try:
            await self._player.fade(MUSIC_FADE_SECONDS)
            await self._recorder.listen()
            await self._player.say(tone.beep())
            taken = await self._recorder.record(record, self._plan.language)
            with self._music_after_a_pause():
                samples = await self._last_words(text := texts[0 if taken else 1])
            await self._player.fade(MUSIC_FADE_SECONDS)
            if samples is not None:
                await self._say(text, samples)
        finally:
            self._recorder.close()
            for preparing in prepared:
                preparing.cancel()
        self.ending = True
        await self._end_call()

    async def say_and_end(self, text: str, playing: asyncio.Task[None]) -> None:
        """The last sentence; the music plays on until it is synthesised."""
        self.ending = True
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
            share = await self._player.say(samples)
        except asyncio.CancelledError:
            share = self._player.share_heard()
            raise
        finally:
            ended_at = min(time.time(), started_at + share * len(samples) / music.RATE)
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

    async def _end_call(self) -> None:
        await asyncio.sleep(TAIL_SECONDS)
        with self._music_after_a_pause():
            await self._link.end_call(self._offer_id, EndReason.MESSAGE_SAID, self._hang_up)

    @contextlib.contextmanager
    def _music_after_a_pause(self) -> Iterator[None]:
        """Nobody listens to nothing for longer than to a pause (I7)."""
        delayed = asyncio.get_running_loop().call_later(MUSIC_AFTER_SECONDS, lambda: self._player.music(self._music))
        try:
            yield
        finally:
            delayed.cancel()

    def _sentence(self, text: str) -> Sentence:
        return Sentence(text, self._plan.voice, self._plan.tts)
