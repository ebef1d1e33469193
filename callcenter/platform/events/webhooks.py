"""LiveKit's webhooks: verified over the raw body, stale ones refused, each event acted on once."""

import logging
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from livekit import api

from callcenter.journey import arrived as arrival
from callcenter.journey import called_back, took_part, transferred
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.errors import Invalid, NotSignedIn
from callcenter.platform.plumbing.ids import is_id
from callcenter.platform.wire.settings import Settings
from callcenter.stages.arrival.browser import is_browser
from callcenter.stages.arrival.rules import arrival_of, has_hung_up, is_answered, is_ours
from callcenter.stages.escalation.rules import supervision_in

log = logging.getLogger(__name__)

STALE_SECONDS = 120  # LiveKit gives up after 30 s of retries (livekit/protocol, webhook/url_notifier.go)
MAX_BODY_BYTES = 256 * 1024
# An answered leg that ended like this was lost by livekit-sip or its network. One that still rang was cancelled by its
# caller: livekit-sip's last words get lost, and a leg whose media never connected then ends with SIGNAL_CLOSE at once
# (livekit-server v1.13.5, HandleSignalSourceClose in pkg/rtc/participant.go; docs/decisions/0007).
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
    if supervision_in(participant.identity) is not None:
        await _supervisor(j, event)
        return
    if participant.kind != api.ParticipantInfo.Kind.SIP and not is_browser(participant.identity):
        return
    caller = arrival_of(room, participant.identity, participant.attributes, datetime.now(UTC))
    if caller is None:
        await _called(j, event)
        return
    hung_up = has_hung_up(participant.attributes)
    gone = event.event in GONE or hung_up
    await arrival.arrived(j, caller, None if gone else event.id)
    if gone:
        by_fault = is_answered(participant.attributes) and participant.disconnect_reason in LOST
        at = _end_of_its_second(event)
        await arrival.caller_left(j, room, event.id, caller.caller_identity, at, by_fault=by_fault)


async def _supervisor(j: Journey, event: api.WebhookEvent) -> None:
    """A supervisor came into a call's room, or left it."""
    supervision_id = supervision_in(event.participant.identity)
    if supervision_id is None or not is_id(supervision_id):
        return
    if event.event not in GONE:
        await took_part.came(j, event.participant.identity)
    elif event.participant.disconnect_reason != api.DisconnectReason.DUPLICATE_IDENTITY:  # else they have come anew
        await took_part.out_of_sight(j, supervision_id)


async def _called(j: Journey, event: api.WebhookEvent) -> None:
    """Somebody whom we called into a call's room has left. While it rings, whoever dials hears of it and knows why."""
    participant, room = event.participant, event.room.name
    if event.event not in GONE and not has_hung_up(participant.attributes):
        return
    if await transferred.other_side_left(j, room, participant.identity):
        return
    by_fault = is_answered(participant.attributes) and participant.disconnect_reason in LOST
    await called_back.callee_left(j, room, participant.identity, _end_of_its_second(event), by_fault=by_fault)


def _end_of_its_second(event: api.WebhookEvent) -> datetime:
    """When this happened, at the latest: LiveKit tells whole seconds."""
    return datetime.fromtimestamp(event.created_at + 1, UTC)
