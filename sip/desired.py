"""Trunks and dispatch rules as plain values: what the files ask for, and the form in which LiveKit's are compared."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from pydantic import ValidationError

from sip.config import Guard, InboundTrunk, OutboundTrunk, TrunkFile

TRUNK_ATTRIBUTE = "callcenter.trunk"
"""The participant attribute of every SIP caller that names the trunk the call came in on."""

CALLERS_ATTRIBUTE = "callcenter.callers"
"""The participant attribute that says how the trunk's carrier writes numbers, unless with their plus: `written` of
`sip.numbers.caller_number`."""

PRIVACY_ATTRIBUTE = "callcenter.privacy"
"""The participant attribute with the Privacy header (RFC 3323), on trunks that map it; the presets do."""

Pairs = tuple[tuple[str, str], ...]

CATCH_ALL = "any other number"

_NUMBER = re.compile(r"^\+?[\d\- ()]+$")


def normalised(number: str) -> str:
    """A number as LiveKit compares it: without spaces, hyphens and brackets, with a plus in front.

    Follows `NormalizeNumber` in livekit/protocol's `livekit/sip.go`.
    """
    if not _NUMBER.match(number):
        return number
    digits = re.sub(r"[\- ()]", "", number)
    return digits if digits.startswith("+") else f"+{digits}"


@dataclass(frozen=True)
class Marker:
    """Says in the metadata of a trunk or rule whose it is and which trunk of the files it stands for."""

    owner: str
    trunk: str

    def metadata(self, numbers: Iterable[str] = (), guard: Guard | None = None) -> str:
        """The metadata text. A catch-all's own numbers are kept here, for LiveKit's list must be empty then, and an
        outbound trunk's guard, for whoever dials reads it there."""
        content: dict[str, object] = {"managed_by": "callcenter-sip", "owner": self.owner, "trunk": self.trunk}
        if listed := list(numbers):
            content["numbers"] = listed
        if guard:
            content["guard"] = guard.model_dump(mode="json")
        return json.dumps(content)


def read_marker(metadata: str) -> tuple[Marker | None, tuple[str, ...]]:
    """The marker and the numbers in `metadata`, or (None, ()) if it is not ours."""
    try:
        content = json.loads(metadata)
    except ValueError:
        return None, ()
    if not isinstance(content, dict) or content.get("managed_by") != "callcenter-sip":
        return None, ()
    owner, trunk, numbers = content.get("owner"), content.get("trunk"), content.get("numbers", [])
    if not isinstance(owner, str) or not isinstance(trunk, str) or not isinstance(numbers, list):
        return None, ()
    return Marker(owner, trunk), tuple(str(number) for number in numbers)


def read_guard(metadata: str) -> Guard | None:
    """The guard in an outbound trunk's metadata; None if there is none, or none that can be read: then nothing may be
    dialled over that trunk."""
    try:
        content = json.loads(metadata)
        if not isinstance(content, dict) or content.get("managed_by") != "callcenter-sip":
            return None
        return Guard.model_validate(content.get("guard"))
    except (ValueError, ValidationError):
        return None


class OnTheWire(TypedDict):
    """Settings of media and headers, which trunks of both directions have."""

    media_timeout_seconds: float
    encryption: str
    codecs: tuple[str, ...]
    headers: Pairs
    headers_to_attributes: Pairs
    attributes_to_headers: Pairs
    include_headers: str


@dataclass(frozen=True, kw_only=True)
class CarrierTrunk:
    """A trunk of either direction. `marker` is None for a trunk that is not ours; `other` holds fields we never set;
    `origins` tells which fields a preset filled in."""

    name: str
    marker: Marker | None
    numbers: tuple[str, ...]
    username: str
    password: str = field(repr=False)
    media_timeout_seconds: float = 0
    encryption: str = "disable"
    codecs: tuple[str, ...] = ()
    headers: Pairs = field(default=(), repr=False)
    headers_to_attributes: Pairs = ()
    attributes_to_headers: Pairs = ()
    include_headers: str = "none"
    other: Pairs = ()
    origins: Pairs = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Trunk(CarrierTrunk):
    """An inbound trunk."""

    catch_all: bool
    addresses: tuple[str, ...]
    realm: str = ""
    ringing_timeout_seconds: float = 0
    max_call_seconds: float = 0

    @property
    def authenticated(self) -> bool:
        """Whether an INVITE must prove where it comes from. livekit-sip asks for no digest if either half is empty."""
        digest = bool(self.username and self.password)
        return digest or (bool(self.addresses) and not any(address.endswith("/0") for address in self.addresses))

    @property
    def claims(self) -> frozenset[str]:
        """What LiveKit lets one trunk only have: each number of its list, or being the one without a list."""
        return frozenset([CATCH_ALL]) if self.catch_all else frozenset(map(normalised, self.numbers))

    @property
    def entered(self) -> frozenset[str]:
        """The numbers it is meant for, a catch-all's included."""
        return frozenset(map(normalised, self.numbers))


