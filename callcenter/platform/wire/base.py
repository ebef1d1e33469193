"""What every message of the desk is, and the words that they and the journey share."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


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
