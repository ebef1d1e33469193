"""Which addresses a profile may send callers' words to: whoever edits profiles must not reach into the network of the
workers (server-side request forgery; OWASP's cheat sheet on it). Pure: names are not looked up.

Public addresses over HTTP or HTTPS are allowed, private ones where the operator has named the host. An address that
machines ask for their own credentials (169.254.169.254 and the like) never is.
"""

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

SCHEMES = ("http", "https")
WITHIN = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "svc", "localdomain")
METADATA = ("metadata.google.internal", "metadata.goog", "metadata")
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address
EXAMPLE = "such as https://models.example.com/v1"


@dataclass(frozen=True)
class House:
    """What the operator has set: the hosts in private networks that profiles may name, and the address of the product's
    own models, the only one that its own key goes to."""

    private_hosts: frozenset[str]
    own_url: str


def expected_instead(base_url: str, private_hosts: Collection[str]) -> str | None:
    """What would be right in place of this base URL, or None where it may be used. Empty is the product's own."""
    if not base_url:
        return None
    try:
        parts = urlsplit(base_url)
        host, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return f"an address {EXAMPLE}"
    if parts.scheme not in SCHEMES or not host or any(c.isspace() or not c.isprintable() for c in base_url):
        return f"an address that begins with http:// or https://, {EXAMPLE}"
    if parts.username is not None or parts.password is not None:
        return "an address without a user or password in it: enter the key beside it"
    if parts.query or parts.fragment or "?" in base_url or "#" in base_url:
        return f"an address without ? and #, {EXAMPLE}"
    return _wrong_host(host, {name.lower() for name in private_hosts})


def _wrong_host(host: str, private_hosts: Collection[str]) -> str | None:
    address = _address(host)
    if host in METADATA or (address is not None and _never(address)):
        return "a model server: this address is never one"
    if host in private_hosts or (address is not None and str(address) in private_hosts):
        return None
    private = not address.is_global if address is not None else "." not in host or host.rsplit(".", 1)[1] in WITHIN
    if private or _looks_numeric(host, address):
        return f"a public address, or a host that CALLCENTER_PRIVATE_MODEL_HOSTS names ({host} is not among them)"
    return None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        within = IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None
        return within or address.ipv4_mapped or address.sixtofour or address
    return address


def _never(address: IPv4Address | IPv6Address) -> bool:
    aws_over_ipv6 = address == IPv6Address("fd00:ec2::254")
    return address.is_link_local or address.is_multicast or address.is_unspecified or aws_over_ipv6


def _looks_numeric(host: str, address: IPv4Address | IPv6Address | None) -> bool:
    """Spellings such as 2130706433, 0x7f.1 and 127.1, which resolvers take for addresses and `ip_address` does not."""
    last = host.rsplit(".", 1)[-1]
    return address is None and (last.isdigit() or last.startswith("0x"))
