"""One call, from the job's start to the free seat: join, claim, talk (talk.py), hang up, leave nothing unsaid."""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from livekit import rtc
from livekit.agents import AgentSession, AutoSubscribe, JobContext, RunContext, ToolError

from callcenter.inroom.agent.keys import PersonKey
from callcenter.inroom.agent.talk import Talk
from callcenter.inroom.agent.tools import ASK_SUPERVISOR
from callcenter.inroom.agent.transcript import Transcript
from callcenter.inroom.client.line import Command, LinkRefusedError
from callcenter.inroom.client.link import CLAIM_SECONDS, FLUSH_SECONDS, DeskLink
from callcenter.inroom.media import TAIL_SECONDS, hang_up, has_hung_up, has_left, is_answered, was_lost
from callcenter.inroom.sound.sounds import Sounds
from callcenter.inroom.sound.speech import Speech
from callcenter.platform.wire.brief import AgentBrief
from callcenter.platform.wire.messages import (
    Answered,
    CallerLeft,
    Claimed,
    Denied,
    EndReason,
    Fade,
    FirstFrame,
    JobBeat,
    Leave,
    Left,
    SayAndEnd,
    Take,
    Trouble,
)
from callcenter.platform.wire.supervision import SayNext, Supervised, Whisper, WhisperHeard

logger = logging.getLogger(__name__)

CALLER_TIMEOUT_SECONDS = 3.0
# A cut desk has become a sentence before the caller, who is bridged over meanwhile, has waited three seconds.
TOOL_TIMEOUT_SECONDS = 2.5
# True whether or not it was done: asked again, what changed something is not done twice.
DESK_AWAY = "I am sorry, I cannot reach our system right now. Please ask me again in a moment."
UNANSWERED_SECONDS = 4.0
# A job that has ended its call while the desk was away waits so long to tell it how.
DESK_BACK_SECONDS = 30.0


