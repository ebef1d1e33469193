"""What LiveKit holds now: the seam to its SIP API, and the adapter that speaks it."""

from collections.abc import Awaitable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, TypeVar

import aiohttp
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from livekit import api
from livekit.api.sip_service import SipService
from livekit.protocol import sip as proto

from sip.desired import Rule, Trunk, read_marker
from sip.errors import ChangedMeanwhileError, LiveKitUnreachableError, SipError

T = TypeVar("T")

_OF_THE_SERVER = {"sip_trunk_id", "sip_dispatch_rule_id", "created_at", "updated_at"}
_OF_A_TRUNK = _OF_THE_SERVER | {
    "name",
    "metadata",
    "numbers",
    "allowed_addresses",
    "auth_username",
    "auth_password",
    "auth_realm",
    "ringing_timeout",
    "max_call_duration",
    "media",
}
_OF_A_RULE = _OF_THE_SERVER | {"name", "metadata", "rule", "attributes", "hide_phone_number", "trunk_ids"}
_STALE = {api.ServerErrorCode.INVALID_ARGUMENT, api.ServerErrorCode.NOT_FOUND, api.ServerErrorCode.FAILED_PRECONDITION}


@dataclass(frozen=True)
class StoredTrunk:
    """An inbound trunk in LiveKit and the id LiveKit gave it."""

    id: str
    trunk: Trunk


@dataclass(frozen=True)
class StoredRule:
    """A dispatch rule in LiveKit and the id LiveKit gave it."""

    id: str
    rule: Rule


@dataclass(frozen=True)
class Existing:
    """Every inbound trunk and dispatch rule in LiveKit, ours or not."""

    trunks: tuple[StoredTrunk, ...]
    rules: tuple[StoredRule, ...]


class SipServer(Protocol):
    """LiveKit's SIP API as far as trunks need it.

    Every method raises LiveKitUnreachableError if nothing answers, and ChangedMeanwhileError if the server finds the
    change in conflict with what it holds.
    """

    async def existing(self) -> Existing:
        """All inbound trunks and dispatch rules, in the order of their ids."""

    async def put_trunk(self, trunk: Trunk, id: str | None) -> str:
        """Create the trunk (`id` None) or replace it whole; returns its id."""

    async def put_rule(self, rule: Rule, id: str | None) -> str:
        """Create the dispatch rule (`id` None) or replace it whole; returns its id."""

    async def delete_trunk(self, id: str) -> None:
        """Delete a trunk; one that is gone already is no error."""

    async def delete_rule(self, id: str) -> None:
        """Delete a dispatch rule; one that is gone already is no error."""


class LiveKitSip:
    """The SIP API of a LiveKit server, used as `async with LiveKitSip(url, key, secret) as server`."""

    def __init__(self, url: str, api_key: str, api_secret: str) -> None:
        """`url` may be a ws, wss, http or https address."""
        self._url, self._key, self._secret = url, api_key, api_secret
        self._api: api.LiveKitAPI | None = None

    async def __aenter__(self) -> Self:
        self._api = api.LiveKitAPI(self._url, self._key, self._secret)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._api:
            await self._api.aclose()

    @property
    def _sip(self) -> SipService:
        if self._api is None:
            raise SipError("LiveKitSip is used outside its `async with`")
        return self._api.sip

    async def _ask(self, request: Awaitable[T]) -> T:
        try:
            return await request
        except api.ServerError as error:
            if error.code in _STALE:
                raise ChangedMeanwhileError(f"LiveKit refused: {error.message}") from error
            raise LiveKitUnreachableError(
                f"{self._url} answered {error.status} {error.message or error.code}"
            ) from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise LiveKitUnreachableError(f"{self._url} does not answer: {error or type(error).__name__}") from error

    async def existing(self) -> Existing:
        trunks = await self._ask(self._sip.list_inbound_trunk(proto.ListSIPInboundTrunkRequest()))
        rules = await self._ask(self._sip.list_dispatch_rule(proto.ListSIPDispatchRuleRequest()))
        return Existing(
            tuple(
                sorted((StoredTrunk(info.sip_trunk_id, to_trunk(info)) for info in trunks.items), key=lambda s: s.id)
            ),
            tuple(
                sorted(
                    (StoredRule(info.sip_dispatch_rule_id, to_rule(info)) for info in rules.items), key=lambda s: s.id
                )
            ),
        )

    async def put_trunk(self, trunk: Trunk, id: str | None) -> str:
        info = from_trunk(trunk)
        if id is None:
            request = proto.CreateSIPInboundTrunkRequest(trunk=info)
            stored = await self._ask(self._sip.create_inbound_trunk(request))
        else:
            stored = await self._ask(self._sip.update_inbound_trunk(id, info))
        return str(stored.sip_trunk_id)

    async def put_rule(self, rule: Rule, id: str | None) -> str:
        info = from_rule(rule)
        if id is None:
            request = proto.CreateSIPDispatchRuleRequest(dispatch_rule=info)
            stored = await self._ask(self._sip.create_dispatch_rule(request))
        else:
            stored = await self._ask(self._sip.update_dispatch_rule(id, info))
        return str(stored.sip_dispatch_rule_id)

    async def delete_trunk(self, id: str) -> None:
        await self._delete(self._sip.delete_trunk(proto.DeleteSIPTrunkRequest(sip_trunk_id=id)))

    async def delete_rule(self, id: str) -> None:
        await self._delete(self._sip.delete_dispatch_rule(proto.DeleteSIPDispatchRuleRequest(sip_dispatch_rule_id=id)))

    async def _delete(self, request: Awaitable[Message]) -> None:
        try:
            await self._ask(request)
        except ChangedMeanwhileError as error:
            cause = error.__cause__
            if not (isinstance(cause, api.ServerError) and cause.code == api.ServerErrorCode.NOT_FOUND):
                raise


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
        media=proto.SIPMediaConfig(media_timeout=_duration(trunk.media_timeout_seconds)),
    )


def to_trunk(info: proto.SIPInboundTrunkInfo) -> Trunk:
    """The trunk as it is compared; fields that we never set are kept as text, so that they show up in a plan."""
    marker, entered = read_marker(info.metadata)
    other = _others(info, _OF_A_TRUNK) + _others(info.media, {"media_timeout"}, "media.")
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
        media_timeout_seconds=_seconds(info.media.media_timeout),
        other=other,
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
