"""Commands from the database to whoever is connected here. A command waits in the database until the replica that
holds its address has sent it, or its life is over. Nobody is sent to a call for an offer that is over or was taken, nor
over a line on which nothing is heard: it may be dead while another replica has a living one."""

from typing import Any

from callcenter.journey import effects
from callcenter.journey.verb import Journey
from callcenter.platform.desk.connections import Connections
from callcenter.platform.plumbing import failpoints
from callcenter.platform.plumbing.livekit_rooms import LiveKitRooms
from callcenter.platform.plumbing.tokens import JobTokens
from callcenter.platform.wire.base import Message
from callcenter.platform.wire.identities import attendant_identity
from callcenter.platform.wire.messages import DOWN, Take
from callcenter.stages.offers.model import OfferState


async def deliver_once(j: Journey, here: Connections, rooms: LiveKitRooms, tokens: JobTokens, livekit_url: str) -> int:
    """Send every undelivered command whose address is connected here; returns how many are done with."""
    addresses = here.addresses()
    if not addresses:
        return 0
    async with j.db.asking() as tx:
        waiting = await effects.commands_for(tx, addresses)
    done = []
    for row in waiting:
        take = "take" in row["payload"]
        if take and row["offer_state"] != OfferState.OFFERED:
            done.append(row["id"])
        elif take and here.is_quiet(row["address"]):
            continue
        elif await here.send(row["address"], _message(row["payload"], rooms, tokens, livekit_url)):
            done.append(row["id"])
    if done:
        failpoints.reached("command.told")
        async with j.db.transaction() as tx:
            await effects.delivered(tx, done)
        failpoints.reached("command.done")
    return len(done)


def _message(payload: dict[str, Any], rooms: LiveKitRooms, tokens: JobTokens, livekit_url: str) -> Message:
    """The command as recorded. Tokens are made at delivery: secrets are not stored."""
    if take := payload.get("take"):
        identity = take.get("identity") or attendant_identity(take["offer_id"])  # none: of before decision 22
        told = {name: value for name, value in take.items() if name in Take.model_fields}
        return Take(
            **told, token=rooms.room_token(take["room"], identity), livekit_url=livekit_url,
            desk_token=tokens.sign(take["call_id"], take["offer_id"]),
        )  # fmt: skip
    return DOWN.validate_python(payload["message"])