class AgentCall:
    """The agent's part in one call. `begin` returns once it talks (or has left); `finish` runs when the job ends.

    `on_over` is told when the agent has nothing more to say to anybody.
    """

    def __init__(
        self,
        ctx: JobContext,
        take: Take,
        link: DeskLink,
        build_session: Callable[[AgentBrief], AgentSession[None]],
        speech: Speech,
        sounds: Sounds,
        on_over: Callable[[], None],
    ) -> None:
        self._ctx = ctx
        self._take = take
        self._link = link
        self._build_session = build_session
        self._speech = speech
        self._sounds = sounds
        self._on_over = on_over
        self._offer_id = take.offer_id
        self._transcript = Transcript(take.offer_id, link.say, tell=link.mention)
        self._talk: Talk | None = None
        self._failure: str | None = None
        self._claiming: asyncio.Task[Claimed | Denied] | None = None
        self._answered = self._over = False
        self._tasks: set[asyncio.Task[Any]] = set()

    def beat(self) -> JobBeat:
        """Still here, and so much of the present sentence was heard."""
        return JobBeat(offer_id=self._offer_id, saying=self._talk.saying() if self._talk else None)

    # --- the story ---------------------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """Join, claim and start to talk. Never raises: what goes wrong ends the job and is reported as a failure."""
        try:
            self._keep(self._hold_line())
            self._listen_to_room()
            await self._ctx.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
            caller = await self._caller()
            self._on_attributes({}, caller)
            self._claiming = asyncio.create_task(self._link.claim(self._offer_id, os.getpid(), CLAIM_SECONDS))
            match await self._claiming:
                case Denied(because=because):
                    self._end(f"denied: {because}")
                case Claimed(agent=AgentBrief() as brief) if not self._over:
                    await self._converse(brief, caller)
                case Claimed():
                    self._end("claimed without a brief", failure=None if self._over else "no brief")
        except (TimeoutError, LinkRefusedError) as error:
            self._end(f"not claimed: {type(error).__name__}")
        except asyncio.CancelledError:
            if not self._over:
                raise
        except Exception as error:
            if self._over:  # it was leaving already, and has said why
                return
            logger.exception("agent could not start", extra=self._ids())
            self._end("agent could not start", failure=type(error).__name__)

    async def _caller(self) -> rtc.RemoteParticipant:
        identity = self._take.caller_identity
        try:
            async with asyncio.timeout(CALLER_TIMEOUT_SECONDS):
                return await self._ctx.wait_for_participant(identity=identity)
        except TimeoutError:
            self._link.send(CallerLeft(offer_id=self._offer_id, certain=False))
            raise
        except RuntimeError:  # how livekit-agents says that the room is gone
            if not self._ctx.room.isconnected():
                self._end("room closed")
            raise

    async def _converse(self, brief: AgentBrief, caller: rtc.RemoteParticipant) -> None:
        self._talk = Talk(
            brief,
            self._build_session(brief),
            self._ctx.room,
            self._transcript,
            self._speech,
            self._sounds,
            first_sound=lambda: self._link.send(FirstFrame(offer_id=self._offer_id)),
            gave_up=lambda failure: self._end("the conversation cannot go on", failure=failure),
            trouble=lambda source: self._link.send(Trouble(offer_id=self._offer_id, source=source)),
            heard_whisper=lambda whisper_id, text: self._link.send(
                WhisperHeard(offer_id=self._offer_id, whisper_id=whisper_id, text=text)
            ),
            assist=lambda noted: self._link.send(noted.model_copy(update={"offer_id": self._offer_id})),
        )
        await self._talk.begin(self, caller.identity)
        if ASK_SUPERVISOR in brief.tools:
            PersonKey(self._ctx.room, caller.identity, lambda: self._keep(self._asked_by_key()))
        self._note_answer(caller)
        self._keep(self._expect_answer())

    async def _expect_answer(self) -> None:
        """livekit-sip answers within a second and a half of our publishing, or the caller is not there any more: a
        CANCEL that comes just after the join leaves a participant behind that only a time-out of 20 s removes."""
        await asyncio.sleep(UNANSWERED_SECONDS)
        if not self._answered and not self._over:
            self._link.send(CallerLeft(offer_id=self._offer_id))
            self._end("the caller's leg never became active")

    async def finish(self) -> None:
        """The session is closed: store what is left, leave the room, free the seat."""
        self._over = True
        self._on_over()
        if self._talk is not None:
            self._talk.close()
        if not await self._link.flush(self._offer_id, FLUSH_SECONDS):
            logger.warning("segments not acknowledged", extra=self._ids())
        await self._ctx.room.disconnect()
        self._link.send(Left(offer_id=self._offer_id, failure=self._failure))
        await self._link.sent(FLUSH_SECONDS if self._link.connected else DESK_BACK_SECONDS)
        for task in self._tasks:
            task.cancel()

    def _end(self, reason: str, *, failure: str | None = None) -> None:
        if self._over:
            return
        self._over = True
        self._on_over()
        self._failure = failure
        logger.info("agent leaves", extra={**self._ids(), "reason": reason})
        if self._claiming is not None:
            self._claiming.cancel()
        self._ctx.shutdown(reason)

    # --- what tools do (tools.Hands) ---------------------------------------------------------------------------------

    async def ask_desk(self, name: str, arguments: dict[str, Any]) -> Any:
        """Run a tool in the control plane. Raises ToolError with a sentence the model can say."""
        try:
            answer = await self._link.tool_call(self._offer_id, name, arguments, TOOL_TIMEOUT_SECONDS)
        except (TimeoutError, LinkRefusedError):
            raise ToolError(DESK_AWAY) from None
        if answer.error is not None:
            raise ToolError(answer.error)
        return answer.result

    async def end_call(self, ctx: RunContext[None]) -> str | None:
        """Say goodbye, then end the call; a string for the model if the caller goes on."""
        if self._talk is None or not await self._talk.goodbye(ctx):
            return "The caller is still talking, so the call goes on. Answer the caller."
        self._keep(self._hang_up(EndReason.GOODBYE))
        return None

    async def _asked_by_key(self) -> None:
        """The caller pressed the key for a person."""
        if self._talk is None or self._talk.led_by_human or self._over:
            return
        try:
            answer = await self.ask_desk(ASK_SUPERVISOR, {"reason": "The caller pressed 0.", "by_key": True})
            self._talk.say_next(str(answer["message"]))
        except ToolError as error:
            self._talk.say_next(str(error))

    async def _say_and_end(self, text: str) -> None:
        """The desk's last word."""
        if self._talk is not None and await self._talk.last_words(text):
            await self._hang_up(EndReason.MESSAGE_SAID)

    async def _hang_up(self, reason: EndReason) -> None:
        await asyncio.sleep(TAIL_SECONDS)
        if self._talk is not None:
            self._talk.everything_is_said()
        try:
            await self._link.end_call(self._offer_id, reason, self._hang_up_alone)
        except TimeoutError as error:
            self._end(str(error), failure="end_call unanswered")

    async def _hang_up_alone(self) -> None:
        await hang_up(self._ctx.room, self._take.caller_identity)

    # --- what happens ------------------------------------------------------------------------------------------------

    def _listen_to_room(self) -> None:
        room = self._ctx.room
        room.on("participant_disconnected", self._on_participant_left)
        room.on("participant_attributes_changed", self._on_attributes)
        room.on("disconnected", lambda *_: self._end("room closed"))

    def on_command(self, command: Command) -> None:
        """What the desk tells this job: only ever to go, at once or after a last sentence."""
        match command:
            case Leave() | Fade() | Denied():
                self._end(f"desk: {command.type}")
            case SayAndEnd(text=text):
                self._keep(self._say_and_end(text))
            case Supervised() | Whisper() | SayNext():
                if self._talk is not None:
                    self._talk.on_supervision(command)
            case _:
                pass

    def _on_participant_left(self, participant: rtc.Participant) -> None:
        if participant.identity != self._take.caller_identity or self._over:
            return
        if has_left(participant) or has_hung_up(participant):
            self._link.send(CallerLeft(offer_id=self._offer_id, lost=was_lost(participant)))
            self._end("caller left")
        else:
            self._link.send(CallerLeft(offer_id=self._offer_id, certain=False))
            self._end("room connection broke", failure="its connection to the room broke")

    def _on_attributes(self, _changed: dict[str, str], participant: rtc.Participant) -> None:
        if participant.identity != self._take.caller_identity:
            return
        if has_hung_up(participant):
            self._on_participant_left(participant)
        elif self._talk is not None:
            self._note_answer(participant)

    def _note_answer(self, caller: rtc.Participant) -> None:
        if not self._answered and is_answered(caller):
            self._answered = True
            self._link.send(Answered(offer_id=self._offer_id, at=datetime.now(UTC)))

    # --- small things ------------------------------------------------------------------------------------------------

    async def _hold_line(self) -> None:
        try:
            await self._link.run()
        except LinkRefusedError:
            self._end("desk refused the token")
        except Exception as error:
            logger.exception("desk line failed", extra=self._ids())
            self._end("desk line failed", failure=type(error).__name__)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _ids(self) -> dict[str, str]:
        return {"call": self._take.call_id, "offer": self._offer_id}
