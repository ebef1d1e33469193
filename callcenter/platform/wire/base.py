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


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
