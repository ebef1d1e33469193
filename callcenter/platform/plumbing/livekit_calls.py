"""Calls out over LiveKit's SIP API: the one place in the product that makes livekit-sip send an INVITE. Only the
dialler of `stages/outbound` uses it, after the guard."""

import math
from dataclasses import dataclass

import aiohttp
from google.protobuf.duration_pb2 import Duration
from livekit import api
from livekit.protocol import sip as proto

from callcenter.platform.plumbing.errors import Conflict, FieldError, NotFound
from callcenter.platform.plumbing.livekit_rooms import LiveKitRooms
from callcenter.platform.wire.settings import Settings
from sip import Guard, read_guard
from sip.desired import read_marker

SIP_CALL_ID = "sip.callIDFull"
MAX_RING_SECONDS = 75  # livekit-server gives a dialling request up after 80 s (v1.13.5, pkg/service/sip.go)
_REQUEST_TIMEOUT = 408


@dataclass(frozen=True)
class OutboundTrunk:
    """An outbound trunk in LiveKit, by its name in the trunk file; `guard` is None where none can be read. `numbers`
    are those that it shows to whoever is called."""

    id: str
    name: str
    guard: Guard | None
    numbers: tuple[str, ...] = ()


class DialFailed(Exception):
    """The call was not answered. `status` is the callee's or the carrier's SIP status; 408 stands for no answer at all,
    None for a LiveKit that did not do it. `uncertain`: its word was lost, and a call may be under way."""

    def __init__(self, status: int | None, reason: str, *, uncertain: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.uncertain = uncertain


class LiveKitCalls:
    """Outbound trunks, and calls over them."""

    def __init__(self, settings: Settings, rooms: LiveKitRooms) -> None:
        self._rooms = rooms
        self._api = api.LiveKitAPI(
            settings.livekit_http_url, settings.livekit_api_key, settings.livekit_api_secret.get_secret_value()
        )

    async def trunk(self, name: str) -> OutboundTrunk:
        """The outbound trunk that `python -m sip apply` made under this name.

        Raises NotFound with the names there are, Conflict where two owners use it, ConnectionError.
        """
        ours = await self.outbound()
        found = [trunk for trunk in ours if trunk.name == name]
        if not found:
            names = ", ".join(sorted({trunk.name for trunk in ours})) or "none yet: see `python -m sip apply`"
            raise NotFound(
                "There is no such outbound trunk.", (FieldError("trunk", name, f"one of those in LiveKit ({names})"),)
            )
        if len(found) > 1:
            raise Conflict(
                "Two outbound trunks have this name.",
                (FieldError("trunk", name, "one owner's; delete or rename the other"),),
            )
        return found[0]

    async def trunks(self) -> frozenset[str]:
        """The names of all outbound trunks that `python -m sip apply` made. Raises ConnectionError."""
        return frozenset(trunk.name for trunk in await self.outbound())

    async def outbound(self) -> list[OutboundTrunk]:
        """All outbound trunks that `python -m sip apply` made. Raises ConnectionError."""
        try:
            listed = await self._api.sip.list_outbound_trunk(proto.ListSIPOutboundTrunkRequest())
        except (api.ServerError, aiohttp.ClientError, TimeoutError) as error:
            raise ConnectionError(f"LiveKit does not tell its trunks: {type(error).__name__}") from error
        return [
            OutboundTrunk(info.sip_trunk_id, marker.trunk, read_guard(info.metadata), tuple(info.numbers))
            for info in listed.items
            if (marker := read_marker(info.metadata)[0]) is not None
        ]

    async def dial(
        self, trunk: OutboundTrunk, number: str, room: str, identity: str, ring_seconds: float, talk_seconds: float
    ) -> str:
        """Call the number into this room and wait until it is answered; returns the SIP Call-ID (LiveKit's own id of
        the call where that is not known). `talk_seconds` limits the answered call from livekit-sip 1.9 on only.

        Raises DialFailed.
        """
        ring = min(MAX_RING_SECONDS, math.ceil(ring_seconds))
        request = proto.CreateSIPParticipantRequest(
            sip_trunk_id=trunk.id, sip_call_to=number, room_name=room, participant_identity=identity,
            hide_phone_number=True, wait_until_answered=True, ringing_timeout=Duration(seconds=ring),
            max_call_duration=Duration(seconds=math.ceil(talk_seconds)),
        )  # fmt: skip
        try:
            made = await self._api.sip.create_sip_participant(request)
        except api.ServerError as error:
            raise _failure(error) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = f"LiveKit does not answer: {type(error).__name__}"
            raise DialFailed(None, reason, uncertain=True) from error
        return await self._sip_call_id(room, identity) or str(made.sip_call_id)

    async def _sip_call_id(self, room: str, identity: str) -> str:
        try:
            present = await self._rooms.participants(room)
        except (api.ServerError, aiohttp.ClientError, TimeoutError):
            return ""
        return next((p.attributes.get(SIP_CALL_ID, "") for p in present if p.identity == identity), "")

    async def delete(self, room: str) -> None:
        """End the call: livekit-sip sends BYE, or CANCEL while it rings."""
        await self._rooms.delete(room)

    async def remove(self, room: str, identity: str) -> None:
        """End this leg alone: as `delete`, but the room goes on."""
        await self._rooms.remove(room, identity)

    async def close(self) -> None:
        await self._api.aclose()


def _failure(error: api.ServerError) -> DialFailed:
    """livekit-sip tells the SIP status where one came; a call that nobody answered, or whose carrier never said a word,
    comes as a plain `canceled` (experiments with livekit-sip 1.8.0)."""
    if isinstance(error, api.SipCallError) and error.sip_status_code is not None:
        return DialFailed(error.sip_status_code, error.sip_status or error.message)
    if error.code == api.ServerErrorCode.CANCELED:
        return DialFailed(_REQUEST_TIMEOUT, "Request Timeout")
    late = error.code == api.ServerErrorCode.DEADLINE_EXCEEDED
    return DialFailed(None, f"{error.code}: {error.message}", uncertain=late)
