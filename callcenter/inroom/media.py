"""What agents and attendants share about the room: whether the caller's leg is active, and how long sound travels."""

from livekit import rtc

# From an empty output queue to the phone's ear: 105 ms measured on loopback (experiments: E5), plus jitter buffers.
TAIL_SECONDS = 0.4

_STATUS_ATTRIBUTE = "sip.callStatus"
_ACTIVE = "active"


def is_answered(caller: rtc.Participant) -> bool:
    """Whether livekit-sip has sent 200 OK and media flows; who is not on a phone has answered by being here."""
    on_phone = caller.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP
    return not on_phone or caller.attributes.get(_STATUS_ATTRIBUTE) == _ACTIVE
