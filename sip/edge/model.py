"""An edge as plain values: where it listens, what stands behind it, and how much anybody may send."""

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from sip.edge.admission import Admission
from sip.errors import SipError


@dataclass(frozen=True)
class Address:
    """An IP address with a port."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, option: str) -> "Address":
        """`10.0.0.5:5060`. Raises SipError naming the option."""
        host, _, port = text.rpartition(":")
        try:
            ipaddress.ip_address(host.strip("[]"))
            number = int(port)
        except ValueError:
            number = 0
        if not 1 <= number <= 65535:
            raise SipError(f"{option} {text!r}: expected an IP address and a port, such as 10.0.0.5:5060")
        return cls(host, number)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Limits:
    """How much anybody may send. Counts are per source address, within a window of `window_seconds`.

    A call is about four messages of its caller; 40 in two seconds are more than a telephone sends and less than the
    100 to 150 a second that scanners do. Sizes: a session description of a telephone has under 2 KB; a UDP message has
    65,535 bytes at most (RFC 3261, section 18.1.1), but none of use here over 16 KB.
    """

    window_seconds: int = 2
    stranger_messages: int = 40
    carrier_messages: int = 2000
    stranger_mistakes: int = 5
    guesses: int = 8
    guess_seconds: int = 60
    ban_seconds: int = 300
    retry_after_seconds: int = 10
    message_bytes: int = 16384
    body_bytes: int = 8192
    lines: int = 150
    line_bytes: int = 512
    media: int = 8


@dataclass(frozen=True)
class Edge:
    """One edge: where it listens for carriers and for the nodes, and the nodes behind it.

    `advertised` is what carriers know it by if not its own address; `state_url` answers `{"admit": false}` while the
    house is full, empty for never; `folder` is where Kamailio finds its files, under the name that it knows; `secret`
    seals the ways back into calls.
    """

    admission: Admission
    outside: Address
    inside: Address
    nodes: tuple[Address, ...]
    folder: Path
    secret: str = field(repr=False)
    advertised: str = ""
    state_url: str = ""
    workers: int = 2
    limits: Limits = Limits()
