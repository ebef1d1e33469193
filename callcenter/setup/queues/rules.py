"""What a queue may say."""

from pydantic import BaseModel, ConfigDict, Field


class QueueBody(BaseModel):
    """How a queue is served and what its callers hear. Durations in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: str = Field(min_length=1, description="Profile of the agents that serve this queue.")
    required_skills: tuple[str, ...] = ()
    answer_after_seconds: float | None = Field(None, ge=0, le=60, description="Empty: the product's setting.")
    max_wait_seconds: float | None = Field(600, gt=0, le=86_400, description="Empty: for ever.")
    opening: str = Field("One moment please. I will connect you as soon as somebody is free.", max_length=1000)
    gave_up: str = Field("I am sorry. Nobody is free right now. Please call again later. Goodbye.", max_length=1000)
    failed: str = Field(
        "I am very sorry. We have a technical problem. Please call again in a few minutes. Goodbye.", max_length=1000
    )
    too_long: str = Field(
        "I am sorry. This call has reached the longest time we can talk. Please call again if you need more help. "
        "Goodbye.",
        max_length=1000,
    )
    lost: str = Field("Sorry, we lost the line for a moment. Please stay with me.", max_length=1000)
    music: str = "default"
