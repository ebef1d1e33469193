"""What an agent or an attendant is told about its call when it takes it."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, SecretStr, SerializationInfo, SerializerFunctionWrapHandler, model_serializer

from callcenter.platform.wire.base import Message, Speaker
from callcenter.platform.wire.voicemail import Record


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


class Endpoint(Message):
    """Where one model of a profile is reached; empty fields mean the OpenAI settings of the process.

    `api_key_env` names the variable that holds the key. Only names that begin with OPENAI_: whoever writes a profile
    must not be able to have the worker's other secrets sent to an address of their own.
    """

    model_config = ConfigDict(extra="forbid")

    model: str = Field(min_length=1, max_length=200, description="As the endpoint names it.")
    base_url: str = Field("", max_length=500, description="Of OpenAI's API, with /v1 or the like.")
    api_key_env: str = Field(
        "",
        pattern=r"^(OPENAI_[A-Z0-9_]+)?$",
        max_length=100,
        description="A variable of the workers that holds the key.",
    )


OPENS = "opens"  # the serialization context's name for what opens sealed keys
Opens = Callable[[str], str]


class ModelEndpoint(Endpoint):
    """An endpoint with the key that an admin has entered for it: sealed wherever it is kept, open only on its way to
    the process that talks to the model (`sent`) and in there."""

    model_config = ConfigDict(extra="ignore")

    sealed_key: str = Field("", repr=False)
    api_key: SecretStr = Field(SecretStr(""), repr=False)

    @model_serializer(mode="wrap")
    def _open_for_who_may_know(self, plain: SerializerFunctionWrapHandler, info: SerializationInfo) -> dict[str, Any]:
        data: dict[str, Any] = plain(self)
        data.pop("api_key", None)
        opens: Opens | None = (info.context or {}).get(OPENS)
        if opens is not None:
            sealed = data.pop("sealed_key", "")
            data["api_key"] = opens(sealed) if sealed else ""
        return data


def sent(message: Message, opens: Opens) -> str:
    """The message as it goes to a worker: the only form that holds keys in the open."""
    return message.model_dump_json(context={OPENS: opens})


class TurnTaking(Message):
    """When the caller has finished, and when the caller interrupts. Seconds.

    The voice detector counts in windows of 32 ms: 0.09 s are three of them, 0.1 s would be four. With detector "vad"
    the longer delay, at most a second, is for callers whose last words say that they go on (agent/last_words.py).
    """

    detector: Literal["vad", "end_of_turn_model"] = "vad"
    min_endpointing_delay: float = Field(0.2, ge=0, le=5)
    max_endpointing_delay: float = Field(1.5, ge=0, le=10)
    vad_silence: float = Field(0.25, ge=0.05, le=3)
    goes_on_after: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = Field(
        (), max_length=100, description="Words after which callers pause and go on, such as: my order number is."
    )
    interruption_min_duration: float = Field(0.09, ge=0, le=2)


class NamedField(Message):
    """Something that is to be noted of every call of a profile: who, where, what, a number."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    description: str = Field("", max_length=300, description="What belongs into it, for the model.")


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
    fields: tuple[NamedField, ...] = ()
    not_understood: str = "I am sorry, I did not understand that. Could you say it again, please?"
    news: str = ""  # said before anything else: what became of the human whom the caller was to speak with
    summary: str = ""  # what was said before `history` begins, where the call is a long one
    history: tuple[PastTurn, ...] = ()
    tool_calls: tuple[PastToolCall, ...] = ()
    led_by_human: bool = False  # join without a sound: a supervisor leads, listen until they hand back
    held: bool = False  # that supervisor has put the caller on hold: play music
    hold_music: str = ""  # which uploaded sound, by its digest; empty: the music made here
    lead_epoch: int = 0
    supervisors: dict[str, str] = Field(default_factory=dict)  # the mode of each in the room, by identity
    whispers: tuple[str, ...] = ()  # what supervisors have told the agents of this call, unheard by the caller

    @property
    def fixed_sentences(self) -> tuple[str, ...]:
        """What is said in the same words in many calls, the first needed first."""
        own = (self.news, self.greeting, self.bridge, self.trouble, self.not_understood, self.resumption, self.goodbye)
        return tuple(sentence for sentence in own if sentence)


SpokenKeys = dict[str, tuple[str, ...]]
"""Keys of the telephone (0-9, *, #), each with the spoken words that mean the same."""


class Ask(Message):
    """A question: say `prompt`, which any key cuts short, and await a key, or one of the words that mean one, until
    `timeout_seconds` after its end. Answered by `Chose` with the same `number`. With `until`, keys are collected until
    that one, or until nothing came for as long."""

    number: int = Field(ge=1)
    prompt: str
    keys: SpokenKeys
    timeout_seconds: float = Field(6.0, ge=0, le=60)
    until: str = Field("", pattern=r"^[0-9*#]?$")
    stt: ModelEndpoint


class AttendantPlan(Message):
    """What the caller hears until somebody takes over: say `opening`, or play the sound `audio` in its place, after so
    many seconds of music; then ask, `record` a message, play music, or end where `then_end`. With music, `keys` are
    listened for, and every so many seconds the desk is asked for an announcement. Sounds are named by their digest (see
    sounds.py); music without one is the music made here."""

    opening: str = ""
    opening_after: float = Field(0.0, ge=0, le=60)
    audio: str = ""
    ask: Ask | None = None
    music: str = ""
    keys: tuple[str, ...] = ()
    announce_every_seconds: float | None = Field(None, ge=1)
    then_end: bool = False
    record: Record | None = None
    language: str = "en"
    voice: str = "alloy"
    tts: ModelEndpoint
