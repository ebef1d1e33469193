"""What an agent is told of supervisors in its call, and what it answers."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from callcenter.platform.wire.base import Message, Said

LONGEST_WHISPER = 2000
LONGEST_NOTE = 2000
MOST_SUGGESTED = 5


class Leads(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"


class Back(StrEnum):
    """Why the agent leads again."""

    HANDED_BACK = "handed_back"  # the supervisor is done: say what was agreed, and go on
    LEFT = "left"  # the supervisor is gone: say `sentence`, and go on
    MODE = "mode"  # the supervisor stays and is heard; nothing is said


class Supervised(Message):
    """How the call stands: who leads, and the supervisors in the room with their modes, by identity. `epoch` counts
    the changes of the lead; what comes with a lower one than was heard before is late, and means nothing."""

    type: Literal["supervised"] = "supervised"
    offer_id: str
    lead: Leads
    epoch: int = Field(ge=0)
    modes: dict[str, str] = Field(default_factory=dict)
    back: Back | None = None
    held: bool = False  # the caller is to hear music instead of the supervisor who leads
    sentence: str = ""


class SayNext(Message):
    """Tell the caller this, at the next occasion, and go on."""

    type: Literal["say_next"] = "say_next"
    offer_id: str
    text: str


class Whisper(Message):
    """A supervisor tells the agent what to do; the caller does not hear of it. Answered by `WhisperHeard`."""

    type: Literal["whisper"] = "whisper"
    offer_id: str
    whisper_id: str
    text: str


class WhisperHeard(Message):
    """The agent says, to the supervisor alone, what it will change."""

    type: Literal["whisper_heard"] = "whisper_heard"
    offer_id: str
    whisper_id: str = Field(min_length=1, max_length=64)
    text: Annotated[Said, Field(max_length=LONGEST_WHISPER)]


class Assistance(Message):
    """What the agent that listens has noted for the human who leads. `fields`: of those that the profile names."""

    type: Literal["assistance"] = "assistance"
    offer_id: str
    summary: str = Field("", max_length=LONGEST_NOTE)
    fields: dict[str, Annotated[str, Field(max_length=LONGEST_NOTE)]] = Field(default_factory=dict, max_length=50)
    suggestions: tuple[Annotated[str, Field(max_length=LONGEST_NOTE)], ...] = Field((), max_length=MOST_SUGGESTED)
