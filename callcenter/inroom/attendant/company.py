"""One waiting caller: join, claim, keep company (programme.py) until somebody takes over or the call is ended."""

import asyncio
import contextlib
import logging
import os
from datetime import UTC, datetime

from callcenter.inroom.attendant.ears import Ears
from callcenter.inroom.attendant.keypad import Keypad
from callcenter.inroom.attendant.programme import Programme, stop
from callcenter.inroom.attendant.recording import Recorder
from callcenter.inroom.client.link import CLAIM_SECONDS, FLUSH_SECONDS, DeskLink
from callcenter.inroom.media import (
    END_CALL,
    END_CALL_PAYLOAD,
    HANG_UP_SECONDS,
    has_hung_up,
    has_left,
    is_answered,
    was_lost,
)
from callcenter.inroom.sender.clips import Clips
from callcenter.inroom.sender.loudspeaker import Loudspeaker
from callcenter.inroom.sender.process import Sender, SenderError
from callcenter.inroom.sender.visit import Guest, Visit
from callcenter.inroom.sound.sounds import Sounds
from callcenter.inroom.sound.speech import Speech
from callcenter.platform.wire.asking import Announce, NewPlan
from callcenter.platform.wire.messages import (
    Answered,
    CallerLeft,
    Claimed,
    Denied,
    Fade,
    FirstFrame,
    Leave,
    Left,
    SayAndEnd,
    Take,
)
from callcenter.platform.wire.settings import Settings

logger = logging.getLogger(__name__)

TRACK_NAME = "attendant"
# livekit-sip answers on the published track and then waits up to a second for the caller's own audio.
ANSWER_TIMEOUT_SECONDS = 1.5
UNANSWERED_SECONDS = 2.6

Told = Fade | NewPlan | Announce | SayAndEnd | Leave


