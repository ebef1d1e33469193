"""From a brief to the models, the ears and the turn taking of one conversation.

Everything runs against the endpoint the brief names; the voice activity and end-of-turn detectors are the ones bundled
with livekit-agents and run in this process. Nothing here may ever reach LiveKit's cloud inference.
"""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Any

import openai as openai_sdk
from livekit import rtc
from livekit.agents import APIConnectOptions, APITimeoutError, inference, stt
from livekit.agents.voice.agent_session import SessionConnectOptions
from livekit.agents.voice.turn import TurnDetectionMode, TurnHandlingOptions
from livekit.plugins import openai

from callcenter.inroom.agent.last_words import LastWords
from callcenter.platform.wire import clients
from callcenter.platform.wire.brief import AgentBrief, ModelEndpoint, TurnTaking
from callcenter.platform.wire.clients import HttpClient
from callcenter.platform.wire.endpoints import access
from callcenter.platform.wire.settings import Settings

# inference.TurnDetector refuses a VAD that closes speech sooner: it needs that much silence to judge.
END_OF_TURN_MIN_SILENCE_SECONDS = 0.25

# A cough stops the agent at once; with no words behind it the agent goes on after this long. Together with the VAD's
# own silence it must stay under the two seconds of silence that a caller is never left in (design.md, I7).
FALSE_INTERRUPTION_SECONDS = 1.2

# One quick retry: a caller waits in silence meanwhile, and what fails twice is answered by a sentence or handed on.
MODEL_CONNECTION = APIConnectOptions(max_retry=1, retry_interval=0.2, timeout=5.0)


# The plugin waits half a minute for a transcription. Two tries of this are within what a caller is kept waiting for.
TRANSCRIPTION_SECONDS = 3.5


class Recogniser(openai.STT):
    """OpenAI's recogniser, with an end to its patience, that can tell whether it is at work."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._options = options
        self._running = 0

    def another(self) -> "Recogniser":
        """For another speaker: the same model, and its own count of what it is at work on."""
        return Recogniser(**self._options)

    @property
    def busy(self) -> bool:
        """Whether something the caller said is being recognised."""
        return self._running > 0

    async def recognize(self, *arguments: Any, **options: Any) -> stt.SpeechEvent:
        self._running += 1
        try:
            return await super().recognize(*arguments, **options)
        finally:
            self._running -= 1

    async def recognise_once(self, sound: rtc.AudioFrame, connection: APIConnectOptions) -> stt.SpeechEvent:
        """Recognise without a second try. Whoever asks handles what this raises: the session hears of no failure."""
        self._running += 1
        try:
            return await self._recognize_impl(sound, conn_options=connection)
        finally:
            self._running -= 1

    async def _recognize_impl(self, *arguments: Any, **options: Any) -> stt.SpeechEvent:
        try:
            async with asyncio.timeout(TRANSCRIPTION_SECONDS):
                return await super()._recognize_impl(*arguments, **options)
        except TimeoutError:
            raise APITimeoutError from None


# So long a caller whose last words say that they go on is waited for at most. Nothing bridges that silence, and the
# answer behind it is to come before a bridge does (patience.py).
LONGEST_PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Models:
    """The three models of a pipeline conversation."""

    stt: Recogniser
    llm: openai.LLM
    tts: openai.TTS


# The client's own five seconds are less than a caller's turn: every answer would begin with a new TLS handshake.
KEPT_SECONDS = 120.0


def trusted_certificates() -> ssl.SSLContext:
    """The certificates for all model connections. Loading them takes 60 ms: once per process, before the call."""
    return ssl.create_default_context()


def http_client(certificates: ssl.SSLContext) -> HttpClient:
    """One pool of connections for a call's three models; they often live on the same server."""
    return clients.http_client(5.0, certificates, KEPT_SECONDS)


def build_models(brief: AgentBrief, settings: Settings, http: HttpClient) -> Models:
    """The plugins of a brief. Raises nothing for a wrong endpoint: that shows when it is first used."""

    def client(endpoint: ModelEndpoint) -> openai_sdk.AsyncClient:
        reach = access(endpoint, settings)
        return openai_sdk.AsyncClient(api_key=reach.api_key, base_url=reach.base_url, max_retries=0, http_client=http)

    ears, llm, tts = (client(endpoint) for endpoint in (brief.stt, brief.llm, brief.tts))
    return Models(
        stt=Recogniser(model=brief.stt.model, language=brief.language, client=ears, use_realtime=False),
        llm=openai.LLM(model=brief.llm.model, client=llm),
        tts=openai.TTS(model=brief.tts.model, voice=brief.voice, client=tts, response_format="pcm"),
    )


def vad_silence(turn_taking: TurnTaking) -> float:
    """Seconds of silence that end a stretch of speech, raised to what the end-of-turn detector needs."""
    if turn_taking.detector == "end_of_turn_model":
        return max(turn_taking.vad_silence, END_OF_TURN_MIN_SILENCE_SECONDS)
    return turn_taking.vad_silence


def build_vad(turn_taking: TurnTaking) -> inference.VAD:
    """The Silero model that is bundled with livekit-agents (docs/decisions/0004-vad.md)."""
    return inference.VAD(model="silero", min_silence_duration=vad_silence(turn_taking))


def turn_handling(turn_taking: TurnTaking, language: str) -> TurnHandlingOptions:
    """How turns are taken: detectors pinned to the local ones, whatever LIVEKIT_* variables say."""
    detection: TurnDetectionMode = LastWords(language, turn_taking.goes_on_after)
    longest = min(turn_taking.max_endpointing_delay, LONGEST_PAUSE_SECONDS)
    if turn_taking.detector == "end_of_turn_model":
        longest = turn_taking.max_endpointing_delay
        detection = inference.TurnDetector(version="v1-mini")
    return TurnHandlingOptions(
        turn_detection=detection,
        endpointing={
            "mode": "fixed",
            "min_delay": turn_taking.min_endpointing_delay,
            "max_delay": max(turn_taking.min_endpointing_delay, longest),
        },
        interruption={
            "enabled": True,
            "mode": "vad",
            "min_duration": turn_taking.interruption_min_duration,
            "resume_false_interruption": True,
            "false_interruption_timeout": FALSE_INTERRUPTION_SECONDS,
        },
        preemptive_generation={"enabled": True, "preemptive_tts": True},
    )


def connection_options() -> SessionConnectOptions:
    """How patient the session is with its models. Its own error counting is switched off: `AgentCall` decides."""
    return SessionConnectOptions(
        stt_conn_options=MODEL_CONNECTION,
        llm_conn_options=MODEL_CONNECTION,
        tts_conn_options=MODEL_CONNECTION,
        max_unrecoverable_errors=1_000_000,
    )
