"""What a profile may say, and how it becomes the brief that an agent is given."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from callcenter.platform.wire.brief import (
    AgentBrief,
    Endpoint,
    ModelEndpoint,
    NamedField,
    PastToolCall,
    PastTurn,
    TurnTaking,
)
from callcenter.setup.calendars.hours import zone as zone_of

END_OF_TURN_MIN_SILENCE = 0.25


class EscalationRules(BaseModel):
    """When a human is asked for although nobody wished so: each rule at most once in a call. Empty: never."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after_misunderstandings: int | None = Field(
        None, ge=2, le=10, description="So many sentences of the agent in a row were `not_understood`."
    )
    keywords: tuple[Annotated[str, Field(min_length=2, max_length=80)], ...] = Field(
        (), max_length=50, description="The caller says one of these words, or words in a row."
    )
    caller_list: str | None = Field(None, min_length=1, max_length=80, description="The caller is in this list.")
    after_seconds: float | None = Field(None, ge=10, le=86_400, description="The agent has talked for so long.")


class ProfileBody(BaseModel):
    """An agent's character, voice, models and tools. Models are named as their endpoint names them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instructions: str = Field(min_length=1, max_length=50_000)
    greeting: str = Field(min_length=1, max_length=1000, description="The first words of the agent.")
    goodbye: str = Field("", max_length=1000)
    not_understood: str = Field(
        "I am sorry, I did not understand that. Could you say it again, please?", max_length=1000
    )
    language: str = Field("en", pattern=r"^[a-z]{2}(-[A-Z]{2})?$")
    voice: str = Field("alloy", min_length=1, max_length=100, description="As the `tts` endpoint names it.")
    stt: Endpoint = Endpoint(model="gpt-4o-mini-transcribe")
    llm: Endpoint = Endpoint(model="gpt-4.1-mini")
    tts: Endpoint = Endpoint(model="gpt-4o-mini-tts")
    turn_taking: TurnTaking = TurnTaking()
    tools: tuple[Annotated[str, Field(min_length=1, max_length=80)], ...] = Field((), max_length=50)
    escalation: EscalationRules = EscalationRules()
    fields: tuple[NamedField, ...] = Field(
        (), max_length=20, description="What the agent notes while a human leads: who, where, what, numbers."
    )
    max_calls: int | None = Field(None, ge=0, description="Calls that agents may have at once. Empty: no limit.")
    cost_per_minute: float = Field(0, ge=0, description="Of talking, in the account's currency.")
    daily_budget: float | None = Field(
        None, ge=0, description="In that currency, from midnight to midnight in `budget_zone`. Empty: no limit."
    )
    budget_zone: str = Field("UTC", description="An IANA time zone.", examples=["Europe/Berlin"])

    @field_validator("budget_zone")
    @classmethod
    def _is_a_zone(cls, zone: str) -> str:
        if zone_of(zone) is None:
            raise PydanticCustomError(
                "expected", "{expected}", {"expected": "an IANA time zone such as Europe/Berlin or UTC"}
            )
        return zone

    @model_validator(mode="after")
    def _end_of_turn_model_needs_silence(self) -> Self:
        """livekit-agents' TurnDetector refuses to start with less (experiments, pitfall 2)."""
        turns = self.turn_taking
        if turns.detector == "end_of_turn_model" and turns.vad_silence < END_OF_TURN_MIN_SILENCE:
            raise ValueError(
                f"turn_taking.vad_silence: {turns.vad_silence} is too short for the end_of_turn_model, "
                f"expected at least {END_OF_TURN_MIN_SILENCE} (seconds)"
            )
        return self


class Part(StrEnum):
    """What a profile needs a model for: the names of its endpoints."""

    STT = "stt"
    LLM = "llm"
    TTS = "tts"


@dataclass(frozen=True)
class SealedKey:
    """A model's key as it is kept, and the address for which it was entered."""

    base_url: str
    sealed: str


class ReadyProfile(ProfileBody):
    """A profile with its models' keys, still sealed."""

    stt: ModelEndpoint = ModelEndpoint(model="gpt-4o-mini-transcribe")
    llm: ModelEndpoint = ModelEndpoint(model="gpt-4.1-mini")
    tts: ModelEndpoint = ModelEndpoint(model="gpt-4o-mini-tts")


def ready(body: ProfileBody, keys: Mapping[str, SealedKey]) -> ReadyProfile:
    """With each key that was entered for the very address that is set now: whoever changes the address does not get a
    key that was meant for another."""
    endpoints = {}
    for part in Part:
        endpoint: Endpoint = getattr(body, part)
        key = keys.get(part)
        sealed = key.sealed if key and key.base_url == endpoint.base_url else ""
        endpoints[part.value] = ModelEndpoint(
            **{name: getattr(endpoint, name) for name in Endpoint.model_fields}, sealed_key=sealed
        )
    rest = {name: getattr(body, name) for name in ProfileBody.model_fields if name not in endpoints}
    return ReadyProfile(**rest, **endpoints)


def brief(
    name: str,
    body: ReadyProfile,
    history: tuple[PastTurn, ...],
    tool_calls: tuple[PastToolCall, ...] = (),
    summary: str = "",
) -> AgentBrief:
    """All an agent needs to talk, with what was said and asked for in the call before."""
    return AgentBrief(
        profile=name, history=history, tool_calls=tool_calls, summary=summary,
        **{k: getattr(body, k) for k in ProfileBody.model_fields if k in AgentBrief.model_fields},
    )  # fmt: skip
