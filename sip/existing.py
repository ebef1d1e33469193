"""What LiveKit holds now: the seam to its SIP API, and the adapter that speaks it."""

from collections.abc import Awaitable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, TypeVar

import aiohttp
from google.protobuf.message import Message
from livekit import api
from livekit.api.sip_service import SipService
from livekit.protocol import sip as proto

from sip.desired import Outbound, Rule, Trunk
from sip.errors import ChangedMeanwhileError, LiveKitUnreachableError, SipError
from sip.messages import from_outbound, from_rule, from_trunk, to_outbound, to_rule, to_trunk

T = TypeVar("T")

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
class StoredOutbound:
    """An outbound trunk in LiveKit and the id LiveKit gave it."""

    id: str
    trunk: Outbound


@dataclass(frozen=True)
class Existing:
    """Every trunk and dispatch rule in LiveKit, ours or not."""

    trunks: tuple[StoredTrunk, ...]
    rules: tuple[StoredRule, ...]
    outbound: tuple[StoredOutbound, ...] = ()


class SipServer(Protocol):
    """LiveKit's SIP API as far as trunks need it.

    Every method raises LiveKitUnreachableError if nothing answers, and ChangedMeanwhileError if the server finds the
    change in conflict with what it holds.
    """

    async def existing(self) -> Existing:
        """All trunks and dispatch rules, in the order of their ids."""

    async def put_trunk(self, trunk: Trunk, id: str | None) -> str:
        """Create the inbound trunk (`id` None) or replace it whole; returns its id."""

    async def put_outbound(self, trunk: Outbound, id: str | None) -> str:
        """Create the outbound trunk (`id` None) or replace it whole; returns its id."""

    async def put_rule(self, rule: Rule, id: str | None) -> str:
        """Create the dispatch rule (`id` None) or replace it whole; returns its id."""

    async def delete_trunk(self, id: str) -> None:
        """Delete a trunk of either direction; one that is gone already is no error."""

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
        outbound = await self._ask(self._sip.list_outbound_trunk(proto.ListSIPOutboundTrunkRequest()))
        return Existing(
            tuple(StoredTrunk(one.sip_trunk_id, to_trunk(one)) for one in sorted(trunks.items, key=_trunk_id)),
            tuple(StoredRule(one.sip_dispatch_rule_id, to_rule(one)) for one in sorted(rules.items, key=_rule_id)),
            tuple(StoredOutbound(one.sip_trunk_id, to_outbound(one)) for one in sorted(outbound.items, key=_trunk_id)),
        )

    async def put_trunk(self, trunk: Trunk, id: str | None) -> str:
        info = from_trunk(trunk)
        if id is None:
            request = proto.CreateSIPInboundTrunkRequest(trunk=info)
            stored = await self._ask(self._sip.create_inbound_trunk(request))
        else:
            stored = await self._ask(self._sip.update_inbound_trunk(id, info))
        return str(stored.sip_trunk_id)

    async def put_outbound(self, trunk: Outbound, id: str | None) -> str:
        info = from_outbound(trunk)
        if id is None:
            request = proto.CreateSIPOutboundTrunkRequest(trunk=info)
            stored = await self._ask(self._sip.create_outbound_trunk(request))
        else:
            stored = await self._ask(self._sip.update_outbound_trunk(id, info))
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


def _trunk_id(info: proto.SIPInboundTrunkInfo | proto.SIPOutboundTrunkInfo) -> str:
    return info.sip_trunk_id


def _rule_id(info: proto.SIPDispatchRuleInfo) -> str:
    return info.sip_dispatch_rule_id
