"""LiveKit's server API, as far as the journey and the reconciler need it."""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial

import aiohttp
import jwt
from livekit import api
from livekit.api.access_token import Claims
from livekit.protocol.room import PerformRpcRequest, PerformRpcResponse

from callcenter.platform.wire.settings import Settings

TIMEOUT_SECONDS = 5
ANSWER_MS = 800
DEPARTURE_SECONDS = 5
STRUCK_SECONDS = 0.5
KNOWS_NOT = "not supported"
OFFERED_SECONDS = 120
# What the token of an agent or attendant says but for who, where and how long, made once: api.AccessToken copies all of
# its claims again for each token, which was half of what it costs to tell a worker of an offer.
# livekit-server lets a participant publish its first track at once only when it joins with some right to publish;
# without, the SDK waits 200 ms more. The right to a camera nobody uses is such a right.
_OFFERED = Claims(
    kind="agent",
    video=api.VideoGrants(
        room_join=True, can_publish=True, can_publish_sources=["camera"], can_subscribe=True, can_publish_data=True,
        can_update_own_metadata=True,
    ),
).asdict()  # fmt: skip


class Presence(StrEnum):
    """How the media server knows a participant."""

    HERE = "here"
    GONE = "gone"  # it left
    LOST = "lost"  # the server that held it has died: it is still listed, and nobody answers for it


@dataclass(frozen=True)
class Participant:
    identity: str
    is_caller: bool
    attributes: dict[str, str]


@dataclass(frozen=True)
class Room:
    name: str
    age_seconds: float
    participants: int


@dataclass(frozen=True)
class Rights:
    """What a supervisor may do in a room: unseen and only listening, or with a microphone; `to_caller`: heard by the
    caller, too."""

    hidden: bool
    speaks: bool
    to_caller: bool


