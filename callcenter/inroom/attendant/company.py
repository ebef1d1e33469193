"""One waiting caller: join, claim, say the opening, play music until somebody takes over or the call is ended."""

import asyncio
import contextlib
import logging
import os
import time
from datetime import UTC, datetime

from livekit import rtc

from callcenter.inroom.client.link import FLUSH_SECONDS, DeskLink
from callcenter.inroom.media import TAIL_SECONDS, hang_up, has_hung_up, has_left, is_answered
from callcenter.inroom.sound import music
from callcenter.inroom.sound.player import Player
from callcenter.inroom.sound.speech import Sentence, Speech, heard_part
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import AttendantPlan
from callcenter.platform.wire.messages import (
    Answered,
    CallerLeft,
    Claimed,
    Denied,
    EndReason,
    Fade,
    FirstFrame,
    Leave,
    Left,
    SayAndEnd,
    Take,
)

logger = logging.getLogger(__name__)

TRACK_NAME = "attendant"
CLAIM_SECONDS = 30.0  # as an agent's: the desk may be away, and its answer lost with it
# livekit-sip answers on the published track and then waits up to a second for the caller's own audio.
ANSWER_TIMEOUT_SECONDS = 1.5
UNANSWERED_SECONDS = 2.6
# From the order of a new sentence's synthesis: after this the music starts and the sentence comes when it is there.
OPENING_PATIENCE_SECONDS = 1.0
MUSIC_FADE_SECONDS = 0.3
# From waking up to the news that the media server has removed us meanwhile.
ROOM_NEWS_SECONDS = 2.0
# When the desk is away and a call cannot end, music follows the last sentence.
MUSIC_AFTER_SECONDS = 0.8


async def _stop(program: asyncio.Task[None]) -> None:
    """Nothing new is played after this; what is in the player's queue plays on until it is faded or stopped."""
    program.cancel()
    await asyncio.gather(program, return_exceptions=True)


