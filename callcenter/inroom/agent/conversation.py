"""One conversation: the session with its models, and the agent that speaks from the brief."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterable, AsyncIterator, Callable
from enum import StrEnum

from livekit import rtc
from livekit.agents import Agent, AgentSession, FlushSentinel, StopResponse, llm, stt
from livekit.agents.voice import ModelSettings
from livekit.agents.voice.room_io import AudioInputOptions, RoomOptions

from callcenter.inroom.agent import models
from callcenter.inroom.agent.ears import EarlyEars
from callcenter.inroom.agent.heard import HeardAudio, HeardText
from callcenter.inroom.agent.last_words import LastWords
from callcenter.inroom.agent.onset import without_lead_in
from callcenter.inroom.agent.tools import Hands, build_tools
from callcenter.inroom.agent.transcript import Transcript
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import AgentBrief, PastToolCall, PastTurn
from callcenter.platform.wire.clients import HttpClient
from callcenter.platform.wire.settings import Settings

logger = logging.getLogger(__name__)

# The caller's sound as the voice detector takes it, so that neither of its two streams has to convert it, in pieces of
# about one of its windows (32 ms; livekit-rtc takes tens only), so that none waits for the rest of a longer piece.
HEARD = AudioInputOptions(sample_rate=16_000, frame_size_ms=30, pre_connect_audio=False)
# How long closing waits for the caller's last words: not at all, unless the caller is speaking.
CLOSE_SECONDS = 0.05
CLOSE_WHILE_SPEAKING_SECONDS = 1.5
# An interrupted sentence is noted within some 20 ms.
GIVE_WAY_SECONDS = 0.1


class Opening(StrEnum):
    GREET = "greet"
    REPLY = "reply"
    RESUME = "resume"


def opening(brief: AgentBrief) -> Opening:
    """How an agent begins: with a reply where the caller's last words, or the answer to a tool call, were not followed
    by a whole sentence of an agent or a supervisor. What the attendant says is company, not an answer."""
    answered = 0
    for place, turn in enumerate(brief.history, start=1):
        if turn.speaker in (Speaker.AGENT, Speaker.SUPERVISOR) and not turn.unfinished:
            answered = place
    said_since = any(turn.speaker is Speaker.CALLER for turn in brief.history[answered:])
    told_since = any(call.after_turn >= answered for call in brief.tool_calls)
    if said_since or told_since:
        return Opening.REPLY
    met = any(turn.speaker in (Speaker.AGENT, Speaker.SUPERVISOR) for turn in brief.history)
    return Opening.RESUME if met else Opening.GREET


def opening_sentences(brief: AgentBrief) -> tuple[str, ...]:
    """The sentences of the brief that are said first, if any are."""
    news = (brief.news,) if brief.news else ()
    match opening(brief):
        case Opening.GREET:
            return (*news, brief.greeting)
        case Opening.RESUME:
            return (*news, brief.resumption)
        case Opening.REPLY:
            return news


def past_conversation(brief: AgentBrief) -> llm.ChatContext:
    """What was said and asked for before this agent came, as the model sees it: a tool call stands after the turns it
    came after, together with its answer. The attendant's announcements and what an agent could not finish are left out,
    or the model would take them for the answer that the caller still waits for."""
    context = llm.ChatContext.empty()
    if brief.summary:  # the caller's own words are in it: never as instructions
        context.add_message(role="user", content=brief.summary)
    calls = sorted(brief.tool_calls, key=lambda call: call.after_turn)
    for place, turn in enumerate(brief.history):
        while calls and calls[0].after_turn <= place:
            context.items.extend(_tool_call(calls.pop(0)))
        _add_turn(context, turn)
    for call in calls:
        context.items.extend(_tool_call(call))
    return context


def _add_turn(context: llm.ChatContext, turn: PastTurn) -> None:
    match turn.speaker:
        case Speaker.CALLER:
            context.add_message(role="user", content=turn.text)
        case Speaker.SUPERVISOR:
            context.add_message(role="assistant", content=f"[A human colleague said:] {turn.text}")
        case Speaker.AGENT if not turn.unfinished:
            context.add_message(role="assistant", content=turn.text)


def _tool_call(call: PastToolCall) -> tuple[llm.FunctionCall, llm.FunctionCallOutput]:
    output = call.error if call.error is not None else json.dumps(call.result)
    return (
        llm.FunctionCall(call_id=call.tool_call_id, name=call.name, arguments=json.dumps(call.arguments)),
        llm.FunctionCallOutput(
            call_id=call.tool_call_id, name=call.name, output=output, is_error=call.error is not None
        ),
    )


class Voice(Agent):
    """The agent of a brief. It hears through `transcript`, and answers nothing more once `deaf` says so."""

    def __init__(self, brief: AgentBrief, transcript: Transcript, hands: Hands, deaf: Callable[[], bool]) -> None:
        super().__init__(
            instructions=brief.instructions,
            chat_ctx=past_conversation(brief),
            tools=list(build_tools(brief.tools, hands)),
        )
        self._transcript = transcript
        self._deaf = deaf
        self._ahead = False  # an answer is being made that nobody is owed yet
        self._failed_ahead = False
        self._not_ours = False  # a human led when it was said

    def remember(self, role: llm.ChatRole, text: str) -> None:
        """Before the conversation begins: something that the model is to know."""
        self._chat_ctx.add_message(role=role, content=text)

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncIterator[stt.SpeechEvent]:
        """Recognise the caller and note down every result. The session restarts a recogniser that failed."""
        recogniser, detector = self.session.stt, self.session.vad
        assert isinstance(recogniser, models.Recogniser)
        assert detector is not None
        self._ahead = self._failed_ahead = False  # a recogniser that failed told of no end
        ears = EarlyEars(recogniser, detector)
        heard = ears.listen(audio, self.session.conn_options.stt_conn_options)
        async for event in self._transcript.listen(heard):
            if event.type is stt.SpeechEventType.PREFLIGHT_TRANSCRIPT:
                if self._deaf():
                    continue
                await self._give_way()
                self._ahead, self._failed_ahead = True, False
            elif event.type is stt.SpeechEventType.FINAL_TRANSCRIPT:
                self._ahead = True
                self._not_ours = self._deaf()
                if isinstance(turns := self.session.turn_detection, LastWords):
                    turns.patient = not self._not_ours
            yield event

    async def _give_way(self) -> None:
        """The caller said words: what the voice detector has only paused is over. Before it is, the session makes no
        answer ahead, and until what was heard of it is noted, none that it would keep."""
        speech = self.session.current_speech
        if speech is None or not speech.allow_interruptions:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GIVE_WAY_SECONDS):
                await speech.interrupt()

    async def llm_node(
        self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings
    ) -> AsyncIterator[llm.ChatChunk | str | FlushSentinel]:
        """The session has an answer made before it asks whether one is wanted: while a human leads, none is."""
        if not self._deaf():
            async for chunk in Agent.default.llm_node(self, chat_ctx, tools, model_settings):
                yield chunk

    async def tts_node(self, text: AsyncIterable[str], model_settings: ModelSettings) -> AsyncIterator[rtc.AudioFrame]:
        """Speak from the first word on: the silence that a voice puts before it would be one more to wait through."""
        async for frame in without_lead_in(Agent.default.tts_node(self, text, model_settings)):
            yield frame

    async def on_user_turn_completed(self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage) -> None:
        self._ahead = False
        if self._deaf() or self._not_ours:
            raise StopResponse
        if self._failed_ahead:
            self._failed_ahead = False
            self.session.generate_reply(user_input=new_message, input_modality="audio")
            raise StopResponse

    def failed_ahead(self) -> bool:
        """A model has failed for good: whether in an answer that nobody is owed yet, which is made anew once it is."""
        self._failed_ahead = self._ahead
        if self._ahead:
            logger.info("a model failed in an answer that nobody is owed yet")
        return self._ahead


def build_session(brief: AgentBrief, settings: Settings, http: HttpClient) -> AgentSession[None]:
    """The session of a brief: its own error counting, echo warm-up and away timer are off (calls have no echo)."""
    built = models.build_models(brief, settings, http)
    return AgentSession(
        stt=built.stt,
        llm=built.llm,
        tts=built.tts,
        vad=models.build_vad(brief.turn_taking),
        turn_handling=models.turn_handling(brief.turn_taking, brief.language),
        use_tts_aligned_transcript=True,
        aec_warmup_duration=None,
        user_away_timeout=None,
        session_close_transcript_timeout=CLOSE_SECONDS,
        conn_options=models.connection_options(),
    )


def expect_words(session: AgentSession[None], *, expected: bool) -> None:
    """Say whether the caller is in the middle of something, so that a hang-up now waits for it or does not."""
    seconds = CLOSE_WHILE_SPEAKING_SECONDS if expected else CLOSE_SECONDS
    session.options.session_close_transcript_timeout = seconds


async def start_session(session: AgentSession[None], voice: Voice, room: rtc.Room, caller_identity: str) -> HeardAudio:
    """Start listening to the caller, and to nobody else, and publish the agent's voice.

    No text is published; what is returned is how an interrupted sentence is cut to what was heard. A remote-controlled
    session (`session_host`) would be a way in for anybody in the room.
    """
    await session.start(
        voice,
        room=room,
        room_options=RoomOptions(
            text_input=False,
            text_output=False,
            video_input=False,
            audio_input=HEARD,
            participant_identity=caller_identity,
            close_on_disconnect=False,
            delete_room_on_close=False,
        ),
        session_host=False,
        record=False,
    )
    output = session.output.audio
    assert output is not None
    text = HeardText()
    heard = HeardAudio(output, text)
    session.output.audio = heard
    session.output.transcription = text
    return heard
