"""One call, from the job's start to the free seat: claim, greet, talk, say goodbye, leave nothing unsaid."""

import asyncio
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Literal

from livekit import rtc
from livekit.agents import (
    AgentSession,
    AgentStateChangedEvent,
    AutoSubscribe,
    ConversationItemAddedEvent,
    ErrorEvent,
    JobContext,
    RunContext,
    ToolError,
    UserInputTranscribedEvent,
    UserStateChangedEvent,
    llm,
)

from callcenter.inroom.agent.conversation import Voice, expect_words, start_session
from callcenter.inroom.agent.heard import HeardAudio
from callcenter.inroom.agent.transcript import Transcript
from callcenter.inroom.client.link import Command, DeskLink, LinkRefusedError
from callcenter.inroom.media import TAIL_SECONDS, has_hung_up, is_answered
from callcenter.platform.wire.dispatch import DispatchMetadata
from callcenter.platform.wire.messages import (
    AgentBrief,
    Answered,
    CallerLeft,
    Claimed,
    Denied,
    EndCall,
    EndReason,
    Fade,
    FirstFrame,
    JobBeat,
    Leave,
    Left,
    Speaker,
)

logger = logging.getLogger(__name__)

CALLER_TIMEOUT_SECONDS = 3.0
CLAIM_TIMEOUT_SECONDS = 5.0
TOOL_TIMEOUT_SECONDS = 5.0
FLUSH_SECONDS = 2.0
END_CALL_RETRY_SECONDS = 2.0
END_CALL_TRIES = 3


def after_error(source: str, in_a_row: int) -> Literal["apologise", "give_up"]:
    """What an unrecoverable model error means: without a voice, or the second time running, somebody else goes on."""
    return "give_up" if source == "tts_error" or in_a_row > 1 else "apologise"


# The detector reports the end of speech late by its silence; shorter sounds are coughs and "mm-hm".
UTTERANCE_SECONDS = 0.6
UNANSWERED_SECONDS = 4.0
UNCLEAR_AFTER_SECONDS = 1.4