@dataclass(frozen=True, kw_only=True)
class Outbound(CarrierTrunk):
    """An outbound trunk. `by_address`: the carrier admits us by our address, which LiveKit does not hold."""

    address: str
    transport: str
    guard: Guard | None = None
    by_address: bool = field(default=False, compare=False)
    from_host: str = ""
    destination_country: str = ""

    @property
    def authenticated(self) -> bool:
        """Whether the carrier can know that a call is ours."""
        return self.by_address or bool(self.username and self.password)


@dataclass(frozen=True)
class Rule:
    """A dispatch rule that gives each call a room of its own. `trunk_ids` is empty while the trunk has no id yet."""

    name: str
    marker: Marker | None
    room_prefix: str
    attributes: Pairs
    hide_phone_number: bool = False
    trunk_ids: tuple[str, ...] = ()
    other: Pairs = ()


@dataclass(frozen=True)
class Desired:
    """Everything the files ask for; `owners` are those whose other trunks in LiveKit are to go."""

    owners: frozenset[str]
    trunks: tuple[Trunk, ...]
    rules: tuple[Rule, ...]
    outbound: tuple[Outbound, ...] = ()

    def owns(self, marker: Marker | None) -> bool:
        """Whether what carries this marker is of these files' owners."""
        return marker is not None and marker.owner in self.owners


def desired(files: Iterable[TrunkFile]) -> Desired:
    """What LiveKit should hold for these files: each trunk, and for each inbound one a rule that takes its calls."""
    owners: set[str] = set()
    trunks: list[Trunk] = []
    rules: list[Rule] = []
    outbound: list[Outbound] = []
    for file in files:
        owners.add(file.owner)
        for name, config in file.inbound.items():
            marker = Marker(file.owner, name)
            trunks.append(_trunk(marker, config))
            prefix = config.room_prefix or f"call-{name}"
            rules.append(Rule(name, marker, prefix, _attributes(name, config)))
        for name, going_out in file.outbound.items():
            outbound.append(_outbound(Marker(file.owner, name), going_out))
    return Desired(frozenset(owners), tuple(trunks), tuple(rules), tuple(outbound))


def _attributes(name: str, config: InboundTrunk) -> Pairs:
    written = {"e164": "", "without_plus": "without-plus", "national": config.country or ""}[config.caller_numbers]
    callers = ((CALLERS_ATTRIBUTE, written),) if written else ()
    return (*callers, (TRUNK_ATTRIBUTE, name))


def _trunk(marker: Marker, config: InboundTrunk) -> Trunk:
    digest = config.authentication.digest
    return Trunk(
        name=marker.trunk,
        marker=marker,
        numbers=config.numbers,
        catch_all=config.catch_all,
        addresses=config.authentication.addresses,
        username=digest.username if digest else "",
        password=digest.password.get_secret_value() if digest else "",
        realm=digest.realm if digest else "",
        ringing_timeout_seconds=config.ringing_timeout_seconds,
        max_call_seconds=config.max_call_seconds,
        origins=_origins(config),
        **_on_the_wire(config),
    )


def _outbound(marker: Marker, config: OutboundTrunk) -> Outbound:
    digest = config.authentication.digest
    return Outbound(
        name=marker.trunk,
        marker=marker,
        address=config.address,
        transport=config.transport,
        numbers=config.numbers,
        username=digest.username if digest else "",
        password=digest.password.get_secret_value() if digest else "",
        guard=config.guard,
        by_address=config.authentication.by_address,
        from_host=config.from_host or "",
        destination_country=config.destination_country or "",
        origins=_origins(config),
        **_on_the_wire(config),
    )


def _on_the_wire(config: InboundTrunk | OutboundTrunk) -> OnTheWire:
    revealed = {name: value.get_secret_value() for name, value in config.headers.items()}
    return OnTheWire(
        media_timeout_seconds=config.media_timeout_seconds,
        encryption=config.encryption,
        codecs=config.codecs,
        headers=_sorted(revealed),
        headers_to_attributes=_sorted(config.headers_to_attributes),
        attributes_to_headers=_sorted(config.attributes_to_headers),
        include_headers=config.include_headers,
    )


def _sorted(mapping: Mapping[str, str]) -> Pairs:
    return tuple(sorted(mapping.items()))


def _origins(config: InboundTrunk | OutboundTrunk) -> Pairs:
    return _sorted({path.rsplit(".", 1)[-1]: origin for path, origin in config.origins.items()})
