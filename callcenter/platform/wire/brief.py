"""What an agent or an attendant is told about its call when it takes it."""

from typing import Any, Literal

from pydantic import Field

from callcenter.platform.wire.base import Message, Speaker


class PastTurn(Message):
    """`unfinished`: what was heard of a sentence whose speaker died in the middle of it."""

    speaker: Speaker
    text: str
    unfinished: bool = False


class PastToolCall(Message):
    """A tool call of an earlier agent in this call, answered after the first `after_turn` turns of the history."""

    after_turn: int = Field(ge=0)
    tool_call_id: str
    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    result: Any = None
    error: str | None = None


class ModelEndpoint(Message):
    """Where one model of a profile is reached; empty fields mean the OpenAI settings of the process.

    `api_key_env` names the variable that holds the key. Only names that begin with OPENAI_: whoever writes a profile
    must not be able to have the worker's other secrets sent to an address of their own.
    """

    model: str
    base_url: str = ""
    api_key_env: str = Field("", pattern=r"^(OPENAI_[A-Z0-9_]+)?$")


class TurnTaking(Message):
    """When the caller has finished, and when the caller interrupts. Seconds."""

    detector: Literal["vad", "end_of_turn_model"] = "vad"
    min_endpointing_delay: float = Field(0.2, ge=0, le=5)
    max_endpointing_delay: float = Field(1.5, ge=0, le=10)
    vad_silence: float = Field(0.3, ge=0.05, le=3)
    interruption_min_duration: float = Field(0.1, ge=0, le=2)


class AgentBrief(Message):
    """All an agent needs to talk: read from the call's profile at the moment of the claim."""

    profile: str
    instructions: str
    greeting: str
    goodbye: str = ""
    trouble: str = "I am sorry, something went wrong on my side. Could you say that again, please?"
    bridge: str = "One moment, please."
    resumption: str = "I am sorry about the pause. I am still here, please go on."
    language: str = "en"
    voice: str = "alloy"
    stt: ModelEndpoint
    llm: ModelEndpoint
    tts: ModelEndpoint
    turn_taking: TurnTaking = TurnTaking()
    tools: tuple[str, ...] = ()
    not_understood: str = "I am sorry, I did not understand that. Could you say it again, please?"
    summary: str = ""  # what was said before `history` begins, where the call is a long one
    history: tuple[PastTurn, ...] = ()
    tool_calls: tuple[PastToolCall, ...] = ()

    @property
    def fixed_sentences(self) -> tuple[str, ...]:
        """What is said in the same words in every call of the profile, the first needed first."""
        own = (self.greeting, self.bridge, self.trouble, self.not_understood, self.resumption, self.goodbye)
        return tuple(sentence for sentence in own if sentence)


class AttendantPlan(Message):
    """What the caller hears until somebody takes over: say `opening`, after so many seconds of music; then play
    music, or end where `then_end`."""

    opening: str = ""
    opening_after: float = Field(0.0, ge=0, le=60)
    music: str = ""
    then_end: bool = False
    language: str = "en"
    voice: str = "alloy"
    tts: ModelEndpoint
