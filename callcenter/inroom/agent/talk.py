"""The conversation of one call: what is heard and said, what is waited for, and what becomes of a model that fails."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from livekit import rtc
from livekit.agents import (
    AgentSession,
    AgentStateChangedEvent,
    ConversationItemAddedEvent,
    ErrorEvent,
    RunContext,
    UserInputTranscribedEvent,
    UserStateChangedEvent,
    llm,
)
from livekit.agents.voice import SpeechHandle

from callcenter.inroom.agent.colleagues import Colleagues
from callcenter.inroom.agent.conversation import Opening, Voice, expect_words, opening, opening_sentences, start_session
from callcenter.inroom.agent.failing import NO_ANSWER, Failing
from callcenter.inroom.agent.floor import Floor
from callcenter.inroom.agent.heard import HeardAudio
from callcenter.inroom.agent.hold import HoldMusic
from callcenter.inroom.agent.models import Recogniser, build_vad, vad_silence
from callcenter.inroom.agent.patience import Patience
from callcenter.inroom.agent.tools import Hands
from callcenter.inroom.agent.transcript import Transcript
from callcenter.inroom.sound.sounds import Sounds
from callcenter.inroom.sound.speech import Canned, Speech, frames
from callcenter.platform.wire.base import TroubleSource
from callcenter.platform.wire.brief import AgentBrief
from callcenter.platform.wire.messages import Saying
from callcenter.platform.wire.supervision import Assistance, SayNext, Supervised, Whisper

# From the end of thinking to the certainty that nothing was said: an error that is told, a caller who speaks on.
EMPTY_SECONDS = 0.3
MADE_AHEAD = ("llm_error", "tts_error")


class Talk:
    """One session with its brief. `first_sound` is called once, when the agent is first heard; `gave_up`, with what
    failed, when the conversation cannot go on with this agent; `trouble`, each time a model fails or is bridged."""

    def __init__(
        self,
        brief: AgentBrief,
        session: AgentSession[None],
        room: rtc.Room,
        transcript: Transcript,
        speech: Speech,
        sounds: Sounds,
        *,
        first_sound: Callable[[], None],
        gave_up: Callable[[str], None],
        trouble: Callable[[TroubleSource], None],
        heard_whisper: Callable[[str, str], None] = lambda _id, _text: None,
        assist: Callable[[Assistance], None] = lambda _noted: None,
    ) -> None:
        self._brief = brief
        self._session = session
        self._room = room
        self._transcript = transcript
        self._canned = Canned(speech, brief.voice, brief.tts)
        self._patience = Patience(
            room,
            self._canned,
            brief.bridge,
            ask_again=self._ask_again,
            give_up=lambda: self._keep(self._break_off()),
            said=self._bridged,
        )
        self._first_sound = first_sound
        self._gave_up = gave_up
        self._trouble = trouble
        self._heard_whisper = heard_whisper
        self._assist = assist
        self._hold = HoldMusic(room, sounds, brief.hold_music)
        self._floor: Floor | None = None
        self._voice: Voice | None = None
        self._colleagues: Colleagues | None = None
        self._heard_audio: HeardAudio | None = None
        self._was_heard = self._ending = self._over = False
        self._sentences = self._turns = self._answered_turn = 0
        self._failing = Failing(
            kept=lambda: self._canned.ready(brief.trouble) is not None,
            unawaited=lambda: self.led_by_human,
            apologise=lambda: self._say(brief.trouble),
            give_up=self._give_up,
            trouble=trouble,
        )
        self._tasks: set[asyncio.Task[Any]] = set()

    async def begin(self, hands: Hands, caller_identity: str) -> None:
        """Listen to the caller, publish the voice, and greet; or go on where another agent was before."""
        # The others are read while this one is heard.
        recalled = asyncio.create_task(self._canned.recall(opening_sentences(self._brief)))
        session = self._session
        session.on("agent_state_changed", self._on_agent_state)
        session.on("conversation_item_added", self._on_item)
        session.on("user_state_changed", self._on_user_state)
        session.on("user_input_transcribed", self._on_heard)
        session.on("error", self._on_error)
        session.on("close", lambda _: self._give_up("the session closed"))
        voice = self._voice = Voice(self._brief, self._transcript, hands, lambda: self._ending or self.led_by_human)
        floor = self._floor = Floor(
            self._brief, session, voice, self._patience, say=self._say, cut_short=self._cut_short,
            heard_whisper=self._heard_whisper, assist=self._assist, hold=self._hold.play,
        )  # fmt: skip
        heard = self._heard_audio = await start_session(session, voice, self._room, caller_identity)
        await recalled
        if not floor.led_by_human:
            self._open()
        heard.before_speech = self._patience.make_room
        recogniser = session.stt
        assert isinstance(recogniser, Recogniser)
        self._listen_to_colleagues(floor, recogniser)
        self._keep(self._patience.watch(session, recogniser, heard))
        self._keep(self._canned.prepare(self._brief.fixed_sentences))

    def _open(self) -> None:
        if self._brief.news:
            self._say(self._brief.news)
        match opening(self._brief):
            case Opening.GREET:
                self._say(self._brief.greeting)
            case Opening.REPLY:
                self._session.generate_reply()
            case Opening.RESUME:
                self._say(self._brief.resumption)

    def _listen_to_colleagues(self, floor: Floor, recogniser: Recogniser) -> None:
        self._colleagues = floor.colleagues = Colleagues(
            self._room, recogniser.another(), lambda: build_vad(self._brief.turn_taking),
            self._transcript.of_supervisor, began=floor.colleague_began, said=floor.colleague_said,
        )  # fmt: skip
        self._colleagues.listen()

    @property
    def led_by_human(self) -> bool:
        """Whether a supervisor leads, and this agent only listens."""
        return self._floor is not None and self._floor.led_by_human

    def on_supervision(self, message: Supervised | Whisper | SayNext) -> None:
        """What the desk says of supervisors."""
        if self._floor is None or self._over or self._ending:
            return
        match message:
            case Supervised():
                self._floor.told(message)
                if self.led_by_human:
                    self._keep(self._hold.prepare())
            case Whisper():
                self._floor.whispered(message)
            case SayNext(text=text):
                self.say_next(text)

    def say_next(self, text: str) -> None:
        """Tell the caller this at the next occasion, unless a supervisor talks to them, or everything is said."""
        if not (self._over or self._ending or self.led_by_human):
            self._say(text)

    def saying(self) -> Saying | None:
        """What was heard by now of the present sentence, if more than was told before."""
        heard = self._heard_audio.so_far() if self._heard_audio else None
        return self._transcript.saying(*heard) if heard else None

    async def goodbye(self, ctx: RunContext[None]) -> bool:
        """Let the model's goodbye finish, or say one; False when the caller goes on talking. Then the agent is deaf."""
        said_before = self._sentences
        await ctx.wait_for_playout()
        if self._sentences == said_before and self._brief.goodbye:
            goodbye = self._say(self._brief.goodbye)
            await goodbye
            if goodbye.interrupted:
                return False
        if self.led_by_human:
            return False
        self._ending = True
        return True

    async def last_words(self, text: str) -> bool:
        """Whatever is being said stops, and this is said whole; False when the conversation ends already."""
        if self._ending or self._over:
            return False
        self._ending = True
        await self._session.interrupt(force=True)
        await self._session.say(text, allow_interruptions=False)
        return True

    def everything_is_said(self) -> None:
        """The call is to end: what is heard from now on is music, should that take its time."""
        self._patience.everything_is_said()

    def close(self) -> None:
        """Nothing is said any more."""
        self._over = True
        self._transcript.close()
        for part in (self._floor, self._colleagues):
            if part is not None:
                part.close()
        for task in self._tasks:
            task.cancel()

    def _say(self, text: str) -> SpeechHandle:
        """Say one of the brief's own sentences: from its kept sound, so that it needs no model to be there."""
        samples = self._canned.ready(text)
        return self._session.say(text) if samples is None else self._session.say(text, audio=frames(samples))

    # --- what is heard and said --------------------------------------------------------------------------------------

    def _on_agent_state(self, event: AgentStateChangedEvent) -> None:
        if event.new_state in ("speaking", "thinking"):
            self._patience.understood()
        if event.new_state == "thinking":
            self._answered_turn = self._turns
        if event.new_state == "speaking" and self._floor is not None and self.led_by_human:
            self._keep(self._floor.hush())  # begun in the moment in which the lead changed
        if event.new_state == "speaking" and not self._was_heard:
            self._was_heard = True
            self._first_sound()
        if event.old_state == "thinking" and event.new_state == "listening":
            self._keep(self._notice_empty_answer(self._answered_turn))

    def _on_user_state(self, event: UserStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self._turns += 1
            self._patience.caller_began()
            expect_words(self._session, expected=True)
        else:
            self._patience.caller_ended(vad_silence(self._brief.turn_taking))

    def _on_heard(self, event: UserInputTranscribedEvent) -> None:
        if event.transcript.strip():
            self._patience.understood()
        if event.is_final:
            self._failing.understood()
            if self._floor is not None:
                self._floor.caller_said(event.transcript)
            expect_words(self._session, expected=self._session.user_state == "speaking")

    def _on_item(self, event: ConversationItemAddedEvent) -> None:
        if isinstance(event.item, llm.ChatMessage) and event.item.role == "assistant":
            self._sentences += 1
            if "llm_node_ttft" in event.item.metrics:
                self._failing.answered()
            silent_since = self._heard_audio.ended_at if self._heard_audio else None
            self._transcript.said(event.item, silent_since)

    async def _cut_short(self) -> None:
        """For a colleague: that the present answer never comes is no failure then."""
        self._turns += 1
        await self._session.interrupt(force=True)

    def _ask_again(self) -> None:
        """The caller said something that the recogniser made nothing of: say so, rather than nothing."""
        if not self._over and not self._ending and not self.led_by_human:
            self._say(self._brief.not_understood)

    # --- what fails --------------------------------------------------------------------------------------------------

    def _on_error(self, event: ErrorEvent) -> None:
        source = str(getattr(event.error, "type", "unknown"))
        if getattr(event.error, "recoverable", True):
            return
        if not (source in MADE_AHEAD and self._voice is not None and self._voice.failed_ahead()):
            self._failed(source)

    async def _notice_empty_answer(self, turn: int) -> None:
        """A model that answers nothing at all has failed without saying so: the caller would wait for ever. One whose
        answer the caller cut short by speaking on has not."""
        await asyncio.sleep(EMPTY_SECONDS)
        quiet = self._ending or self.led_by_human
        if self._session.agent_state == "listening" and self._turns == turn and not quiet:
            self._failed(NO_ANSWER)

    def _bridged(self, text: str, started_at: float, ended_at: float, interrupted: bool) -> None:
        self._transcript.bridged(text, started_at, ended_at, interrupted)
        self._trouble(TroubleSource.SLOW)

    async def _break_off(self) -> None:
        """An answer has been awaited for too long: it is not wanted any more."""
        if not self._over:
            await self._session.interrupt(force=True)
            self._failed(NO_ANSWER)

    def _failed(self, source: str) -> None:
        if not self._over:
            self._failing.failed(source)

    def _give_up(self, failure: str) -> None:
        if not self._over:
            self._over = True
            self._gave_up(failure)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
