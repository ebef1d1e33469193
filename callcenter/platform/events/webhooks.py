"""LiveKit's webhooks: verified over the raw body, stale ones refused, each event acted on once."""

import logging
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from livekit import api

from callcenter.journey import arrived as arrival
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.errors import Invalid, NotSignedIn
from callcenter.platform.wire.settings import Settings
from callcenter.stages.arrival.rules import arrival_of, has_hung_up, is_ours

log = logging.getLogger(__name__)

STALE_SECONDS = 120  # LiveKit gives up after 30 s of retries (livekit/protocol, webhook/url_notifier.go)
MAX_BODY_BYTES = 256 * 1024
# livekit-sip hangs up properly before it leaves, whatever the caller's phone does: a connection that ended otherwise is
# livekit-sip's own death, or its network's.
LOST = (api.DisconnectReason.CONNECTION_TIMEOUT, api.DisconnectReason.SIGNAL_CLOSE, api.DisconnectReason.STATE_MISMATCH)
GONE = ("participant_left", "participant_connection_aborted")


def router(j: Journey, settings: Settings) -> APIRouter:
    """`POST /livekit/webhook`, signed by LiveKit with the API key."""
    receiver = api.WebhookReceiver(
        api.TokenVerifier(settings.livekit_api_key, settings.livekit_api_secret.get_secret_value())
    )
    routes = APIRouter()

    @routes.post("/livekit/webhook", include_in_schema=False)
    async def webhook(request: Request) -> Response:
        body = await _body(request)
        try:
            event = receiver.receive(body, request.headers.get("Authorization", ""))
        except Exception as error:
            raise NotSignedIn("The webhook's signature is not LiveKit's.") from error
        age = datetime.now(UTC).timestamp() - event.created_at
        if not event.id or abs(age) > STALE_SECONDS:
            raise NotSignedIn("The webhook is stale or has no id.")
        await handle(j, event)
        return Response(status_code=200)

    return routes


async def _body(request: Request) -> str:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise Invalid(f"The body is larger than {MAX_BODY_BYTES} bytes.")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Invalid("The body is not UTF-8.") from error


async def handle(j: Journey, event: api.WebhookEvent) -> None:
    """Any event that names a caller opens the call; its leaving, and the room's end, end it. Safe to repeat."""
    room = event.room.name
    if not is_ours(room):
        return
    if event.event == "room_finished":
        await arrival.caller_left(j, room, event.id)
        return
    participant = event.participant
    if participant.kind != api.ParticipantInfo.Kind.SIP:
        return
    caller = arrival_of(room, participant.identity, participant.attributes, datetime.now(UTC))
    if caller is None:
        return
    hung_up = has_hung_up(participant.attributes)
    gone = event.event in GONE or hung_up
    await arrival.arrived(j, caller, None if gone else event.id)
    if gone:
        by_fault = not hung_up and participant.disconnect_reason in LOST
        at = _end_of_its_second(event)
        await arrival.caller_left(j, room, event.id, caller.caller_identity, at, by_fault=by_fault)


def _end_of_its_second(event: api.WebhookEvent) -> datetime:
    """When this happened, at the latest: LiveKit tells whole seconds."""
    return datetime.fromtimestamp(event.created_at + 1, UTC)
