"""What LiveKit is to hold when an edge stands in front of it.

livekit-sip compares an address list with the source of the packet, and behind an edge that is the edge. So the edge
enforces the carriers' addresses, and LiveKit's trunks name the edge's address instead, those with a password too:
whoever finds livekit-sip's own port gets no further than with no trunk at all.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import replace

from sip.desired import Desired
from sip.errors import SipError

VARIABLE = "CALLCENTER_SIP_BEHIND_EDGE"


def addresses(text: str) -> tuple[str, ...]:
    """`10.0.0.5,10.0.0.6` as networks of one address each; empty for an empty text. Raises SipError."""
    found = []
    for word in filter(None, (word.strip() for word in text.split(","))):
        try:
            found.append(str(ipaddress.ip_network(word)))
        except ValueError:
            raise SipError(
                f"--behind-edge {word!r}: expected the edge's IP address towards livekit-sip, such as 10.0.0.5"
            ) from None
    return tuple(found)


def behind(wanted: Desired, edge: Sequence[str]) -> Desired:
    """The same trunks, admitting the edge alone; unchanged when there is no edge."""
    if not edge:
        return wanted
    return replace(wanted, trunks=tuple(replace(trunk, addresses=tuple(edge)) for trunk in wanted.trunks))
