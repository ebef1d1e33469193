"""The kinds of values in a trunk file: each takes what is written and says what would be right."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, SecretStr, StringConstraints, ValidationInfo

from sip.numbers import known_region, normalise

_PREFIX = re.compile(r"^\+[1-9]\d{0,14}$")
_REFERENCE = re.compile(r"^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$")
_HOST = re.compile(
    r"^(?=.{1,253}(:|$))[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"
)
_HEADER = re.compile(r"^[A-Za-z0-9.!%*_+`'~-]{1,255}$")
_OURS = {"callcenter.trunk", "callcenter.callers"}
_OF_THE_DIALOG = {
    "accept", "allow", "authorization", "call-id", "contact", "content-length", "content-type", "cseq", "from",
    "max-forwards", "proxy-authorization", "record-route", "require", "route", "supported", "to", "via",
}  # fmt: skip


def _number(value: object, info: ValidationInfo) -> str:
    """A number in E.164; the trunk's `country`, which stands before its numbers, tells where one without belongs."""
    if not isinstance(value, str):
        raise ValueError("expected a number in E.164 (ITU-T), + and 7 to 15 digits, such as +15550100")
    return normalise(value, info.data.get("country"))


def _prefix(value: object) -> str:
    compact = re.sub(r"[\s().-]", "", value) if isinstance(value, str) else ""
    if not _PREFIX.match(compact):
        raise ValueError("expected the beginning of an E.164 number, + and 1 to 15 digits, such as +49 or +4930")
    return compact


def _network(value: object) -> str:
    """A source address in the form LiveKit compares with: a network with its length.

    Host names are refused: livekit-sip does not resolve them but compares them with the host in the caller's From
    header, which the caller writes (`matchAddrMasks` in livekit/protocol's `sip/sip.go`).
    """
    if not isinstance(value, str):
        raise ValueError("expected an address or a network, such as 203.0.113.7 or 203.0.113.0/24")
    try:
        interface = ipaddress.ip_interface(value)
    except ValueError:
        raise ValueError(
            "expected an IP address or network, such as 203.0.113.0/24; a host name would be compared with what the "
            "caller writes into From, which is no authentication"
        ) from None
    if "/" in value and interface.ip != interface.network.network_address:
        raise ValueError(f"has bits after the network's length; expected {interface.network}")
    return str(interface.network)


def _host(value: object) -> str:
    """A host as LiveKit takes it for INVITEs: no `sip:`, no user, no parameters (`validateHostnameFormat` in
    livekit/protocol's `livekit/sip.go`)."""
    text = value if isinstance(value, str) else ""
    if "${" in text or "<" in text:
        raise ValueError("expected the host that the carrier shows you in place of the placeholder")
    is_uri = text.lower().startswith(("sip:", "sips:"))
    host, colon, port = text.rpartition(":") if text.count(":") == 1 and not is_uri else (text, "", "")
    if colon and not (port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError("expected a port from 1 to 65535 behind the colon")
    if not _HOST.match(host):
        raise ValueError(
            "expected a host name or IPv4 address, with a port if it is not the usual one, such as sip.example.com or "
            "sip.example.com:5080; neither sip: nor a user or transport= belongs here"
        )
    return text


def _resolved(value: object, info: ValidationInfo) -> str:
    reference = _REFERENCE.match(value) if isinstance(value, str) else None
    if reference is None:
        raise ValueError(
            "expected a reference to an environment variable, such as ${TRUNK_PASSWORD}: no secret in files"
        )
    environ: Mapping[str, str] = (info.context or {}).get("environ", {})
    secret = environ.get(reference[1], "")
    if not secret:
        raise ValueError(f"the environment variable {reference[1]} is not set or empty")
    return secret


def _password(value: object, info: ValidationInfo) -> str:
    try:
        return _resolved(value, info)
    except ValueError as error:
        if "not set" not in str(error):
            raise
        raise ValueError(f"{error}; without a password livekit-sip would ask for none, or answer none") from None


def _header_value(value: object, info: ValidationInfo) -> str:
    if isinstance(value, str) and _REFERENCE.match(value):
        return _resolved(value, info)
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or len(value) > 1024:
        raise ValueError("expected at most 1024 printable ASCII characters, or ${NAME} of an environment variable")
    return value


def _header(value: object) -> str:
    if not isinstance(value, str) or not _HEADER.match(value):
        raise ValueError("expected the name of a SIP header (RFC 3261, section 25.1), such as X-Account")
    return value


def _own_header(value: object) -> str:
    header = _header(value)
    if header.lower() in _OF_THE_DIALOG:
        raise ValueError("is a header that livekit-sip writes itself; expected one of your own, such as X-Account")
    return header


def _attribute(value: object) -> str:
    if not isinstance(value, str) or not re.match(r"^[A-Za-z0-9._-]{1,100}$", value):
        raise ValueError("expected the name of a participant attribute, such as callcenter.account")
    if value in _OURS:
        raise ValueError("is set by the trunk itself; a header must not overwrite it, for the caller writes headers")
    if value.startswith("sip.") and not value.startswith("sip.h."):
        raise ValueError("begins with sip., which livekit-sip keeps for its own; expected such as callcenter.account")
    return value


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Country = Annotated[str, BeforeValidator(known_region)]
Number = Annotated[str, BeforeValidator(_number)]
Prefix = Annotated[str, BeforeValidator(_prefix)]
Network = Annotated[str, BeforeValidator(_network)]
Host = Annotated[str, BeforeValidator(_host)]
Password = Annotated[SecretStr, BeforeValidator(_password)]
Header = Annotated[str, BeforeValidator(_header)]
OwnHeader = Annotated[str, BeforeValidator(_own_header)]
HeaderValue = Annotated[SecretStr, BeforeValidator(_header_value)]
Attribute = Annotated[str, BeforeValidator(_attribute)]
