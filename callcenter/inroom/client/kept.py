"""What is numbered, and kept until the desk has acknowledged it: words, and the sound of messages."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import Ack, Segment
from callcenter.platform.wire.voicemail import PartAck, VoicemailPart

Kept = Segment | VoicemailPart
KEPT: TypeAdapter[Kept] = TypeAdapter(Annotated[Kept, Field(discriminator="type")])
VOICEMAIL = "voicemail"


def series(speaker: Speaker, identity: str) -> str:
    """What the words of this participant are counted in; `identity` only where there may be several such speakers."""
    return f"{speaker}:{identity}" if identity else speaker.value


def series_of(message: Kept | Ack | PartAck) -> str:
    """What its number counts in, beside its offer: one participant's words, or the parts of the message."""
    if not isinstance(message, Segment | Ack):
        return VOICEMAIL
    return series(message.speaker, message.identity)
