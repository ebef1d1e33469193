"""Commands from the database to whoever is connected here. A command waits in the database until the replica that
holds its address has sent it, or its life is over."""

from typing import Any

from callcenter.journey import effects
from callcenter.journey.verb import Journey
from callcenter.platform.desk.connections import Connections
from callcenter.platform.plumbing import failpoints
from callcenter.platform.plumbing.livekit_rooms import LiveKitRooms
from callcenter.platform.plumbing.tokens import JobTokens
from callcenter.platform.wire.base import Message
from callcenter.platform.wire.dispatch import attendant_identity
from callcenter.platform.wire.messages import DOWN, Take


async def deliver_once(j: Journey, here: Connections, rooms: LiveKitRooms, tokens: JobTokens, livekit_url: str) -> int:
    """Send every undelivered command whose address is connected here; returns how many were sent."""
    addresses = here.addresses()
    if not addresses:
        return 0
    async with j.db.transaction() as tx:
        waiting = await effects.commands_for(tx, addresses)
    sent = [
        row["id"]
        for row in waiting
        if await here.send(row["address"], _message(row["payload"], rooms, tokens, livekit_url))
    ]
    if sent:
        failpoints.reached("command.told")
        async with j.db.transaction() as tx:
            await effects.delivered(tx, sent)
        failpoints.reached("command.done")
    return len(sent)


def _message(payload: dict[str, Any], rooms: LiveKitRooms, tokens: JobTokens, livekit_url: str) -> Message:
    """The command as recorded. Tokens are made at delivery: secrets are not stored."""
    if take := payload.get("take"):
        token = rooms.room_token(take["room"], attendant_identity(take["offer_id"]))
        desk_token = tokens.sign(take["call_id"], take["offer_id"])
        return Take(**take, token=token, livekit_url=livekit_url, desk_token=desk_token)
    return DOWN.validate_python(payload["message"])
