"""What a profile may say, and how it becomes the brief that an agent is given."""

from pydantic import BaseModel, ConfigDict, Field

from callcenter.platform.wire.messages import AgentBrief, ModelEndpoint, PastTurn, TurnTaking


class ProfileBody(BaseModel):
    """An agent's character, voice, models and tools. Models are named as their endpoint names them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instructions: str = Field(min_length=1)
    greeting: str = Field(min_length=1)
    goodbye: str = ""
    language: str = Field("en", pattern=r"^[a-z]{2}(-[A-Z]{2})?$")
    voice: str = "alloy"
    stt: ModelEndpoint = ModelEndpoint(model="gpt-4o-mini-transcribe")
    llm: ModelEndpoint = ModelEndpoint(model="gpt-4.1-mini")
    tts: ModelEndpoint = ModelEndpoint(model="gpt-4o-mini-tts")
    turn_taking: TurnTaking = TurnTaking()
    tools: tuple[str, ...] = ()


def brief(name: str, body: ProfileBody, history: tuple[PastTurn, ...]) -> AgentBrief:
    """All an agent needs to talk, the call's earlier turns included."""
    return AgentBrief(profile=name, history=history, **{k: getattr(body, k) for k in ProfileBody.model_fields})
