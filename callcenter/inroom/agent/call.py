"""One call, from the job's start to the free seat: claim, greet, talk, say goodbye, leave nothing unsaid."""

import asyncio
import logging
import os
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
from livekit.agents.voice import SpeechHandle

from callcenter.inroom.agent.conversation import Opening, Voice, expect_words, opening, start_session
from callcenter.inroom.agent.heard import HeardAudio
from callcenter.inroom.agent.models import Recogniser, vad_silence
from callcenter.inroom.agent.patience import Patience
from callcenter.inroom.agent.transcript import Transcript
from callcenter.inroom.client.link import Command, DeskLink, LinkRefusedError
from callcenter.inroom.media import TAIL_SECONDS, has_hung_up, has_left, is_answered
from callcenter.inroom.sound.speech import Canned, Speech, frames
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
    SayAndEnd,
)

logger = logging.getLogger(__name__)

CALLER_TIMEOUT_SECONDS = 3.0
CLAIM_TIMEOUT_SECONDS = 5.0
# A cut desk has become a sentence before the caller, who is bridged over meanwhile, has waited three seconds.
TOOL_TIMEOUT_SECONDS = 2.5
# True whether or not it was done: asked again, what changed something is not done twice.
DESK_AWAY = "I am sorry, I cannot reach our system right now. Please ask me again in a moment."
FLUSH_SECONDS = 2.0
END_CALL_RETRY_SECONDS = 2.0
END_CALL_TRIES = 3


UNANSWERED_SECONDS = 4.0
NO_ANSWER = "no_answer"


def after_error(in_a_row: int, *, has_voice: bool) -> Literal["apologise", "give_up"]:
    """What an unrecoverable model error means: without a voice, or the second time running, somebody else goes on."""
    return "apologise" if has_voice and in_a_row == 1 else "give_up"


