"""A message that a caller leaves, on its way from the attendant to the desk: in parts, so that what has arrived
survives whatever dies next."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from callcenter.platform.wire.base import Message

MOST_PART_BYTES = 80_000  # ten seconds; a part is one second
LEAST_VOICED_SECONDS = 0.3  # a click or a breath is no message


class Record(Message):
    """Take a message for this box after the opening and a tone, until the caller hangs up, presses # or says nothing
    for `silence_seconds` (five, as Twilio's <Record> waits by default), or until `max_seconds` are over. Then say
    `goodbye`, or `nothing` where nothing was said, and end the call."""

    box: str
    max_seconds: float = Field(120, gt=0, le=3600)
    silence_seconds: float = Field(5, gt=0, le=60)
    goodbye: str
    nothing: str


class VoicemailPart(Message):
    """About a second of what the caller says, 8 kHz µ-law (telephone.py). `seq` counts from 1 for each offer without
    gaps; resent until acknowledged."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_bytes="base64", val_json_bytes="base64")

    type: Literal["voicemail_part"] = "voicemail_part"
    offer_id: str
    seq: int = Field(ge=1)
    box: str = Field(min_length=1, max_length=200)
    language: str | None = Field(None, max_length=35)
    started_at: AwareDatetime
    audio: Annotated[bytes, Field(min_length=1, max_length=MOST_PART_BYTES)]


class PartAck(Message):
    """Every part of this offer's message up to `seq` is stored."""

    type: Literal["part_ack"] = "part_ack"
    offer_id: str
    seq: int