class Company:
    """Keeps one caller company. `run` returns when the room is left; commands of the desk arrive by `command`."""

    def __init__(self, take: Take, link: DeskLink, speech: Speech) -> None:
        self._take = take
        self._link = link
        self._speech = speech
        self._room = rtc.Room()
        self._player = Player()
        self._plan: AttendantPlan | None = None
        self._program: asyncio.Task[None] | None = None
        self._commands: asyncio.Queue[Fade | SayAndEnd | Leave] = asyncio.Queue()
        self._handing_over: asyncio.Task[None] | None = None
        self._published = asyncio.Event()
        self._answered = asyncio.Event()
        self._room_gone = asyncio.Event()
        self._caller_left = False
        self._failure: str | None = None

    def command(self, command: Fade | SayAndEnd | Leave) -> None:
        self._commands.put_nowait(command)

    async def run(self) -> None:
        """The whole visit. Never raises: a failure is logged and reported with `Left`, other rooms go on."""
        try:
            await self._visit()
        except Exception as error:
            logger.exception("attendant failed", extra=self._ids())
            self._failure = type(error).__name__
        finally:
            await asyncio.shield(self._leave())

    async def _visit(self) -> None:
        self._listen_to_room()
        options = rtc.RoomOptions(auto_subscribe=False)
        await self._room.connect(self._take.livekit_url, self._take.token, options=options)
        answer = await self._claim()
        if not isinstance(answer, Claimed) or answer.attendant is None:
            logger.info("attendant denied", extra=self._ids())
            return
        self._plan = answer.attendant
        for participant in self._room.remote_participants.values():
            self._on_attributes(participant)
        self._program = asyncio.create_task(self._follow_plan(self._plan))
        try:
            await self._obey()
        finally:
            if self._handing_over is not None:
                self._handing_over.cancel()
            await _stop(self._program)

    async def _claim(self) -> Claimed | Denied | None:
        """The desk's answer, for which a desk that is away is waited for; None when a command or the caller's end came
        before it."""
        claim = asyncio.create_task(self._link.claim(self._take.offer_id, os.getpid(), CLAIM_SECONDS))
        command = asyncio.create_task(self._commands.get())
        try:
            await asyncio.wait((claim, command), return_when=asyncio.FIRST_COMPLETED)
            if claim.done() and command.done():
                self.command(command.result())
            return claim.result() if claim.done() else None
        finally:
            claim.cancel()
            command.cancel()

    async def _obey(self) -> None:
        """Play the program until a command ends it; a program that ends by itself has ended the call or failed."""
        while True:
            assert self._program is not None
            command = asyncio.create_task(self._commands.get())
            await asyncio.wait((self._program, command), return_when=asyncio.FIRST_COMPLETED)
            if not command.done():
                command.cancel()
                return self._program.result()
            match command.result():
                case Fade(stay=stay) as fade if stay > 0:
                    self._handing_over = asyncio.create_task(self._fade_when_relieved(fade))
                case Fade(seconds=seconds):
                    await _stop(self._program)
                    await self._player.fade(seconds)
                    return None
                case Leave():
                    await _stop(self._program)
                    await self._player.stop()
                    return None
                case SayAndEnd(text=text):
                    self._program = asyncio.create_task(self._say_and_end(text, self._program))

    async def _fade_when_relieved(self, fade: Fade) -> None:
        """Play on until somebody else's voice is in the room: on a busy machine a successor takes seconds to come."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(fade.stay):
                while not self._relieved():
                    self._published.clear()
                    await self._published.wait()
        self.command(fade.model_copy(update={"stay": 0.0}))

    def _relieved(self) -> bool:
        others = (p for p in self._room.remote_participants.values() if p.identity != self._take.caller_identity)
        return any(other.track_publications for other in others)

    async def _follow_plan(self, plan: AttendantPlan) -> None:
        caller = self._room.remote_participants.get(self._take.caller_identity)
        patient_until = asyncio.get_running_loop().time() + OPENING_PATIENCE_SECONDS
        opening = asyncio.create_task(self._speech.samples(self._sentence(plan.opening))) if plan.opening else None
        await self._player.publish(self._room, TRACK_NAME)
        reporter = asyncio.create_task(self._report_first_frame())
        unanswered = asyncio.get_running_loop().call_later(UNANSWERED_SECONDS, self._leave_unanswered)
        try:
            if caller is not None:
                self._note_answer(caller)
            await self._wait_for_answer()
            if opening is not None:
                await self._open(plan, opening, patient_until)
            if plan.then_end:
                await self._end_call()
            self._player.music(music.loop())
            await asyncio.Event().wait()
        finally:
            reporter.cancel()
            unanswered.cancel()
            if opening is not None:
                opening.cancel()

    async def _open(
        self, plan: AttendantPlan, opening: asyncio.Task[music.Samples | None], patient_until: float
    ) -> None:
        """Say the opening. Music before it where the plan says so, and where its synthesis is slow: nobody listens to
        nothing."""
        patience = max(0.0, patient_until - asyncio.get_running_loop().time())
        await asyncio.wait((opening,), timeout=0 if plan.opening_after else patience)
        if plan.opening_after or not opening.done():
            self._player.music(music.loop())
            await asyncio.sleep(plan.opening_after)
            samples = await opening
            if samples is not None:
                await self._player.fade(MUSIC_FADE_SECONDS)
        if (samples := opening.result()) is not None:
            await self._say(plan.opening, samples)

    async def _say_and_end(self, text: str, program: asyncio.Task[None]) -> None:
        """The last sentence; the music plays on until it is synthesised."""
        try:
            samples = await self._speech.samples(self._sentence(text))
        finally:
            await _stop(program)
        await self._player.fade(MUSIC_FADE_SECONDS)
        if samples is not None:
            await self._say(text, samples)
        await self._end_call()

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
                    self._take.offer_id,
                    Speaker.ATTENDANT,
                    heard,
                    started_at=datetime.fromtimestamp(started_at, UTC),
                    ended_at=datetime.fromtimestamp(ended_at, UTC),
                    interrupted=share < 1,
                    language=self._plan.language if self._plan else None,
                )

    async def _share_before_removal(self) -> float | None:
        """How much was heard, if this process was stopped and taken out of the room meanwhile. It learns of that soon
        after it wakes up; if it is still in the room, it plays on from where it was stopped and all is heard."""
        share = self._player.share_before_stop()
        if share is None:
            return None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ROOM_NEWS_SECONDS):
                await self._room_gone.wait()
        return share if self._room_gone.is_set() else None

    async def _end_call(self) -> None:
        await asyncio.sleep(TAIL_SECONDS)
        delayed = asyncio.get_running_loop().call_later(MUSIC_AFTER_SECONDS, lambda: self._player.music(music.loop()))
        try:
            await self._link.end_call(
                self._take.offer_id,
                EndReason.MESSAGE_SAID,
                lambda: hang_up(self._room, self._take.caller_identity),
            )
        finally:
            delayed.cancel()

    async def _leave(self) -> None:
        await self._player.close()
        await self._room.disconnect()
        await self._link.flush(self._take.offer_id, FLUSH_SECONDS)
        self._link.send(Left(offer_id=self._take.offer_id, failure=self._failure))

    def _sentence(self, text: str) -> Sentence:
        assert self._plan is not None
        return Sentence(text, self._plan.voice, self._plan.tts)

    # --- what happens ------------------------------------------------------------------------------------------------

    def _listen_to_room(self) -> None:
        self._room.on("participant_attributes_changed", lambda _, participant: self._on_attributes(participant))
        self._room.on("participant_disconnected", self._on_participant_left)
        self._room.on("track_published", lambda *_: self._published.set())
        self._room.on("disconnected", self._on_room_gone)

    def _on_room_gone(self, *_: object) -> None:
        self._room_gone.set()
        self.command(Leave(offer_id=self._take.offer_id, because="room"))

    def _on_attributes(self, participant: rtc.Participant) -> None:
        if has_hung_up(participant):
            self._on_participant_left(participant)
        else:
            self._note_answer(participant)

    def _on_participant_left(self, participant: rtc.Participant) -> None:
        if participant.identity != self._take.caller_identity or self._caller_left:
            return
        self._caller_left = True
        certain = has_left(participant) or has_hung_up(participant)
        if not certain:
            self._failure = "its connection to the room broke"
        self._link.send(CallerLeft(offer_id=self._take.offer_id, certain=certain))
        self.command(Leave(offer_id=self._take.offer_id, because="caller left"))

    def _note_answer(self, participant: rtc.Participant) -> None:
        if participant.identity != self._take.caller_identity or self._plan is None or self._answered.is_set():
            return
        if is_answered(participant):
            self._answered.set()
            self._link.send(Answered(offer_id=self._take.offer_id, at=datetime.now(UTC)))

    async def _wait_for_answer(self) -> None:
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                await self._answered.wait()
        except TimeoutError:
            logger.info("caller's leg not active yet", extra=self._ids())

    def _leave_unanswered(self) -> None:
        """livekit-sip answers within a second and a half of our publishing, or the caller is not there any more: a
        CANCEL that comes just after the join leaves a participant behind that only a time-out of 20 s removes."""
        if not self._answered.is_set() and not self._caller_left:
            self._caller_left = True
            self._link.send(CallerLeft(offer_id=self._take.offer_id))
            self.command(Leave(offer_id=self._take.offer_id, because="the caller's leg never became active"))

    async def _report_first_frame(self) -> None:
        await self._player.started.wait()
        self._link.send(FirstFrame(offer_id=self._take.offer_id))

    def _ids(self) -> dict[str, str]:
        return {"call": self._take.call_id, "offer": self._take.offer_id}