class Company:
    """Keeps one caller company. `run` returns when the room is left; commands of the desk arrive by `command`."""

    def __init__(
        self,
        take: Take,
        link: DeskLink,
        speech: Speech,
        sounds: Sounds,
        sender: Sender,
        clips: Clips,
        settings: Settings,
    ) -> None:
        self._take = take
        self._link = link
        self._speech = speech
        self._sounds = sounds
        self._visit = Visit(sender, self)
        self._ears = Ears(self._visit, take.caller_identity, settings, speech)
        self._keypad = Keypad(take.caller_identity)
        self._player = Loudspeaker(self._visit, clips)
        self._recorder = Recorder(self._visit, self._keypad, take, link)
        self._claimed = False
        self._playing: asyncio.Task[None] | None = None
        self._commands: asyncio.Queue[Told] = asyncio.Queue()
        self._beside: list[asyncio.Task[None] | asyncio.TimerHandle] = []
        self._published = asyncio.Event()
        self._answered = asyncio.Event()
        self._told_to_leave = asyncio.Event()
        self._caller_left = False
        self._failure: str | None = None

    def command(self, command: Told) -> None:
        if isinstance(command, Leave):
            self._told_to_leave.set()
        self._commands.put_nowait(command)

    async def run(self) -> None:
        """The whole visit. Never raises: a failure is logged and reported with `Left`, other rooms go on."""
        try:
            await self._keep_company()
        except Exception as error:
            logger.exception("attendant failed", extra=self._ids())
            self._failure = type(error).__name__
        finally:
            await asyncio.shield(self._leave())

    async def _keep_company(self) -> None:
        await self._visit.join(self._take.livekit_url, self._take.token)
        answer = await self._claim()
        if not isinstance(answer, Claimed) or answer.attendant is None:
            logger.info("attendant denied", extra=self._ids())
            return
        self._claimed = True
        for guest in list(self._visit.guests.values()):
            self.on_guest(guest)
        way_in = asyncio.create_task(self._come_in())
        programme = Programme(
            answer.attendant,
            self._take.offer_id,
            self._player,
            self._link,
            self._speech,
            self._sounds,
            self._ears,
            self._keypad.pressed,
            self._recorder,
            way_in=way_in,
            hang_up=self._hang_up,
        )
        self._playing = asyncio.create_task(programme.play())
        try:
            await self._obey(programme)
        finally:
            for running in self._beside:
                running.cancel()
            programme.close()
            await stop(self._playing)
            await stop(way_in)

    async def _claim(self) -> Claimed | Denied | None:
        """The desk's answer, for which a desk that is away is waited for; None when there is nobody to answer for any
        more. What else the desk says meanwhile is obeyed afterwards."""
        claim = asyncio.create_task(self._link.claim(self._take.offer_id, os.getpid(), CLAIM_SECONDS))
        told_to_leave = asyncio.create_task(self._told_to_leave.wait())
        try:
            await asyncio.wait((claim, told_to_leave), return_when=asyncio.FIRST_COMPLETED)
            return claim.result() if claim.done() else None
        finally:
            claim.cancel()
            told_to_leave.cancel()

    async def _obey(self, programme: Programme) -> None:
        """Play until a command ends it; what ends by itself has ended the call or failed."""
        while True:
            assert self._playing is not None
            command = asyncio.create_task(self._commands.get())
            await asyncio.wait((self._playing, command), return_when=asyncio.FIRST_COMPLETED)
            if not command.done():
                command.cancel()
                return self._playing.result()
            match command.result():
                case Fade(stay=stay) as fade if stay > 0:
                    self._beside.append(asyncio.create_task(self._fade_when_relieved(fade)))
                case Fade(seconds=seconds):
                    await stop(self._playing)
                    await self._player.fade(seconds)
                    return None
                case Leave():
                    await stop(self._playing)
                    await self._player.stop()
                    return None
                case SayAndEnd(text=text):
                    self._playing = asyncio.create_task(programme.say_and_end(text, self._playing))
                case NewPlan(plan=plan) if not programme.ending:
                    await stop(self._playing)
                    self._playing = asyncio.create_task(programme.play_now(plan))
                case Announce(texts=texts):
                    programme.announce(texts)
                case _:
                    pass

    async def _fade_when_relieved(self, fade: Fade) -> None:
        """Play on until somebody else's voice is in the room: on a busy machine a successor takes seconds to come."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(fade.stay):
                while not self._relieved():
                    self._published.clear()
                    await self._published.wait()
        self.command(fade.model_copy(update={"stay": 0.0}))

    def _relieved(self) -> bool:
        others = (guest for guest in self._visit.guests.values() if guest.identity != self._take.caller_identity)
        return any(other.tracks for other in others)

    async def _come_in(self) -> None:
        """Be seen, and wait for the caller's leg, which rings until then."""
        caller = self._visit.guests.get(self._take.caller_identity)
        await self._visit.publish(TRACK_NAME)
        self._beside.append(asyncio.create_task(self._report_first_frame()))
        self._beside.append(asyncio.get_running_loop().call_later(UNANSWERED_SECONDS, self._leave_unanswered))
        if caller is not None:
            self._note_answer(caller)
        await self._wait_for_answer()

    async def _leave(self) -> None:
        await self._player.close()
        await self._visit.leave()
        await self._link.flush(self._take.offer_id, FLUSH_SECONDS)
        self._link.send(Left(offer_id=self._take.offer_id, failure=self._failure))

    # --- what happens ------------------------------------------------------------------------------------------------

    def on_gone(self, failure: str | None) -> None:
        """The visit is over, whoever ended it; where it broke, nothing is known of the caller."""
        if failure is not None and not self._caller_left:
            self._caller_left = True
            self._failure = failure
            self._link.send(CallerLeft(offer_id=self._take.offer_id, certain=False))
        self.command(Leave(offer_id=self._take.offer_id, because="room"))

    def on_guest(self, guest: Guest) -> None:
        """Somebody came into the room, or something about them changed."""
        self._published.set()
        if has_hung_up(guest):
            self.on_guest_left(guest)
        else:
            self._note_answer(guest)

    def on_guest_left(self, guest: Guest) -> None:
        """Somebody left the room; when it was the caller, there is nobody to keep company any more."""
        if guest.identity != self._take.caller_identity or self._caller_left:
            return
        self._caller_left = True
        self._recorder.cut()
        certain = has_left(guest) or has_hung_up(guest)
        if not certain:
            self._failure = "its connection to the room broke"
        self._link.send(CallerLeft(offer_id=self._take.offer_id, certain=certain, lost=was_lost(guest)))
        self.command(Leave(offer_id=self._take.offer_id, because="caller left"))

    def on_key(self, identity: str, digit: str) -> None:
        """Somebody pressed a key."""
        self._keypad.on_key(identity, digit)

    def _note_answer(self, guest: Guest) -> None:
        if guest.identity != self._take.caller_identity or not self._claimed or self._answered.is_set():
            return
        if is_answered(guest):
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
        CANCEL that comes just after the join leaves a participant behind that only a time-out of 20 s removes. A room
        without the caller says nothing about them: livekit-server may have started anew."""
        if not self._answered.is_set() and not self._caller_left:
            self._caller_left = True
            there = self._take.caller_identity in self._visit.guests
            if not there:
                self._failure = "the caller is not in the room"
            self._link.send(CallerLeft(offer_id=self._take.offer_id, certain=there))
            self.command(Leave(offer_id=self._take.offer_id, because="the caller's leg never became active"))

    async def _hang_up(self) -> None:
        """Let livekit-sip end the caller's leg, for when the desk, which ends calls otherwise, is away."""
        try:
            await self._visit.call(self._take.caller_identity, END_CALL, END_CALL_PAYLOAD, HANG_UP_SECONDS)
        except SenderError as error:
            logger.warning("the caller's leg cannot be ended without the desk", extra={"error": str(error)})

    async def _report_first_frame(self) -> None:
        await self._player.started.wait()
        self._link.send(FirstFrame(offer_id=self._take.offer_id))

    def _ids(self) -> dict[str, str]:
        return {"call": self._take.call_id, "offer": self._take.offer_id}