class AgentCall:
    """The agent's part in one call. `begin` returns once it talks (or has left); `finish` runs when the job ends."""

    def __init__(
        self,
        ctx: JobContext,
        dispatch: DispatchMetadata,
        link: DeskLink,
        build_session: Callable[[AgentBrief], AgentSession[None]],
        speech: Speech,
    ) -> None:
        self._ctx = ctx
        self._dispatch = dispatch
        self._link = link
        self._build_session = build_session
        self._speech = speech
        self._offer_id = dispatch.offer_id
        self._transcript = Transcript(dispatch.offer_id, link.say)
        self._session: AgentSession[None] | None = None
        self._heard_audio: HeardAudio | None = None
        self._canned: Canned | None = None
        self._patience: Patience | None = None
        self._brief: AgentBrief | None = None
        self._agent_sentences = 0
        self._errors: Counter[str] = Counter()
        self._failure: str | None = None
        self._answered = self._first_frame = self._ending = self._over = False
        self._tasks: set[asyncio.Task[Any]] = set()

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
        try:
            return await asyncio.wait_for(self._ctx.wait_for_participant(identity=identity), CALLER_TIMEOUT_SECONDS)
        except TimeoutError:
            self._link.send(CallerLeft(offer_id=self._offer_id, certain=False))
            raise

    async def _talk(self, brief: AgentBrief, caller: rtc.RemoteParticipant) -> None:
        self._brief = brief
        canned = self._canned = Canned(self._speech, brief.voice, brief.tts)
        recalled = asyncio.create_task(canned.recall(brief.fixed_sentences))
        session = self._session = self._build_session(brief)
        session.on("agent_state_changed", self._on_agent_state)
        session.on("conversation_item_added", self._on_item)
        session.on("user_state_changed", self._on_user_state)
        session.on("user_input_transcribed", self._on_heard)
        session.on("error", self._on_error)
        session.on("close", lambda _: self._end("the session closed", failure="the session closed"))
        voice = Voice(brief, self._transcript, self, lambda: self._ending)
        heard = self._heard_audio = await start_session(session, voice, self._ctx.room, caller.identity)
        await recalled
        self._open_conversation(session, brief)
        self._note_answer(caller)
        self._keep(self._expect_answer())
        self._keep(self._be_patient(session, brief, canned, heard))
        self._keep(canned.prepare(brief.fixed_sentences))

    async def _be_patient(
        self, session: AgentSession[None], brief: AgentBrief, canned: Canned, heard: HeardAudio
    ) -> None:
        patience = self._patience = Patience(
            self._ctx.room,
            canned,
            brief.bridge,
            ask_again=self._ask_again,
            give_up=lambda: self._keep(self._break_off()),
            said=self._transcript.bridged,
        )
        heard.before_speech = patience.make_room
        recogniser = session.stt
        assert isinstance(recogniser, Recogniser)
        await patience.watch(session, recogniser, heard)

    async def _expect_answer(self) -> None:
        """livekit-sip answers within a second and a half of our publishing, or the caller is not there any more: a
        CANCEL that comes just after the join leaves a participant behind that only a time-out of 20 s removes."""
        await asyncio.sleep(UNANSWERED_SECONDS)
        if not self._answered and not self._over:
            self._link.send(CallerLeft(offer_id=self._offer_id))
            self._end("the caller's leg never became active")

    def _open_conversation(self, session: AgentSession[None], brief: AgentBrief) -> None:
        """Greet; or, where another agent was before, go on from what was heard last."""
        match opening(brief):
            case Opening.GREET:
                self._say(brief.greeting)
            case Opening.REPLY:
                session.generate_reply()
            case Opening.RESUME:
                self._say(brief.resumption)

    def _say(self, text: str) -> SpeechHandle:
        """Say one of the brief's own sentences: from its kept sound, so that it needs no model to be there."""
        assert self._session is not None
        samples = self._canned.ready(text) if self._canned else None
        if samples is None:
            return self._session.say(text)
        return self._session.say(text, audio=frames(samples))

    async def finish(self) -> None:
        """The session is closed: store what is left, leave the room, free the seat."""
        self._over = True
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
            raise ToolError(DESK_AWAY) from None
        if answer.error is not None:
            raise ToolError(answer.error)
        return answer.result

    async def end_call(self, ctx: RunContext[None]) -> str | None:
        """Let the goodbye finish, say one if the model has not, then end the call; a string if the caller goes on."""
        said_before = self._agent_sentences
        await ctx.wait_for_playout()
        if self._agent_sentences == said_before and self._brief is not None and self._brief.goodbye:
            goodbye = self._say(self._brief.goodbye)
            await goodbye
            if goodbye.interrupted:
                return "The caller is still talking, so the call goes on. Answer the caller."
        self._ending = True
        self._keep(self._hang_up(EndReason.GOODBYE))
        return None

    async def _say_and_end(self, text: str) -> None:
        """The desk's last word: whatever is being said stops, this is said whole, and the call ends."""
        if self._session is None or self._over or self._ending:
            return
        self._ending = True
        await self._session.interrupt(force=True)
        await self._session.say(text, allow_interruptions=False)
        await self._hang_up(EndReason.MESSAGE_SAID)

    async def _hang_up(self, reason: EndReason) -> None:
        await asyncio.sleep(TAIL_SECONDS)
        await self._link.flush(self._offer_id, FLUSH_SECONDS)
        for _ in range(END_CALL_TRIES):
            self._link.send(EndCall(offer_id=self._offer_id, reason=reason))
            await asyncio.sleep(END_CALL_RETRY_SECONDS)
        self._end("the desk did not end the call", failure="end_call unanswered")

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
            case _:
                pass

    def _on_participant_left(self, participant: rtc.Participant) -> None:
        if participant.identity != self._dispatch.caller_identity or self._over:
            return
        if has_left(participant) or has_hung_up(participant):
            self._link.send(CallerLeft(offer_id=self._offer_id))
            self._end("caller left")
        else:
            self._link.send(CallerLeft(offer_id=self._offer_id, certain=False))
            self._end("room connection broke", failure="its connection to the room broke")

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
        if event.new_state in ("speaking", "thinking") and self._patience is not None:
            self._patience.understood()
        if event.new_state == "speaking" and not self._first_frame:
            self._first_frame = True
            self._link.send(FirstFrame(offer_id=self._offer_id))

    def _on_user_state(self, event: UserStateChangedEvent) -> None:
        if self._session is None or self._patience is None or self._brief is None:
            return
        if event.new_state == "speaking":
            self._patience.caller_began()
            expect_words(self._session, expected=True)
        else:
            self._patience.caller_ended(vad_silence(self._brief.turn_taking))

    def _ask_again(self) -> None:
        """The caller said something that the recogniser made nothing of: say so, rather than nothing."""
        if self._brief is not None and not self._over and not self._ending:
            self._say(self._brief.not_understood)

    def _on_heard(self, event: UserInputTranscribedEvent) -> None:
        if event.transcript.strip() and self._patience is not None:
            self._patience.understood()
        if event.is_final and self._session is not None:
            self._errors["stt_error"] = 0
            expect_words(self._session, expected=self._session.user_state == "speaking")

    def _on_item(self, event: ConversationItemAddedEvent) -> None:
        if isinstance(event.item, llm.ChatMessage) and event.item.role == "assistant":
            self._agent_sentences += 1
            if "llm_node_ttft" in event.item.metrics:
                self._errors["llm_error"] = self._errors["tts_error"] = self._errors[NO_ANSWER] = 0
            silent_since = self._heard_audio.ended_at if self._heard_audio else None
            self._transcript.said(event.item, silent_since)

    def _on_error(self, event: ErrorEvent) -> None:
        if not getattr(event.error, "recoverable", True):
            self._failed(str(getattr(event.error, "type", "unknown")))

    async def _break_off(self) -> None:
        """An answer has been awaited for too long: it is not wanted any more."""
        if self._session is not None and not self._over:
            await self._session.interrupt(force=True)
            self._failed(NO_ANSWER)

    def _failed(self, source: str) -> None:
        if self._over or self._session is None or self._brief is None:
            return
        self._errors[source] += 1
        logger.error("model failed", extra={**self._ids(), "source": source, "in_a_row": self._errors[source]})
        kept = self._canned is not None and self._canned.ready(self._brief.trouble) is not None
        has_voice = kept or source not in ("tts_error", NO_ANSWER)
        if after_error(self._errors[source], has_voice=has_voice) == "give_up":
            self._end("model failed", failure=source)
        else:
            self._say(self._brief.trouble)

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