class LiveKitRooms:
    """Every call is idempotent: what is gone already counts as done. Network and server errors are raised."""

    def __init__(self, settings: Settings) -> None:
        self._key = settings.livekit_api_key
        self._secret = settings.livekit_api_secret.get_secret_value()
        self._api = api.LiveKitAPI(
            settings.livekit_http_url, self._key, self._secret, timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        )

    async def grant(self, room: str, identity: str) -> None:
        """Let this participant publish. LiveKit replaces the whole permission set."""
        await self._api.room.update_participant(
            api.UpdateParticipantRequest(
                room=room,
                identity=identity,
                permission=api.ParticipantPermission(
                    can_publish=True, can_subscribe=True, can_publish_data=True, can_update_metadata=True, agent=True
                ),
            )
        )

    async def remove(self, room: str, identity: str) -> None:
        """Silence this participant, then put it out of the room (decision 4)."""
        revoke = api.UpdateParticipantRequest(
            room=room, identity=identity, permission=api.ParticipantPermission(can_subscribe=True)
        )
        await _gone_is_done(self._api.room.update_participant(revoke))
        await _gone_is_done(
            self._api.room.remove_participant(api.RoomParticipantIdentity(room=room, identity=identity))
        )

    async def supervise(self, room: str, identity: str, caller_identity: str, rights: Rights) -> None:
        """Bring a supervisor who is in the room to these rights, and their sound to the caller's leg or away from it.
        The publisher's own permissions decide who may hear; asking for the subscription as well makes a change of them
        heard after 130 ms instead of up to 2.9 s (experiments, E5)."""
        microphone = [api.TrackSource.MICROPHONE] if rights.speaks else []
        permission = api.ParticipantPermission(
            can_publish=rights.speaks, can_publish_sources=microphone, can_subscribe=True, hidden=rights.hidden
        )
        try:
            changed = await self._api.room.update_participant(
                api.UpdateParticipantRequest(room=room, identity=identity, permission=permission)
            )
            tracks = [track.sid for track in changed.tracks] if rights.speaks else []
            if tracks:
                await self._api.room.update_subscriptions(
                    api.UpdateSubscriptionsRequest(
                        room=room, identity=caller_identity, track_sids=tracks, subscribe=rights.to_caller
                    )
                )
        except api.TwirpError as error:
            if error.code != api.TwirpErrorCode.NOT_FOUND:
                raise

    async def presence(self, room: str, identity: str) -> Presence:
        """Ask the server that holds this participant, by a change of nothing. Raises while no server can be asked.

        For one who is leaving right now nobody answers any more, as if the server had died, but such a one is struck
        from the list meanwhile (livekit-server v1.13.5, `AddOnClose` in pkg/service/roommanager.go)."""
        try:
            await self._api.room.update_participant(api.UpdateParticipantRequest(room=room, identity=identity))
        except api.TwirpError as error:
            if error.code == api.TwirpErrorCode.NOT_FOUND and await self._is_listed(room, identity):
                # Either it is being struck from the list just now, or its server has died and somebody made the room
                # anew on a living one, which knows nothing of it.
                await asyncio.sleep(STRUCK_SECONDS)
            return Presence.LOST if await self._is_listed(room, identity) else Presence.GONE
        except aiohttp.ClientError as error:
            raise ConnectionError("LiveKit does not answer") from error
        return Presence.HERE

    async def _is_listed(self, room: str, identity: str) -> bool:
        try:
            await self._api.room.get_participant(api.RoomParticipantIdentity(room=room, identity=identity))
        except api.TwirpError as error:
            return error.code != api.TwirpErrorCode.NOT_FOUND
        except aiohttp.ClientError as error:
            raise ConnectionError("LiveKit does not answer") from error
        return True

    async def answers(self, room: str, identity: str) -> bool:
        """Whether this participant's own process answers: it is asked for something that it does not know, and says so.
        LiveKit's Python client has no method for this call of its API yet. Raises while no server can be asked."""
        ask = PerformRpcRequest(
            room=room, destination_identity=identity, method="are-you-there", response_timeout_ms=ANSWER_MS
        )
        service = self._api.room
        grant = service._auth_header(api.VideoGrants(room_admin=True, room=room))
        try:
            async with asyncio.timeout(2 * ANSWER_MS / 1000):
                await service._client.request("RoomService", "PerformRpc", ask, grant, PerformRpcResponse)
        except TimeoutError:
            return False
        except api.TwirpError as error:
            return KNOWS_NOT in error.message
        except aiohttp.ClientError as error:
            raise ConnectionError("LiveKit does not answer") from error
        return True

    async def delete(self, room: str) -> None:
        """End the room; livekit-sip then sends BYE (or 486 before the answer) to the caller."""
        delete = partial(self._api.room.delete_room, api.DeleteRoomRequest(room=room))
        try:
            await _gone_is_done(delete())
        except api.TwirpError:
            # The room's server has died, and who asks is sent to the dead one for ever. A room that is made again goes
            # to a living one, where it can be deleted (livekit-server v1.13.5, SelectRoomNode and DeleteRoom).
            await self._api.room.create_room(api.CreateRoomRequest(name=room))
            await _gone_is_done(delete())

    async def rooms(self) -> list[Room]:
        listed = await self._api.room.list_rooms(api.ListRoomsRequest())
        now = time.time()
        return [Room(r.name, now - r.creation_time, r.num_participants) for r in listed.rooms]

    async def participants(self, room: str) -> list[Participant]:
        listed = await self._api.room.list_participants(api.ListParticipantsRequest(room=room))
        return [
            Participant(p.identity, p.kind == api.ParticipantInfo.Kind.SIP, dict(p.attributes))
            for p in listed.participants
        ]

    def room_token(self, room: str, identity: str) -> str:
        """A token for an agent or attendant: this room only, hears nothing until it asks, speaks only once granted
        (decision 4)."""
        now = int(time.time())
        claims = {
            **_OFFERED, "video": {**_OFFERED["video"], "room": room}, "sub": identity, "iss": self._key, "nbf": now,
            "exp": now + OFFERED_SECONDS,
        }  # fmt: skip
        return jwt.encode(claims, self._secret, algorithm="HS256")

    def supervisor_token(self, room: str, identity: str, name: str, rights: Rights) -> str:
        """A token for one supervisor: this room only, to be used within a minute, with no right but those given."""
        grants = api.VideoGrants(
            room_join=True, room=room, hidden=rights.hidden, can_publish=rights.speaks, can_publish_data=False,
            can_publish_sources=["microphone"] if rights.speaks else [], can_subscribe=True,
            can_update_own_metadata=False,
        )  # fmt: skip
        token = api.AccessToken(self._key, self._secret).with_identity(identity).with_name(name)
        return token.with_grants(grants).with_ttl(timedelta(minutes=1)).to_jwt()

    async def open(self, room: str, empty_seconds: int) -> None:
        """Make a room; it goes by itself when nobody has come for so long."""
        await self._api.room.create_room(
            api.CreateRoomRequest(name=room, empty_timeout=empty_seconds, departure_timeout=DEPARTURE_SECONDS)
        )

    def browser_token(
        self, room: str, identity: str, attributes: Mapping[str, str], join_seconds: int, *, keys: bool
    ) -> str:
        """A token for a caller in a browser: this room only, their microphone only, nothing of themselves to change,
        and so long to join. `keys`: they may press keys, which are data."""
        grants = api.VideoGrants(
            room_join=True, room=room, can_publish=True, can_publish_sources=["microphone"], can_subscribe=True,
            can_publish_data=keys, can_update_own_metadata=False,
        )  # fmt: skip
        token = api.AccessToken(self._key, self._secret).with_identity(identity).with_attributes(dict(attributes))
        return token.with_grants(grants).with_ttl(timedelta(seconds=join_seconds)).to_jwt()

    async def close(self) -> None:
        await self._api.aclose()


async def _gone_is_done(call: Awaitable[object]) -> None:
    try:
        await call
    except api.TwirpError as error:
        if error.code != api.TwirpErrorCode.NOT_FOUND:
            raise
