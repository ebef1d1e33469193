"""What a profile may say, and how it becomes the brief that an agent is given."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from callcenter.platform.wire.brief import AgentBrief, ModelEndpoint, PastToolCall, PastTurn, TurnTaking

END_OF_TURN_MIN_SILENCE = 0.25


class ProfileBody(BaseModel):
    """An agent's character, voice, models and tools. Models are named as their endpoint names them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instructions: str = Field(min_length=1)
    greeting: str = Field(min_length=1)
    goodbye: str = ""
    not_understood: str = "I am sorry, I did not understand that. Could you say it again, please?"
    language: str = Field("en", pattern=r"^[a-z]{2}(-[A-Z]{2})?$")
    voice: str = "alloy"
    stt: ModelEndpoint = ModelEndpoint(model="gpt-4o-mini-transcribe")
    llm: ModelEndpoint = ModelEndpoint(model="gpt-4.1-mini")
    tts: ModelEndpoint = ModelEndpoint(model="gpt-4o-mini-tts")
    turn_taking: TurnTaking = TurnTaking()
    tools: tuple[str, ...] = ()

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


def brief(
    name: str,
    body: ProfileBody,
    history: tuple[PastTurn, ...],
    tool_calls: tuple[PastToolCall, ...] = (),
    summary: str = "",
) -> AgentBrief:
    """All an agent needs to talk, with what was said and asked for in the call before."""
    return AgentBrief(
        profile=name, history=history, tool_calls=tool_calls, summary=summary,
        **{k: getattr(body, k) for k in ProfileBody.model_fields},
    )  # fmt: skip
