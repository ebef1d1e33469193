"""What agents and attendants share about the room: how the caller's leg stands, and how long sound travels."""

import logging
from collections.abc import Mapping
from typing import Protocol

from livekit import rtc

logger = logging.getLogger(__name__)

# From an empty output queue to the phone's ear: 105 ms measured on loopback (experiments: E5), plus jitter buffers.
TAIL_SECONDS = 0.4

# livekit-sip ends a leg with a BYE at this method of its participant (livekit/sip `pkg/sip/rpc.go`).
END_CALL, END_CALL_PAYLOAD = "lk.sip.EndCall", '{"headers": {}}'
HANG_UP_SECONDS = 3.0
_STATUS_ATTRIBUTE = "sip.callStatus"
_ACTIVE = "active"
_HANGUP = "hangup"
_LOST = (
    rtc.DisconnectReason.CONNECTION_TIMEOUT,
    rtc.DisconnectReason.SIGNAL_CLOSE,
    rtc.DisconnectReason.STATE_MISMATCH,
)


class Participant(Protocol):
    """Somebody in a room, as livekit-rtc and the sender tell of them. Numbers are LiveKit's."""

    @property
    def kind(self) -> int: ...
    @property
    def attributes(self) -> Mapping[str, str]: ...
    @property
    def disconnect_reason(self) -> int | None: ...


def has_hung_up(caller: Participant) -> bool:
    """Whether livekit-sip has ended this leg. The participant itself may linger: livekit-sip 1.8.0 says that it leaves
    and closes its connection in the same instant, the word gets lost in about every sixth call, and livekit-server then
    waits 20 s for the connection's time-out. This attribute, set just before, arrives."""
    return caller.attributes.get(_STATUS_ATTRIBUTE) == _HANGUP


def has_left(caller: Participant) -> bool:
    """Whether the media server said that this participant left, and why. When our own connection has to start again,
    livekit-rtc reports everybody as gone, without a reason, before it looks who is there."""
    return caller.disconnect_reason not in (None, rtc.DisconnectReason.UNKNOWN_REASON)


def was_lost(caller: Participant) -> bool:
    """Whether this participant's leg was answered and then ended by a broken connection. A leg that still rang was
    cancelled by its caller: livekit-sip's last words get lost."""
    return caller.attributes.get(_STATUS_ATTRIBUTE) == _ACTIVE and caller.disconnect_reason in _LOST


def is_answered(caller: Participant) -> bool:
    """Whether livekit-sip has sent 200 OK and media flows; who is not on a phone has answered by being here."""
    on_phone = caller.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP
    return not on_phone or caller.attributes.get(_STATUS_ATTRIBUTE) == _ACTIVE


async def hang_up(room: rtc.Room, caller_identity: str) -> None:
    """Let livekit-sip end the caller's leg, for when the desk, which ends calls otherwise, is away. Who is not on
    a phone stays."""
    try:
        await room.local_participant.perform_rpc(
            destination_identity=caller_identity,
            method=END_CALL,
            payload=END_CALL_PAYLOAD,
            response_timeout=HANG_UP_SECONDS,
        )
    except rtc.RpcError as error:
        logger.warning("the caller's leg cannot be ended without the desk", extra={"error": str(error)})
