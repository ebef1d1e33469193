"""LiveKit's messages and the plain values of this package, either way."""

from collections.abc import Mapping

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from livekit.protocol import sip as proto

from sip.desired import CarrierTrunk, OnTheWire, Outbound, Rule, Trunk, read_guard, read_marker
from sip.errors import SipError

_ENCRYPTION = {
    "disable": proto.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_DISABLE,
    "allow": proto.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_ALLOW,
    "require": proto.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_REQUIRE,
}
_TRANSPORT = {
    "auto": proto.SIPTransport.SIP_TRANSPORT_AUTO,
    "udp": proto.SIPTransport.SIP_TRANSPORT_UDP,
    "tcp": proto.SIPTransport.SIP_TRANSPORT_TCP,
    "tls": proto.SIPTransport.SIP_TRANSPORT_TLS,
}
_INCLUDE = {
    "none": proto.SIPHeaderOptions.SIP_NO_HEADERS,
    "x": proto.SIPHeaderOptions.SIP_X_HEADERS,
    "all": proto.SIPHeaderOptions.SIP_ALL_HEADERS,
}
_OF_THE_SERVER = {"sip_trunk_id", "sip_dispatch_rule_id", "created_at", "updated_at"}
_OF_BOTH = _OF_THE_SERVER | {
    "name", "metadata", "numbers", "auth_username", "auth_password", "headers", "headers_to_attributes",
    "attributes_to_headers", "include_headers", "media_encryption", "media",
}  # fmt: skip
_OF_A_TRUNK = _OF_BOTH | {"allowed_addresses", "auth_realm", "ringing_timeout", "max_call_duration"}
_OF_AN_OUTBOUND = _OF_BOTH | {"address", "destination_country", "transport", "from_host"}
_OF_MEDIA = {"media_timeout", "encryption", "codecs", "only_listed_codecs"}
_OF_A_RULE = _OF_THE_SERVER | {"name", "metadata", "rule", "attributes", "hide_phone_number", "trunk_ids"}


def from_trunk(trunk: Trunk) -> proto.SIPInboundTrunkInfo:
    """The trunk as LiveKit takes it. A catch-all has no number list there: its numbers go into the metadata."""
    if trunk.marker is None:
        raise SipError("only trunks of our own are written")
    return proto.SIPInboundTrunkInfo(
        name=trunk.name,
        metadata=trunk.marker.metadata(trunk.numbers if trunk.catch_all else ()),
        numbers=() if trunk.catch_all else trunk.numbers,
        allowed_addresses=trunk.addresses,
        auth_username=trunk.username,
        auth_password=trunk.password,
        auth_realm=trunk.realm,
        ringing_timeout=_duration(trunk.ringing_timeout_seconds),
        max_call_duration=_duration(trunk.max_call_seconds),
        media=_media(trunk),
        headers=dict(trunk.headers),
        headers_to_attributes=dict(trunk.headers_to_attributes),
        attributes_to_headers=dict(trunk.attributes_to_headers),
        include_headers=_INCLUDE[trunk.include_headers],
    )


def to_trunk(info: proto.SIPInboundTrunkInfo) -> Trunk:
    """The trunk as it is compared; fields that we never set are kept as text, so that they show up in a plan."""
    marker, entered = read_marker(info.metadata)
    other = _others(info, _OF_A_TRUNK) + _others(info.media, _OF_MEDIA, "media.")
    if marker and info.metadata != marker.metadata(() if info.numbers else entered):
        other += (("metadata", info.metadata),)
    return Trunk(
        name=info.name,
        marker=marker,
        numbers=tuple(info.numbers) or entered,
        catch_all=not info.numbers,
        addresses=tuple(info.allowed_addresses),
        username=info.auth_username,
        password=info.auth_password,
        realm=info.auth_realm,
        ringing_timeout_seconds=_seconds(info.ringing_timeout),
        max_call_seconds=_seconds(info.max_call_duration),
        other=other,
        **_on_the_wire(info),
    )


def from_outbound(trunk: Outbound) -> proto.SIPOutboundTrunkInfo:
    """The outbound trunk as LiveKit takes it; its guard goes into the metadata, for LiveKit has no such thing."""
    if trunk.marker is None:
        raise SipError("only trunks of our own are written")
    return proto.SIPOutboundTrunkInfo(
        name=trunk.name,
        metadata=trunk.marker.metadata(guard=trunk.guard),
        address=trunk.address,
        transport=_TRANSPORT[trunk.transport],
        numbers=trunk.numbers,
        auth_username=trunk.username,
        auth_password=trunk.password,
        from_host=trunk.from_host,
        destination_country=trunk.destination_country,
        media=_media(trunk),
        headers=dict(trunk.headers),
        headers_to_attributes=dict(trunk.headers_to_attributes),
        attributes_to_headers=dict(trunk.attributes_to_headers),
        include_headers=_INCLUDE[trunk.include_headers],
    )