class AgentCall:
    """The agent's part in one call. `begin` returns once it talks (or has left); `finish` runs when the job ends."""

    def __init__(
        self,
        ctx: JobContext,
        dispatch: DispatchMetadata,
        link: DeskLink,
        build_session: Callable[[AgentBrief], AgentSession[None]],
    ) -> None:
        self._ctx = ctx
        self._dispatch = dispatch
        self._link = link
        self._build_session = build_session
        self._offer_id = dispatch.offer_id
        self._transcript = Transcript(dispatch.offer_id, link.say)
        self._session: AgentSession[None] | None = None
        self._heard_audio: HeardAudio | None = None
        self._brief: AgentBrief | None = None
        self._agent_sentences = 0
        self._errors: Counter[str] = Counter()
        self._failure: str | None = None
        self._answered = self._first_frame = self._ending = self._over = False
        self._caller_speaks_since: float | None = None
        self._unclear: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def bridge(self) -> str:
        """What to say while a tool takes its time."""
        return self._brief.bridge if self._brief else ""

    def beat(self) -> JobBeat:
        """Still here, and so much of the present sentence was heard."""
        heard = self._heard_audio.so_far() if self._heard_audio else None
        return JobBeat(offer_id=self._offer_id, saying=self._transcript.saying(*heard) if heard else None)

    # --- the story ---------------------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """Join, claim and start to talk. Never raises: what goes wrong ends the job and is reported as a failure."""
        try:
            self._keep(self._hold_line())
            self._listen_to_room()
            await self._ctx.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
            caller = await self._caller()
            self._on_attributes({}, caller)
            answer = await self._link.claim(self._offer_id, os.getpid(), CLAIM_TIMEOUT_SECONDS)
            match answer:
                case Denied(because=because):
                    self._end(f"denied: {because}")
                case Claimed(agent=AgentBrief() as brief) if not self._over:
                    await self._talk(brief, caller)
                case Claimed():
                    self._end("claimed without a brief", failure=None if self._over else "no brief")
        except (TimeoutError, LinkRefusedError) as error:
            self._end(f"not claimed: {type(error).__name__}")
        except Exception as error:
            logger.exception("agent could not start", extra=self._ids())
            self._end("agent could not start", failure=type(error).__name__)

    async def _caller(self) -> rtc.RemoteParticipant:
        identity = self._dispatch.caller_identity
        return await asyncio.wait_for(self._ctx.wait_for_participant(identity=identity), CALLER_TIMEOUT_SECONDS)

    async def _talk(self, brief: AgentBrief, caller: rtc.RemoteParticipant) -> None:
        self._brief = brief
        session = self._session = self._build_session(brief)
        session.on("agent_state_changed", self._on_agent_state)
        session.on("conversation_item_added", self._on_item)
        session.on("user_state_changed", self._on_user_state)
        session.on("user_input_transcribed", self._on_heard)
        session.on("error", self._on_error)
        voice = Voice(brief, self._transcript, self, lambda: self._ending)
        self._heard_audio = await start_session(session, voice, self._ctx.room, caller.identity)
        self._open_conversation(session, brief)
        self._note_answer(caller)
        self._keep(self._expect_answer())

    async def _expect_answer(self) -> None:
        """livekit-sip answers within a second and a half of our publishing, or the caller is not there any more: a
        CANCEL that comes just after the join leaves a participant behind that only a time-out of 20 s removes."""
        await asyncio.sleep(UNANSWERED_SECONDS)
        if not self._answered and not self._over:
            self._link.send(CallerLeft(offer_id=self._offer_id))
            self._end("the caller's leg never became active")

    def _open_conversation(self, session: AgentSession[None], brief: AgentBrief) -> None:
        """Greet; or, where another agent was before, answer what the caller said last or say that we go on."""
        if all(turn.speaker is not Speaker.AGENT for turn in brief.history):
            session.say(brief.greeting, allow_interruptions=True)
        elif brief.history[-1].speaker is Speaker.CALLER:
            session.generate_reply()
        else:
            session.say(brief.resumption, allow_interruptions=True)

    async def finish(self) -> None:
        """The session is closed: store what is left, leave the room, free the seat."""
        self._over = True
        self._hush()
        if not await self._link.flush(self._offer_id, FLUSH_SECONDS):
            logger.warning("segments not acknowledged", extra=self._ids())
        await self._ctx.room.disconnect()
        self._link.send(Left(offer_id=self._offer_id, failure=self._failure))
        await self._link.sent(FLUSH_SECONDS)
        for task in self._tasks:
            task.cancel()

    def _end(self, reason: str, *, failure: str | None = None) -> None:
        if self._over:
            return
        self._over = True
        self._failure = failure
        logger.info("agent leaves", extra={**self._ids(), "reason": reason})
        self._ctx.shutdown(reason)

    # --- what tools do (tools.Hands) ---------------------------------------------------------------------------------

    async def ask_desk(self, name: str, arguments: dict[str, Any]) -> Any:
        """Run a tool in the control plane. Raises ToolError with a sentence the model can say."""
        try:
            answer = await self._link.tool_call(self._offer_id, name, arguments, TOOL_TIMEOUT_SECONDS)
        except (TimeoutError, LinkRefusedError):
            raise ToolError("That information cannot be reached at the moment.") from None
        if answer.error is not None:
            raise ToolError(answer.error)
        return answer.result

    async def end_call(self, ctx: RunContext[None]) -> str | None:
        """Let the goodbye finish, say one if the model has not, then end the call; a string if the caller goes on."""
        said_before = self._agent_sentences
        await ctx.wait_for_playout()
        if self._agent_sentences == said_before and self._brief is not None and self._brief.goodbye:
            goodbye = ctx.session.say(self._brief.goodbye)
            await goodbye
            if goodbye.interrupted:
                return "The caller is still talking, so the call goes on. Answer the caller."
        self._ending = True
        self._keep(self._hang_up())
        return None

    async def _hang_up(self) -> None:
        await asyncio.sleep(TAIL_SECONDS)
        await self._link.flush(self._offer_id, FLUSH_SECONDS)
        for _ in range(END_CALL_TRIES):
            self._link.send(EndCall(offer_id=self._offer_id, reason=EndReason.GOODBYE))
            await asyncio.sleep(END_CALL_RETRY_SECONDS)
        self._end("the desk did not end the call", failure="end_call unanswered")

    # --- what happens ------------------------------------------------------------------------------------------------

    def _listen_to_room(self) -> None:
        room = self._ctx.room
        room.on("participant_disconnected", self._on_participant_left)
        room.on("participant_attributes_changed", self._on_attributes)
        room.on("disconnected", lambda *_: self._end("room closed"))

    def on_command(self, command: Command) -> None:
        """What the desk tells this job: only ever to go."""
        if isinstance(command, Leave | Fade | Denied):
            self._end(f"desk: {command.type}")

    def _on_participant_left(self, participant: rtc.Participant) -> None:
        if participant.identity == self._dispatch.caller_identity and not self._over:
            self._link.send(CallerLeft(offer_id=self._offer_id))
            self._end("caller left")

    def _on_attributes(self, _changed: dict[str, str], participant: rtc.Participant) -> None:
        if participant.identity != self._dispatch.caller_identity:
            return
        if has_hung_up(participant):
            self._on_participant_left(participant)
        elif self._brief is not None:
            self._note_answer(participant)

    def _note_answer(self, caller: rtc.Participant) -> None:
        if not self._answered and is_answered(caller):
            self._answered = True
            self._link.send(Answered(offer_id=self._offer_id, at=datetime.now(UTC)))

    def _on_agent_state(self, event: AgentStateChangedEvent) -> None:
        if event.new_state in ("speaking", "thinking"):
            self._hush()
        if event.new_state == "speaking" and not self._first_frame:
            self._first_frame = True
            self._link.send(FirstFrame(offer_id=self._offer_id))

    def _on_user_state(self, event: UserStateChangedEvent) -> None:
        now = time.monotonic()
        if event.new_state == "speaking" and self._session is not None:
            self._caller_speaks_since = now
            self._hush()
            expect_words(self._session, expected=True)
        elif self._caller_speaks_since is not None:
            lasted = now - self._caller_speaks_since
            self._caller_speaks_since = None
            if lasted >= UTTERANCE_SECONDS and self._session is not None:
                self._unclear = asyncio.get_running_loop().call_later(UNCLEAR_AFTER_SECONDS, self._ask_again)

    def _hush(self) -> None:
        """Something was understood, or is being said: there is nothing to ask again."""
        if self._unclear is not None:
            self._unclear.cancel()
            self._unclear = None

    def _ask_again(self) -> None:
        """The caller said something that the recogniser made nothing of: say so, rather than nothing."""
        self._unclear = None
        session = self._session
        if session is None or self._brief is None or self._over or self._ending:
            return
        if session.agent_state not in ("speaking", "thinking") and session.user_state != "speaking":
            session.say(self._brief.not_understood, allow_interruptions=True)

    def _on_heard(self, event: UserInputTranscribedEvent) -> None:
        if event.transcript.strip():
            self._hush()
        if event.is_final and self._session is not None:
            self._errors["stt_error"] = 0
            expect_words(self._session, expected=self._session.user_state == "speaking")

    def _on_item(self, event: ConversationItemAddedEvent) -> None:
        if isinstance(event.item, llm.ChatMessage) and event.item.role == "assistant":
            self._agent_sentences += 1
            if "llm_node_ttft" in event.item.metrics:
                self._errors["llm_error"] = 0
            silent_since = self._heard_audio.ended_at if self._heard_audio else None
            self._transcript.said(event.item, silent_since)

    def _on_error(self, event: ErrorEvent) -> None:
        if getattr(event.error, "recoverable", True) or self._over or self._session is None:
            return
        source = str(getattr(event.error, "type", "unknown"))
        self._errors[source] += 1
        logger.error("model failed", extra={**self._ids(), "source": source, "in_a_row": self._errors[source]})
        if after_error(source, self._errors[source]) == "give_up":
            self._end("model failed", failure=f"{source} unreachable")
        elif self._brief is not None:
            self._session.say(self._brief.trouble)

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
        return {"call": self._dispatch.call_id, "offer": self._offer_id}
