"""What every message of the desk is, and the words that they and the journey share."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _without_nul(value: object) -> object:
    """Models do emit NUL characters, and no Postgres text holds one."""
    return value.replace("\x00", "") if isinstance(value, str) else value


Said = Annotated[str, BeforeValidator(_without_nul), Field(min_length=1, max_length=20_000)]
"""What somebody said, in a form that can be stored."""


class SeatKind(StrEnum):
    AGENT = "agent"
    ATTENDANT = "attendant"


class Speaker(StrEnum):
    CALLER = "caller"
    AGENT = "agent"
    ATTENDANT = "attendant"
    SUPERVISOR = "supervisor"


class TroubleSource(StrEnum):
    """What failed while a caller waited for it: the types of livekit-agents' errors, and two of our own."""

    STT = "stt_error"
    LLM = "llm_error"
    TTS = "tts_error"
    REALTIME = "realtime_model_error"
    NO_ANSWER = "no_answer"  # the model said nothing at all, or not in time
    SLOW = "slow"  # it took so long that a sentence bridged the silence
    OTHER = "other"

    @classmethod
    def _missing_(cls, value: object) -> "TroubleSource":
        return cls.OTHER


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
