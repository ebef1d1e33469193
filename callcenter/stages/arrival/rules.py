"""Reading a caller out of what LiveKit says of a participant: a telephone's leg, or somebody in a browser."""

from collections.abc import Mapping
from datetime import datetime

import sip
from callcenter.records.calls.store import Arrival
from callcenter.stages.arrival.browser import browser_arrival, is_browser
from sip.desired import CALLERS_ATTRIBUTE, PRIVACY_ATTRIBUTE
from sip.numbers import caller_number, dialled_number

ROOM_PREFIX = "call-"  # our dispatch rules make rooms under this name; other rooms on the server are none of ours
ACTIVE = "active"
HANGUP = "hangup"
CALLEE = "callee-"  # how the identity of somebody whom we call begins (stages/outbound/store.py)
SIP_CALL_ID = "sip.callIDFull"
HEADER = "sip.h."  # and the header's name in lower case, on trunks with `include_headers` (livekit-sip)
NUL = "\x00"  # no text in Postgres can hold it


def has_hung_up(attributes: Mapping[str, str]) -> bool:
    """Whether livekit-sip has ended this leg. Its participant may linger for 20 s, see inroom/media.py."""
    return attributes.get("sip.callStatus") == HANGUP


def is_answered(attributes: Mapping[str, str]) -> bool:
    """Whether livekit-sip has answered this leg (200 OK) and has not ended it."""
    return attributes.get("sip.callStatus") == ACTIVE


def is_callee(identity: str) -> bool:
    """Whether this is somebody whom we called."""
    return identity.startswith(CALLEE)


def is_ours(room: str) -> bool:
    """Whether our dispatch rules made this room; on a shared LiveKit others' rooms are none of our business."""
    return room.startswith(ROOM_PREFIX)


def arrival_of(room: str, identity: str, attributes: Mapping[str, str], now: datetime) -> Arrival | None:
    """The arrival this participant stands for, or None when it is no inbound caller's leg.

    Attribute names are livekit-sip's (`sip.callIDFull` is the SIP Call-ID, RFC 3261 section 8.1.1.4). Numbers are E.164
    where they can be; a caller who withholds theirs has the number "".
    """
    if is_browser(identity):
        return browser_arrival(room, identity, attributes)
    call_id = attributes.get("sip.callIDFull") or attributes.get("sip.callID", "")
    if not call_id or "sip.ruleID" not in attributes or not is_ours(room) or NUL in room + identity + call_id:
        return None
    attributes = {name: value.replace(NUL, "") for name, value in attributes.items()}
    written = attributes.get(CALLERS_ATTRIBUTE, "")
    return Arrival(
        room=room,
        caller_identity=identity,
        sip_call_id=call_id,
        from_number=caller_number(
            attributes.get("sip.phoneNumber", ""),
            host=attributes.get("sip.hostname", ""),
            privacy=attributes.get(PRIVACY_ATTRIBUTE, ""),
            written=written,
        ),
        to_number=dialled_number(attributes.get("sip.trunkPhoneNumber", ""), written=written),
        trunk=attributes.get(sip.TRUNK_ATTRIBUTE, attributes.get("sip.trunkID", "")),
        active_at=now if is_answered(attributes) else None,
        forged=sip.forged(attributes.get("sip.hostname", "")),
        headers={name.removeprefix(HEADER): value for name, value in attributes.items() if name.startswith(HEADER)},
    )
