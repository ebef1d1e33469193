"""What a queue may say."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from callcenter.setup.rule_sets.actions import Message, Reject, ToQueue

MADE_HERE = "default"  # the music that nobody uploaded

MoreThanEnough = Annotated[Message | ToQueue | Reject, Field(discriminator="action")]
"""What becomes of a call that there is no room for."""


class Ageing(BaseModel):
    """Who waits rises: so many points of priority for each whole interval, at most so many in all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every_seconds: float = Field(60, ge=1, le=86_400)
    points: int = Field(1, ge=1, le=200)
    at_most: int = Field(10, ge=1, le=200)


Text = Annotated[str, Field(min_length=1, max_length=1000)]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
Key = Annotated[str, Field(pattern=r"^[0-9*#]$")]


class Announcements(BaseModel):
    """What those who wait are told from time to time, in this order; of `texts` one each time, in their turn. Position
    and expected wait are said where they can be told truly, in English and German."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every_seconds: float = Field(45, ge=10, le=3600)
    position: bool = True
    expected_wait: bool = True
    texts: tuple[Text, ...] = Field((), max_length=20)


class OtherQueue(BaseModel):
    """Wait there, with the arrival as it was."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    queue: Name


class WaitingKey(BaseModel):
    """A key that callers may press while they wait. `voicemail` is the box of the queue's name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    then: Literal["call_back", "voicemail", "person"] | OtherQueue


class CallBackPolicy(BaseModel):
    """How callers of a queue are called back. Durations in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trunk: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="Outbound trunk; empty: the first whose guard allows the number.",
    )
    attempts: int = Field(3, ge=1, le=10, description="Calls that are placed before it is given up.")
    after_seconds: tuple[Annotated[float, Field(ge=1, le=86_400)], ...] = Field(
        (300, 1800), min_length=1, max_length=9, description="Pauses between the attempts; the last one is repeated."
    )
    ring_seconds: float = Field(25, ge=5, le=75, description="So long the phone rings, and a seat is kept.")
    greeting: str = Field(
        "Hello. You asked us to call you back. Press 1 or say yes to be connected, press 2 if you need us no more.",
        min_length=1,
        max_length=1000,
    )
    announce: str = Field("", max_length=1000, description="Said to a machine before hanging up; empty: nothing.")


class AskSupervisors(BaseModel):
    """How a human is asked into calls of a queue, and what the caller hears where nobody comes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    strategy: Literal["longest_idle", "all_at_once"] = Field(
        "longest_idle",
        description="One after the other, whoever has been idle longest first; or all who are available.",
    )
    skill: str | None = Field(None, min_length=1, max_length=80, description="Of whoever is asked; empty: any.")
    ring_seconds: float = Field(20, ge=3, le=300, description="So long it rings at one supervisor's.")
    wait_seconds: float = Field(60, ge=3, le=900, description="So long somebody is looked for in all.")
    nobody_seconds: float = Field(15, ge=0, le=300, description="So long, while nobody is available at all.")
    wrap_up_seconds: float = Field(30, ge=0, le=3600, description="After a call that a supervisor led.")
    asking: Text = Field(
        "I am asking a colleague to join us. Please stay on the line.",
        description="Said where a rule or a program asks; when the caller asks, the agent answers.",
    )
    dispositions: tuple[Name, ...] = Field(
        ("Solved", "To be called back", "Complaint", "Not for us"),
        max_length=50,
        description="Of which a supervisor chooses one after a call.",
    )
    no_supervisor: Text = "I am sorry, none of my colleagues is available right now. I will help you as well as I can."
    declined: Text = "I am sorry, my colleagues cannot take your call right now. I will help you as well as I can."
    offer_timeout: Text = "I am sorry, none of my colleagues has answered. I will help you as well as I can."
    join_failed: Text = "I am sorry, my colleague could not be connected. I will help you as well as I can."
    left: Text = "I am sorry, my colleague has left the line. I am here again, please go on."


class ServiceLevel(BaseModel):
    """What a queue aims at: so many percent of its calls reach an agent within so many seconds. 80 in 20 is the trade's
    habit, not a standard."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    target_seconds: float = Field(20, gt=0, le=3600, description="From the arrival of a call to its first agent.")
    target_percent: float = Field(80, gt=0, le=100)


class QueueBody(BaseModel):
    """How a queue is served and what its callers hear. Durations in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: str = Field(min_length=1, description="Profile of the agents that serve this queue.")
    required_skills: tuple[str, ...] = ()
    ageing: Ageing | None = Field(None, description="Empty: priorities stay as the rules gave them.")
    max_waiting: int | None = Field(None, ge=0, le=1_000_000, description="Empty: no limit.")
    when_full: MoreThanEnough = Field(
        Reject(action="reject"), description="What a call gets that finds `max_waiting` others without an agent."
    )
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
    music: str = Field(MADE_HERE, max_length=80, description="An uploaded sound of kind music; `default` is made here.")
    opening_in: dict[Language, Text] = Field(
        default_factory=dict, description="The opening for callers whose language is known."
    )
    announce: Announcements | None = None
    keys: dict[Key, WaitingKey] = Field(default_factory=dict, description="What callers can press while they wait.")
    call_back: CallBackPolicy = CallBackPolicy()
    supervisors: AskSupervisors = AskSupervisors()
    service_level: ServiceLevel = ServiceLevel()
