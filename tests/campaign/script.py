"""What one caller does, on a real phone. A caller's trouble is written down, never raised."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from callcenter.platform.embedded.phone import CallOver, Phone, PhoneError
from callcenter.platform.embedded.phone.outgoing import OutgoingCall
from tests.campaign.history import PhoneHistory, Said, Turn, wall
from tests.campaign.phrases import GOODBYE, GREETING, SAYS_GOODBYE, Question
from tests.campaign.plan import TALKS, ScriptPlan
from tests.speech import speak

ANSWERED_SECONDS = 20.0  # a desk that is away for 10 s, and what is before and after it
HEARD_SECONDS = 12.0
TURN_ENDS_SECONDS = 0.9
WHOLE = 0.8  # so much of a sentence's length makes it a whole one
MORE_SECONDS = 6.0
PATIENCE_SECONDS = 30.0  # with music
LONGEST_CALL_SECONDS = 75.0
LEAST_SILENCE = 0.2

Samples = NDArray[np.int16]


class _GaveUp(Exception):
    """The caller has listened to music for long enough."""


@dataclass
class Caller:
    """One phone and its script. `disturbed(since)` says whether a fault was there at that instant or later."""

    plan: ScriptPlan
    server: tuple[str, int]
    from_: str
    asks: tuple[Question, ...]
    lengths: Mapping[str, float]
    disturbed: Callable[[float], bool]
    history: PhoneHistory = field(init=False)
    recording: Samples = field(init=False)
    recorded_from: float = 0.0
    _reached: dict[str, asyncio.Event] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.history = PhoneHistory(self.plan.name, self.plan.number)
        self.recording = np.zeros(0, dtype=np.int16)

    async def reaches(self, mark: str) -> None:
        """Wait until the script comes to this point: ringing, heard, speaking, asked, answering or over."""
        await self._reached.setdefault(mark, asyncio.Event()).wait()

    async def live(self) -> None:
        """The whole call."""
        await asyncio.sleep(self.plan.delay)
        try:
            async with Phone(server=self.server) as phone:
                call = await phone.invite(to=self.plan.number, from_=self.from_)
                self.history.sip_call_id = call.call_id
                try:
                    async with asyncio.timeout(LONGEST_CALL_SECONDS):
                        await self._play(call)
                except (CallOver, _GaveUp):
                    pass
                except (PhoneError, TimeoutError) as error:
                    self.history.errors.append(f"{type(error).__name__}: {error}")
                finally:
                    await self._finish(call)
        except (PhoneError, OSError) as error:
            self.history.errors.append(f"{type(error).__name__}: {error}")
        finally:
            self._mark("over")

    async def _play(self, call: OutgoingCall) -> None:
        if self.plan.name == "hangs up while it rings":
            await call.ringing(ANSWERED_SECONDS)
            self._mark("ringing")
            await asyncio.sleep(1.8 * self.plan.chance)
            await call.cancel()
            return
        self._mark("ringing")
        await call.answered(ANSWERED_SECONDS)
        self._mark("answered")
        match self.plan.name:
            case "hangs up while an attendant plays":
                await call.hears_sound(HEARD_SECONDS)
                self._mark("heard")
                await asyncio.sleep(0.3 + 5 * self.plan.chance)
            case "waits":
                await call.hears_sound(HEARD_SECONDS)
                self._mark("heard")
                await asyncio.sleep(12 + 4 * self.plan.chance)
            case "dials an unknown number":
                await call.ended(30)
            case "hangs up in the greeting":
                await call.hears_sound(HEARD_SECONDS)
                self._mark("heard")
                await asyncio.sleep(2.5 * self.plan.chance)
            case _:
                await self._talk(call)

    async def _talk(self, call: OutgoingCall) -> None:
        """Greeting, questions, goodbye; or a hang-up on the way."""
        assert call.answered_at is not None
        await self._hears_turn(call, GREETING, call.answered_at)
        for question in self.asks:
            await asyncio.sleep(self.plan.pause)
            if self.plan.name == "hangs up in their own sentence":
                await self._begins_to_say(call, question)
                return
            ended = await self._says(call, question)
            if self.plan.name == "hangs up after a question":
                await asyncio.sleep(2.5 * self.plan.chance)
                return
            if not await self._hears_turn(call, question.answer, ended):
                ended = await self._says(call, question)
                await self._hears_turn(call, question.answer, ended)
        if self.plan.name == TALKS:
            await asyncio.sleep(self.plan.pause)
            goodbye = Question(SAYS_GOODBYE, SAYS_GOODBYE, GOODBYE)
            ended = await self._says(call, goodbye)
            await self._hears_turn(call, GOODBYE, ended)
            try:
                await call.ended(8)
            except TimeoutError:
                if not self.disturbed(call.answered_at):
                    self.history.errors.append("nobody hung up after the goodbye")

    async def _says(self, call: OutgoingCall, question: Question) -> float:
        self._mark("speaking")
        said = await call.say(speak(question.say))
        self.history.said.append(
            Said(question.say, question.written, question.answer, wall(said.first_frame_at), wall(said.last_frame_at))
        )
        self._mark("asked")
        return said.last_frame_at

    async def _begins_to_say(self, call: OutgoingCall, question: Question) -> None:
        samples = speak(question.say)
        cut = int(len(samples) * (0.1 + 0.8 * self.plan.chance))
        self._mark("speaking")
        said = await call.say(samples[:cut])
        self.history.said.append(Said(question.say, "", "", wall(said.first_frame_at), wall(said.last_frame_at)))

    async def _hears_turn(self, call: OutgoingCall, sentence: str, after: float) -> bool:
        """Listen until the other side has finished; False when a fault seems to have cut it short and no more came."""
        started = await call.hears_sound(HEARD_SECONDS, after)
        self._mark("answering" if self.history.said else "heard")
        began = started
        while True:
            turn = Turn(wall(started), wall(time.monotonic()), seems_whole=False)
            self.history.turns.append(turn)
            try:
                ended = await call.hears_silence(TURN_ENDS_SECONDS, PATIENCE_SECONDS)
            except TimeoutError:
                raise _GaveUp from None
            finally:
                turn.ended_at = wall(call.heard.last_sound_at() or time.monotonic())
            again = started != began
            turn.seems_whole = not self.disturbed(after) or ended - started >= WHOLE * self.lengths[sentence]
            if turn.seems_whole or again:
                return not again
            try:
                started = await call.hears_sound(MORE_SECONDS, ended + 0.02)
            except TimeoutError:
                return False

    async def _finish(self, call: OutgoingCall) -> None:
        if call.answered_at is None and call.end is None:
            self.history.errors.append("given up: it was not answered")
        try:
            async with asyncio.timeout(8):
                await call.hang_up()
        except (PhoneError, TimeoutError) as error:
            self.history.errors.append(f"hanging up: {type(error).__name__}: {error}")
        end, heard, history = call.end, call.heard, self.history
        for name, at in (("invited_at", call.invited_at), ("ringing_at", call.ringing_at)):
            setattr(history, name, None if at is None else wall(at))
        if end is not None:
            history.ended_at, history.ended_by, history.status = wall(end.at), end.by, end.status
        if call.answered_at is not None:
            history.answered_at = wall(call.answered_at)
            until = end.at if end is not None else None
            found = heard.silences(LEAST_SILENCE, since=call.answered_at, until=until)
            history.silences = [(wall(s.start), wall(s.end)) for s in found]
            last = heard.last_sound_at()
            history.last_sound_at = None if last is None else wall(last)
            self.recording = heard.pcm()
            self.recorded_from = wall(heard.started_at) if heard.started_at is not None else 0.0

    def _mark(self, name: str) -> None:
        self.history.marks.setdefault(name, time.time())
        self._reached.setdefault(name, asyncio.Event()).set()