def to_outbound(info: proto.SIPOutboundTrunkInfo) -> Outbound:
    """The outbound trunk as it is compared; fields that we never set are kept as text, as in `to_trunk`."""
    marker, _ = read_marker(info.metadata)
    guard = read_guard(info.metadata)
    other = _others(info, _OF_AN_OUTBOUND) + _others(info.media, _OF_MEDIA, "media.")
    if marker and info.metadata != marker.metadata(guard=guard):
        other += (("metadata", info.metadata),)
    return Outbound(
        name=info.name,
        marker=marker,
        address=info.address,
        transport=_word(_TRANSPORT, info.transport),
        numbers=tuple(info.numbers),
        username=info.auth_username,
        password=info.auth_password,
        guard=guard,
        from_host=info.from_host,
        destination_country=info.destination_country,
        other=other,
        **_on_the_wire(info),
    )


def from_rule(rule: Rule) -> proto.SIPDispatchRuleInfo:
    """The rule as LiveKit takes it. LiveKit puts an underscore, the caller's number and a random part after the prefix.

    Raises:
        SipError: the rule names no trunk; such a rule would admit calls that no trunk authenticated.
    """
    if rule.marker is None or not rule.trunk_ids:
        raise SipError("a dispatch rule must be ours and name its trunk")
    individual = proto.SIPDispatchRuleIndividual(room_prefix=rule.room_prefix)
    return proto.SIPDispatchRuleInfo(
        name=rule.name,
        metadata=rule.marker.metadata(),
        rule=proto.SIPDispatchRule(dispatch_rule_individual=individual),
        trunk_ids=rule.trunk_ids,
        attributes=dict(rule.attributes),
        hide_phone_number=rule.hide_phone_number,
    )


def to_rule(info: proto.SIPDispatchRuleInfo) -> Rule:
    """The rule as it is compared; fields that we never set are kept as text, so that they show up in a plan."""
    marker, _ = read_marker(info.metadata)
    other = _others(info, _OF_A_RULE)
    individual = info.rule.dispatch_rule_individual
    if info.rule.WhichOneof("rule") == "dispatch_rule_individual":
        other += _others(individual, {"room_prefix"}, "rule.")
    else:
        other += (("rule", _text(info.rule)),)
    if marker and info.metadata != marker.metadata():
        other += (("metadata", info.metadata),)
    return Rule(
        name=info.name,
        marker=marker,
        room_prefix=individual.room_prefix,
        attributes=tuple(sorted(info.attributes.items())),
        hide_phone_number=info.hide_phone_number,
        trunk_ids=tuple(info.trunk_ids),
        other=other,
    )


def _media(trunk: CarrierTrunk) -> proto.SIPMediaConfig:
    """Media as LiveKit takes it; no encryption is written as LiveKit's default, nothing."""
    media = proto.SIPMediaConfig(
        media_timeout=_duration(trunk.media_timeout_seconds),
        codecs=[proto.SIPCodec(name=name) for name in trunk.codecs],
        only_listed_codecs=bool(trunk.codecs),
    )
    if trunk.encryption != "disable":
        media.encryption = _ENCRYPTION[trunk.encryption]
    return media


def _on_the_wire(info: proto.SIPInboundTrunkInfo | proto.SIPOutboundTrunkInfo) -> OnTheWire:
    return OnTheWire(
        media_timeout_seconds=_seconds(info.media.media_timeout),
        encryption=_encryption(info),
        codecs=_codecs(info.media),
        headers=tuple(sorted(info.headers.items())),
        headers_to_attributes=tuple(sorted(info.headers_to_attributes.items())),
        attributes_to_headers=tuple(sorted(info.attributes_to_headers.items())),
        include_headers=_word(_INCLUDE, info.include_headers),
    )


def _encryption(info: proto.SIPInboundTrunkInfo | proto.SIPOutboundTrunkInfo) -> str:
    """The setting that counts: that of `media`, or the older one of the trunk (`UpgradeWith` in livekit/protocol)."""
    stored = info.media.encryption if info.media.HasField("encryption") else info.media_encryption
    return _word(_ENCRYPTION, stored)


def _codecs(media: proto.SIPMediaConfig) -> tuple[str, ...]:
    """The listed codecs, those that are only added to LiveKit's own marked with a plus."""
    mark = "" if media.only_listed_codecs else "+"
    return tuple(mark + codec.name + (f"/{codec.rate}" if codec.rate else "") for codec in media.codecs)


def _word(words: Mapping[str, int], stored: int) -> str:
    return next((word for word, value in words.items() if value == stored), str(stored))


def _others(message: Message, known: set[str], prefix: str = "") -> tuple[tuple[str, str], ...]:
    return tuple(
        (prefix + descriptor.name, _text(value))
        for descriptor, value in message.ListFields()
        if descriptor.name not in known and value and _text(value)
    )


def _text(value: object) -> str:
    return " ".join(str(value).split())


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromNanoseconds(round(seconds * 1e9))
    return duration


def _seconds(duration: Duration) -> float:
    return duration.ToNanoseconds() / 1e9
