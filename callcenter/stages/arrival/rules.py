"""Reading a caller out of what LiveKit says of a SIP participant."""

from collections.abc import Mapping
from datetime import datetime

import sip
from callcenter.records.calls.store import Arrival

ROOM_PREFIX = "call-"  # our dispatch rules make rooms under this name; other rooms on the server are none of ours
ACTIVE = "active"


def arrival_of(room: str, identity: str, attributes: Mapping[str, str], now: datetime) -> Arrival | None:
    """The arrival this participant stands for, or None when it is no inbound caller's leg.

    Attribute names are livekit-sip's (`sip.callIDFull` is the SIP Call-ID, RFC 3261 section 8.1.1.4).
    """
    call_id = attributes.get("sip.callIDFull") or attributes.get("sip.callID", "")
    if not call_id or "sip.ruleID" not in attributes:
        return None
    return Arrival(
        room=room,
        caller_identity=identity,
        sip_call_id=call_id,
        from_number=attributes.get("sip.phoneNumber", ""),
        to_number=attributes.get("sip.trunkPhoneNumber", ""),
        trunk=attributes.get(sip.TRUNK_ATTRIBUTE, attributes.get("sip.trunkID", "")),
        active_at=now if attributes.get("sip.callStatus") == ACTIVE else None,
        forged=sip.forged(attributes.get("sip.hostname", "")),
    )
